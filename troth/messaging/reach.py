"""By which consent and which address a channel reaches a person."""

from dataclasses import dataclass

from troth.customers.models import ConsentChannel

from . import channels


@dataclass(frozen=True, slots=True)
class Reach:
    """consent: the `ConsentChannel` that speaks of it; address_kind: the `IdentityKind` it goes to, empty if none."""

    consent: str
    address_kind: str


_ANYWHERE = Reach(ConsentChannel.ANY.value, "")


def reach_of(code: str) -> Reach:
    """Return how a channel reaches people; of one that is gone, as one that needs no address."""
    if not channels.is_known(code):
        return _ANYWHERE
    channel = channels.get(code)
    return Reach(channel.consent, channel.identity)
