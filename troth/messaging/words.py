"""What gates said, in sentences of the active language; screens and the API show the same."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from troth.customers.models import ConsentPurpose

from . import channel_choice as choice
from . import channels, deciding, gates, pausing, reach, settling, timing
from .intents import Result, Verdict
from .models import SuppressionReason

Moment = Callable[[datetime], str]
Words = Callable[[Verdict, Moment], str]

GATE_LABELS = {
    deciding.PERSON: gettext_lazy("The person"),
    choice.TEXT: gettext_lazy("Text and channel"),
    choice.CONSENT: gettext_lazy("Consent"),
    choice.ADDRESS: gettext_lazy("Address"),
    choice.SUPPRESSION: gettext_lazy("Blocked addresses"),
    deciding.AGE: gettext_lazy("Age"),
    deciding.REPEAT: gettext_lazy("Repetition"),
    timing.HOURS: gettext_lazy("Quiet hours"),
    timing.CAPS: gettext_lazy("Frequency caps"),
    timing.RELEVANCE: gettext_lazy("Still of use"),
    pausing.PAUSE: gettext_lazy("Pause of all sending"),
    settling.CALLED_BACK: gettext_lazy("Called back"),
}


def gate_labels() -> dict[str, str]:
    """Return the label of every gate by code: the built-in ones, then the registered ones."""
    return {code: str(label) for code, label in GATE_LABELS.items()} | {
        gate.code: str(gate.label) for gate in gates.registered()
    }


def gate_label(code: str) -> str:
    """Return a gate's label, its bare code if its module is gone."""
    return gate_labels().get(code, code)


def channel_label(code: str) -> str:
    """Return a channel's label, its bare code if it is gone."""
    return str(channels.get(code).label) if channels.is_known(code) else code


def purpose_label(code: str) -> str:
    """Return what a message is for."""
    return str(ConsentPurpose(code).label) if code in ConsentPurpose.values else code


def sentence(verdict: Verdict, moment: Moment) -> str:
    """Return what a gate said as a sentence.

    Args:
        moment: writes a moment for the reader.
    """
    found = _WORDS.get(verdict.gate)
    return found(verdict, moment) if found else _registered(verdict, moment)


def _registered(verdict: Verdict, moment: Moment) -> str:
    gate = next((gate for gate in gates.registered() if gate.code == verdict.gate), None)
    if gate is not None and gate.explain is not None:
        return gate.explain(verdict)
    told = ", ".join(f"{name}: {value}" for name, value in verdict.values.items())
    if verdict.result is Result.PASS:
        return _("Nothing stands against it.")
    if verdict.not_before is not None:
        at = {"at": moment(verdict.not_before), "facts": told}
        return _("It waits until %(at)s. %(facts)s") % at
    return _("It was kept back. %(facts)s") % {"facts": told}


def _person(verdict: Verdict, _moment: Moment) -> str:
    if verdict.result is Result.PASS:
        return _("The customer's record is in use.")
    return _("The customer's personal data were erased: there is nobody to write to.")


_TEXT_FAULTS = {
    reach.UNKNOWN: gettext_lazy("there is no such channel"),
    reach.NOT_SET_UP: gettext_lazy("not set up"),
    reach.NO_TEXT: gettext_lazy("the template has no text for it"),
}


def _text(verdict: Verdict, _moment: Moment) -> str:
    if fault := verdict.values.get("template"):
        return _("There is no such template.") if fault == reach.UNKNOWN else _("The template is not published yet.")
    faults = {code: _TEXT_FAULTS.get(one, one) for code, one in verdict.values.get("channels", {}).items()}
    if faults:
        return _("Channels that it cannot take: %(channels)s.") % {"channels": _by_channel(faults)}
    if verdict.result is Result.STOP:
        return _("No channel is set up that it could take.")
    return _("There is a text for the channel.")


_CONSENTS = {
    choice.GIVEN: gettext_lazy("given"),
    choice.REFUSED: gettext_lazy("refused or withdrawn"),
    choice.MISSING: gettext_lazy("never asked or not given"),
    choice.NOT_NEEDED: gettext_lazy("not needed, and not withdrawn"),
}


