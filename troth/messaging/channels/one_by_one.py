"""What channels have in common that ask a provider once for each message."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from .http import NotAnsweredError
from .protocol import Handover, HandoverState, Health, Outgoing, Setting, Text
from .setups import values_of

_DOWN = {(HandoverState.RETRY, "no_connection"), (HandoverState.UNKNOWN, "timeout")}


class OneByOne:
    """Hands each message over by itself, so that one that is refused touches no other.

    A provider that cannot be reached, or does not answer in time, is not asked again for the rest of the batch: nothing
    of that has left, and fifty messages of half a minute each would hold up their worker longer than its lease.
    """

    code = ""
    label: Text = ""
    consent = "any"
    identity = ""
    body = "text"
    is_outward = True
    settings: tuple[Setting, ...] = ()

    def deliver(self, batch: Sequence[Outgoing]) -> list[Handover]:
        """Hand them over in their order."""
        values = values_of(self.code)
        done: list[Handover] = []
        is_down = False
        for one in batch:
            if is_down:
                done.append(Handover(one.contact_id, HandoverState.RETRY, reason="no_connection"))
                continue
            done.append(self._tried(one, values))
            is_down = (done[-1].state, done[-1].reason) in _DOWN
        return done

    def _tried(self, one: Outgoing, values: Mapping[str, Any]) -> Handover:
        try:
            return self.hand_over(one, values)
        except NotAnsweredError as error:
            return Handover(one.contact_id, error.state, reason=error.reason)

    def hand_over(self, one: Outgoing, values: Mapping[str, Any]) -> Handover:
        """Hand one message over. Raises NotAnsweredError where the provider does not answer."""
        raise NotImplementedError

    def check(self) -> Health:
        """Ask the provider something that sends nothing."""
        return self.ask_health(values_of(self.code))

    def ask_health(self, values: Mapping[str, Any]) -> Health:
        """Tell whether the provider takes the settings."""
        raise NotImplementedError


def health(ask: Callable[[], tuple[bool, str]]) -> Health:
    """Return the health that a question to the provider shows."""
    try:
        is_healthy, text = ask()
    except NotAnsweredError as error:
        return Health(False, _("The provider does not answer (%(reason)s).") % {"reason": error.reason})
    return Health(is_healthy, text)
