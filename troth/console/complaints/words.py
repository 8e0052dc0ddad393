"""What cases, clocks and acts are called on screens."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from troth.console.components import Tone
from troth.voice.complaints.queries import UNPROVEN, Reading
from troth.voice.models import Case, CaseEntry, CaseState, Channel, ClockKind, ClockState, EntryKind, Severity, Word

SEVERITY_TONES: dict[str, Tone] = {
    Severity.LOW: "neutral",
    Severity.MEDIUM: "info",
    Severity.HIGH: "warn",
    Severity.CRITICAL: "bad",
}
STATE_TONES: dict[str, Tone] = {
    CaseState.NEW: "brand",
    CaseState.WORKING: "info",
    CaseState.WAITING: "neutral",
    CaseState.RESOLVED: "good",
    CaseState.CLOSED: "neutral",
    CaseState.MERGED: "neutral",
    CaseState.REJECTED: "neutral",
}
WORD_TONES: dict[str, Tone] = {Word.SATISFIED: "good", Word.DISSATISFIED: "bad"}
CHANNEL_ICONS = {
    Channel.FORM: "world",
    Channel.EMAIL: "mail",
    Channel.PHONE: "phone",
    Channel.TILL: "building-store",
    Channel.SOCIAL: "message-circle",
    Channel.SURVEY: "clipboard-list",
    Channel.OTHER: "message",
}
_ACTS = {
    "opened": gettext_lazy("Complaint came in"),
    "acknowledgement": gettext_lazy("Acknowledgement"),
    "acknowledged": gettext_lazy("The customer knows that we have it"),
    "assigned": gettext_lazy("Assigned"),
    "assessed": gettext_lazy("Assessed"),
    "message": gettext_lazy("Message to the customer"),
    "waiting": gettext_lazy("Waits for the customer; the clocks stand still"),
    "went_on": gettext_lazy("Goes on; the clocks run"),
    "said": gettext_lazy("The customer wrote or said"),
    "decision": gettext_lazy("Decision, with the question whether it was good"),
    "resolved": gettext_lazy("Decided"),
    "word": gettext_lazy("The customer's word"),
    "cause_set": gettext_lazy("Root cause named"),
    "closed": gettext_lazy("Case closed"),
    "reopened": gettext_lazy("Taken up again"),
    "rejected": gettext_lazy("Put away: no complaint"),
    "merged": gettext_lazy("Merged into another case"),
    "took_in": gettext_lazy("Took in another case"),
    "customer_named": gettext_lazy("The customer was named"),
    "escalated": gettext_lazy("Escalated"),
    "remedy_given": gettext_lazy("Remedy given"),
    "remedy_requested": gettext_lazy("Remedy waits for a second person"),
    "remedy_declined": gettext_lazy("Remedy turned down"),
    "words_confirmed": gettext_lazy("Confirmed: the e-mail is the customer's"),
    "words_denied": gettext_lazy("Not the customer's e-mail"),
    "told_improvement": gettext_lazy("Told what was improved"),
}
_HOW = {
    "message": gettext_lazy("by a message"),
    "person": gettext_lazy("told in person"),
    "page": gettext_lazy("shown on the page"),
    "answer": gettext_lazy("by the answer"),
}
_REASONS = {
    "staff": gettext_lazy("by a colleague"),
    "dissatisfied": gettext_lazy("the customer was not satisfied"),
    "customer_wrote": gettext_lazy("the customer wrote again"),
}
_SENT = {
    "queued": gettext_lazy("goes out"),
    "delayed": gettext_lazy("goes out later"),
    "withheld": gettext_lazy("was not sent: no way to reach the customer, or a gate stopped it"),
    "nobody": gettext_lazy("was not sent: nobody knows who complained"),
}
_ICONS = {
    "opened": "message-report",
    "said": "message-circle",
    "word": "star",
    "closed": "circle-check",
    "reopened": "rotate-clockwise",
    "escalated": "alert-triangle",
    "remedy_given": "gift",
    "resolved": "checks",
    "merged": "git-merge",
    "took_in": "git-merge",
}


def duration(span: timedelta) -> str:
    """Return a stretch of working time in words: "2 h 05 min"."""
    minutes = abs(int(span.total_seconds())) // 60
    hours, rest = divmod(minutes, 60)
    if not hours:
        return ngettext("%(count)d minute", "%(count)d minutes", rest) % {"count": rest}
    if hours >= 100 or not rest:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    return _("%(hours)d h %(minutes)02d min") % {"hours": hours, "minutes": rest}


def clock_text(reading: Reading) -> str:
    """Return how a clock stands, in a sentence of working time."""
    state = reading.clock.clock_state
    if state == ClockState.VOID:
        return _("Not needed any more")
    if state == ClockState.STOPPED:
        text = _("Done after %(used)s, too late by %(late)s") if reading.is_late else _("Done after %(used)s, in time")
        return text % {"used": duration(reading.used), "late": duration(reading.left)}
    if state == ClockState.PAUSED:
        return _("Stands still with %(left)s of working time left") % {"left": duration(reading.left)}
    if reading.is_late:
        return _("Late by %(late)s of working time") % {"late": duration(reading.left)}
    return _("%(left)s of working time left") % {"left": duration(reading.left)}


def clock_tone(reading: Reading) -> Tone:
    """Return the colour of a clock."""
    if reading.clock.clock_state == ClockState.VOID:
        return "neutral"
    if reading.is_late:
        return "bad"
    if reading.clock.clock_state == ClockState.STOPPED:
        return "good"
    is_soon = reading.left < timedelta(seconds=reading.clock.target_seconds) / 5
    return "warn" if is_soon else "neutral"


def due_text(due: datetime | None, now: datetime) -> tuple[str, Tone]:
    """Return when the next deadline ends, by the wall clock, for a card of the board."""
    if due is None:
        return "", "neutral"
    span = due - now
    if span < timedelta():
        return _("late since %(span)s") % {"span": _wall(-span)}, "bad"
    return _("due in %(span)s") % {"span": _wall(span)}, "warn" if span < timedelta(hours=4) else "neutral"


def entry_title(entry: CaseEntry) -> str:
    """Return what a line of the record is about."""
    if entry.entry_kind == EntryKind.NOTE:
        return str(_("Note for colleagues"))
    if entry.act == "said" and entry.data.get("sender") == UNPROVEN:
        return str(_("E-mail in the customer's name, sender not proven"))
    return str(_ACTS.get(entry.act, entry.act))


def entry_icon(entry: CaseEntry) -> str:
    """Return the picture of a line of the record."""
    kinds = {EntryKind.NOTE: "note", EntryKind.OUT: "send", EntryKind.IN: "message-circle"}
    return _ICONS.get(entry.act) or kinds.get(EntryKind(entry.entry_kind), "point")


def entry_facts(entry: CaseEntry, names: Mapping[str, Mapping[str, str]]) -> str:
    """Return the values of an act as words. names: of categories, causes, teams, people by code."""
    data: dict[str, Any] = entry.data
    parts: list[str] = []
    if "severity" in data:
        parts.append(str(dict(Severity.choices).get(data["severity"], data["severity"])))
    for key, kind in (("category", "categories"), ("cause", "causes"), ("team", "teams"), ("assignee", "people")):
        if data.get(key):
            parts.append(names[kind].get(data[key], data[key]))
    if "how" in data:
        parts.append(str(_HOW.get(data["how"], data["how"])))
    if "reason" in data:
        parts.append(str(_REASONS.get(data["reason"], data["reason"])))
    if "outcome" in data:
        parts.append(str(_SENT.get(data["outcome"], data["outcome"])))
    if "clock" in data:
        kinds = {kind.value: str(kind.label) for kind in ClockKind}
        parts.append(f"{kinds.get(data['clock'], data['clock'])} {data['percent']} %")
    if "word" in data:
        parts.append(str(dict(Word.choices).get(data["word"], data["word"])))
    if entry.act == "opened" and data.get("sender") == UNPROVEN:
        parts.append(_("sender not proven"))
    parts += [data[key] for key in ("into", "number") if key in data]
    return " · ".join(parts)


def state_tone(case: Case) -> Tone:
    """Return the colour of a case's state."""
    return STATE_TONES.get(case.state, "neutral")


def _wall(span: timedelta) -> str:
    if span >= timedelta(days=2):
        return ngettext("%(count)d day", "%(count)d days", span.days) % {"count": span.days}
    return duration(span)
