"""Which channel a contact takes: the first in order of preference that consent, address and suppression allow."""

from collections.abc import Mapping, Sequence

from troth.customers.models import ConsentChannel
from troth.customers.queries import StandingConsent

from .intents import Candidate, Result, Verdict
from .policies import Terms
from .reach import Ways, reach_of
from .suppressions import suppressed

TEXT, CONSENT, ADDRESS, SUPPRESSION = "text", "consent", "address", "suppression"

ANY = ConsentChannel.ANY.value
GIVEN, REFUSED, MISSING, NOT_NEEDED = "given", "refused", "missing", "not_needed"


def choose(candidates: Sequence[Candidate], ways: Ways, terms: Terms) -> list[list[Verdict]]:
    """Set channel and address of each candidate, empty where none will do, and return what the four gates said.

    A gate that is left no channel by the one before says nothing.
    """
    blocked = suppressed(
        {
            (kind, address)
            for one in candidates
            for kind in {reach_of(code).address_kind for code in one.channels}
            if (address := one.addresses.get(kind))
        }
    )
    return [_choose(one, ways, terms, blocked) for one in candidates]


def _choose(one: Candidate, ways: Ways, terms: Terms, blocked: Mapping[tuple[str, str], str]) -> list[Verdict]:
    one.channel = one.address = ""
    text, written = _text(one, ways)
    if not written:
        return [text]
    consents = {code: _consent(one, reach_of(code).consent, terms) for code in written}
    allowed = [code for code, (said, _act) in consents.items() if said in (GIVEN, NOT_NEEDED)]
    acts = {code: act for code, (_said, act) in consents.items() if act}
    verdicts = [text, _verdict(CONSENT, allowed, {code: said for code, (said, _act) in consents.items()}, acts)]
    if not allowed:
        return verdicts
    reachable = [code for code in allowed if _address(one, code) is not None]
    verdicts.append(_verdict(ADDRESS, reachable, {code: MISSING for code in allowed if code not in reachable}))
    if not reachable:
        return verdicts
    reasons = {
        code: reason
        for code in reachable
        if (reason := blocked.get((reach_of(code).address_kind, _address(one, code) or "")))
    }
    open_ones = [code for code in reachable if code not in reasons]
    verdicts.append(_verdict(SUPPRESSION, open_ones, reasons))
    if open_ones:
        one.channel, one.address = open_ones[0], _address(one, open_ones[0]) or ""
    return verdicts


def _text(one: Candidate, ways: Ways) -> tuple[Verdict, list[str]]:
    """Return whether there is a text for a channel that is set up, and for which."""
    template = one.intent.template
    if fault := ways.template_fault(template):
        return Verdict(TEXT, Result.STOP, {"template": fault}), []
    faults = {code: fault for code in one.channels if (fault := ways.fault(template, code, one.language))}
    written = [code for code in one.channels if code not in faults]
    return _verdict(TEXT, written, faults), written


def _verdict(gate: str, left: Sequence[str], said: Mapping[str, str], acts: Mapping[str, str] | None = None) -> Verdict:
    values: dict[str, Mapping[str, str]] = {"channels": said} if said else {}
    if acts:
        values["acts"] = acts
    return Verdict(gate, Result.PASS if left else Result.STOP, values)


def _address(one: Candidate, code: str) -> str | None:
    """Return where the channel would reach the person: empty if it needs no address, None if there is none."""
    kind = reach_of(code).address_kind
    return one.addresses.get(kind) if kind else ""


def _consent(one: Candidate, channel: str, terms: Terms) -> tuple[str, str]:
    """Return what holds for the message's purpose on a channel, and the id of the act that decided it.

    An act about the channel goes before one about any channel, unless it gave what the later general one took back.
    """
    purpose = one.intent.purpose
    own, general = one.consents.get((purpose, channel)), one.consents.get((purpose, ANY))
    act = _deciding(own, general)
    if act is not None:
        return (GIVEN if act.is_given else REFUSED), str(act.act_id)
    return (MISSING if purpose in terms.consent_needed else NOT_NEEDED), ""


def _deciding(own: StandingConsent | None, general: StandingConsent | None) -> StandingConsent | None:
    if own is None or general is None:
        return own or general
    is_taken_back = own.is_given and not general.is_given and general.occurred_at >= own.occurred_at
    return general if is_taken_back else own