def _consent(verdict: Verdict, _moment: Moment) -> str:
    said = {code: _CONSENTS.get(code, code) for code in verdict.values.get("channels", {}).values()}
    by_channel = _by_channel({code: said[one] for code, one in verdict.values.get("channels", {}).items()})
    return _("Consent by channel: %(channels)s.") % {"channels": by_channel}


def _address(verdict: Verdict, _moment: Moment) -> str:
    without = ", ".join(channel_label(code) for code in verdict.values.get("channels", {}))
    if verdict.result is Result.STOP:
        return _("The customer has no address for: %(channels)s.") % {"channels": without}
    if without:
        return _("There is an address, but none for: %(channels)s.") % {"channels": without}
    return _("There is an address for the channel, or it needs none.")


def _suppression(verdict: Verdict, _moment: Moment) -> str:
    reasons = {
        code: SuppressionReason(reason).label if reason in SuppressionReason.values else reason
        for code, reason in verdict.values.get("channels", {}).items()
    }
    if not reasons:
        return _("The address is not blocked.")
    return _("Blocked addresses: %(channels)s.") % {"channels": _by_channel(reasons)}


def _by_channel(said: Mapping[str, Any]) -> str:
    parts = [str(format_lazy("{} – {}", channel_label(code), one)) for code, one in said.items()]
    return "; ".join(parts)


def _age(verdict: Verdict, _moment: Moment) -> str:
    minimum = {"minimum": verdict.values.get("minimum", "")}
    if verdict.result is Result.STOP:
        return _("The person is younger than %(minimum)s; only service messages go out.") % minimum
    return _("No age stands against it.")


def _repeat(verdict: Verdict, _moment: Moment) -> str:
    if verdict.result is Result.PASS:
        return _("Nothing of the same content went to this person lately.")
    hours = int(verdict.values.get("hours", 0))
    text = ngettext(
        "The same content goes, or went within %(hours)s hour, to this person in another message.",
        "The same content goes, or went within %(hours)s hours, to this person in another message.",
        hours,
    )
    return text % {"hours": hours}


def _hours(verdict: Verdict, moment: Moment) -> str:
    zone = {"zone": verdict.values.get("zone", "")}
    if verdict.result is Result.STOP:
        return _("The rules of sending leave no hour for it in %(zone)s.") % zone
    if verdict.not_before is not None:
        at = zone | {"at": moment(verdict.not_before)}
        return _("Quiet where the person is (%(zone)s): not before %(at)s.") % at
    if zone["zone"]:
        return _("Nobody is disturbed at this hour (%(zone)s).") % zone
    return _("Such messages may go out at any hour.")


def _caps(verdict: Verdict, moment: Moment) -> str:
    if verdict.result is Result.PASS:
        return _("There is room under every cap.")
    days, most = int(verdict.values.get("days", 1)), verdict.values.get("most", "")
    figures = {"days": days, "most": most, "count": verdict.values.get("count", "")}
    text = ngettext(
        "At most %(most)s message on %(days)s day; %(count)s count already.",
        "At most %(most)s messages in %(days)s days; %(count)s count already.",
        days,
    )
    full = text % figures
    if verdict.not_before is None:
        return full
    return f"{full} " + _("There is room from %(at)s on.") % {"at": moment(verdict.not_before)}


def _relevance(verdict: Verdict, moment: Moment) -> str:
    until = {"until": moment(datetime.fromisoformat(verdict.values["until"]))} if "until" in verdict.values else {}
    if verdict.result is Result.STOP:
        return _("It would come too late: it is of use until %(until)s.") % until
    return _("It is of use until %(until)s.") % until


def _pause(_verdict: Verdict, _moment: Moment) -> str:
    return _("It was waiting when a person released sending after a pause, and chose to keep back what waited.")


def _called_back(_verdict: Verdict, _moment: Moment) -> str:
    return _("What it came from was stopped while it was still waiting.")


_WORDS: dict[str, Words] = {
    deciding.PERSON: _person,
    choice.TEXT: _text,
    choice.CONSENT: _consent,
    choice.ADDRESS: _address,
    choice.SUPPRESSION: _suppression,
    deciding.AGE: _age,
    deciding.REPEAT: _repeat,
    timing.HOURS: _hours,
    timing.CAPS: _caps,
    timing.RELEVANCE: _relevance,
    pausing.PAUSE: _pause,
    settling.CALLED_BACK: _called_back,
}
