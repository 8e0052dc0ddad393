"""Which channels a message could take at all, and by which consent and address each reaches a person."""

from collections.abc import Iterable
from dataclasses import dataclass

from troth.customers.models import ConsentChannel

from . import channels
from .models import ChannelSetup
from .templates.document import choose, parsed
from .templates.reading import published

SINK = "sink"
UNKNOWN, UNPUBLISHED, NOT_SET_UP, NO_TEXT = "unknown", "unpublished", "not_set_up", "no_text"


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


class Ways:
    """Tells for a batch which channels are set up, and which of them each template has a text for."""

    def __init__(self, templates: Iterable[str], *, fallback: str, is_demo: bool) -> None:
        """Read what is set up and published, in three queries.

        Args:
            fallback: the company's language.
            is_demo: of a company that is made up nothing leaves the house unless a channel was set up on purpose.
        """
        self._fallback = fallback
        self._enabled = set(ChannelSetup.objects.filter(is_enabled=True).values_list("code", flat=True))
        outward = [one.code for one in channels.all_channels() if one.is_outward and one.code in self._enabled]
        self.usual: tuple[str, ...] = tuple(outward) or ((SINK,) if is_demo else ())
        self._published = published(templates)
        self._documents = {code: parsed(row.document) for code, row in self._published.items() if row is not None}
        self._faults: dict[tuple[str, str, str], str] = {}

    def template_fault(self, template: str) -> str:
        """Return why a template cannot be sent at all, "" if it can."""
        if template not in self._published:
            return UNKNOWN
        return "" if self._published[template] is not None else UNPUBLISHED

    def fault(self, template: str, channel: str, language: str) -> str:
        """Return why a channel cannot take a template, "" if it can."""
        key = (template, channel, language)
        if key not in self._faults:
            self._faults[key] = self._fault(*key)
        return self._faults[key]

    def _fault(self, template: str, code: str, language: str) -> str:
        if not channels.is_known(code):
            return UNKNOWN
        channel = channels.get(code)
        if channel.is_outward and code not in self._enabled:
            return NOT_SET_UP
        document = self._documents.get(template)
        if document is None or choose(document, channel.body, language, self._fallback) is None:
            return NO_TEXT
        return ""
