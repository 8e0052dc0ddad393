"""Which channels there are."""

from collections.abc import Iterable

from .protocol import Channel

_channels: dict[str, Channel] = {}


def register(channel: Channel) -> None:
    """Add a channel, at start-up; registering the same one again changes nothing.

    Raises:
        ValueError: another channel has the code.
    """
    if _channels.setdefault(channel.code, channel) is not channel:
        raise ValueError(f"a channel {channel.code!r} is registered already")


def get(code: str) -> Channel:
    """Return the channel of a code.

    Raises:
        LookupError: there is none.
    """
    if code not in _channels:
        raise LookupError(f"there is no channel {code!r}; there are: {', '.join(sorted(_channels))}")
    return _channels[code]


def is_known(code: str) -> bool:
    """Tell whether there is a channel of this code."""
    return code in _channels


def all_channels() -> Iterable[Channel]:
    """Return every channel, in the order in which they were registered."""
    return tuple(_channels.values())
