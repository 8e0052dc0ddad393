"""What came of a step or of a whole way, in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from troth.care.journeys.document.shapes import JourneyDocument
from troth.care.models import JourneyRun, RunState
from troth.console.surveys.words import spared_words
from troth.messaging import queries as messaging

from .names import named

_WORDS = {
    "done": pgettext_lazy("outcome", "Done"),
    "refused": pgettext_lazy("outcome", "Refused"),
    "kept_out": gettext_lazy("Kept out by chance"),
    "late": gettext_lazy("Skipped: too late"),
    "queued": gettext_lazy("On its way"),
    "delayed": gettext_lazy("Put off"),
    "withheld": gettext_lazy("Withheld"),
    "happened": gettext_lazy("It happened"),
    "timed_out": gettext_lazy("Time is up"),
    "otherwise": gettext_lazy("Otherwise"),
    "low": gettext_lazy("Low score"),
    "middle": gettext_lazy("In between"),
    "high": gettext_lazy("High score"),
    "unanswered": gettext_lazy("No answer"),
    "not_asked": gettext_lazy("Not asked"),
    "invited": gettext_lazy("Invited"),
    "finished": gettext_lazy("Went through"),
    "erased": gettext_lazy("Was erased"),
    "automation_refused": gettext_lazy("Refuses automated decisions"),
    "stopped": gettext_lazy("The journey was stopped"),
    "stopped_by_journey": gettext_lazy("Taken out by another journey"),
    "taken_out": gettext_lazy("Taken out by hand"),
    "goal": gettext_lazy("Reached the goal"),
}


def word(code: str) -> str:
    """Return what an outcome is called; codes of ways and exits are shown as they are."""
    return str(_WORDS.get(code, code))


def taken(code: str, step: Any) -> str:
    """Return what came of a step: the name of the way taken, or what its act did."""
    for way in (*getattr(step, "ways", ()), *getattr(step, "arms", ())):
        if way.code == code:
            return (named({"en": way.name.en, "zh": way.name.zh}) if way.name else "") or code
    return word(code)


def end(run: JourneyRun, document: JourneyDocument) -> str:
    """Return how a run ended, "" while it goes on."""
    if run.state in (RunState.ACTIVE, RunState.STUCK):
        return ""
    for one in document.exits:
        if one.code == run.end_reason and one.name:
            return _("Left by the exit “%(exit)s”") % {"exit": named({"en": one.name.en, "zh": one.name.zh})}
    return word(run.end_reason) if run.end_reason else state(run)


def detail(found: Mapping[str, Any]) -> str:
    """Return what else is known of an act: the gate that held a message, or why something was refused."""
    if gate := found.get("gate"):
        return str(messaging.gate_label(str(gate)))
    if reason := found.get("reason"):
        return spared_words(str(reason))
    if points := found.get("points"):
        return _("%(count)s points") % {"count": points}
    return ""


_STATES = {
    RunState.ACTIVE: gettext_lazy("On the way now"),
    RunState.FINISHED: gettext_lazy("Went through"),
    RunState.EXITED: gettext_lazy("Left early"),
    RunState.STOPPED: gettext_lazy("Left early"),
    RunState.STUCK: gettext_lazy("Stuck"),
}


def state(run: JourneyRun) -> str:
    """Return where a person is in a journey."""
    return str(_STATES[RunState(run.state)])
