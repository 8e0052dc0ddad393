"""What every page of one journey shows: its state, what may be done with it, the tabs."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from troth.access.permissions import Permission
from troth.care.journeys import queries as journeys
from troth.care.journeys.document.shapes import JourneyDocument
from troth.care.models import Journey, JourneyState
from troth.console import formats
from troth.console.components import Tab, Tone
from troth.console.guard import ConsoleRequest
from troth.console.programmes.frame import who

__all__ = ["TONES", "documents", "frame", "who"]

TONES: dict[str, Tone] = {
    JourneyState.DRAFT: "neutral",
    JourneyState.RUNNING: "good",
    JourneyState.PAUSED: "warn",
    JourneyState.STOPPED: "neutral",
}


def frame(request: ConsoleRequest, journey: Journey, active: str) -> dict[str, Any]:
    """Return the context of a page of one journey; active: the tab's code."""
    may = request.actor.may
    is_open = journey.state != JourneyState.STOPPED
    return {
        "journey": journey,
        "revision": journey.revision,
        "state_tone": TONES[journey.state],
        "tabs": _tabs(journey, active),
        "is_open": is_open,
        "has_draft": journey.has_draft,
        "draft_by": who(journey.draft_saved_by) if journey.has_draft else "",
        "may_edit": may(Permission.JOURNEYS_EDIT) and is_open,
        "may_publish": may(Permission.JOURNEYS_PUBLISH) and is_open,
    }


def documents(journey: Journey) -> dict[int, JourneyDocument]:
    """Return the document of every published version, by its number, the newest first."""
    return {row.number: journeys.document_of(row) for row in journeys.versions(journey.id)}


def _tabs(journey: Journey, active: str) -> list[Tab]:
    entries = [("detail", _("Overview"), ""), ("people", pgettext("journey", "People"), "")]
    if journey.state != JourneyState.STOPPED:
        entries.append(("edit", pgettext("tab", "Draft"), ""))
    entries.append(("effect", pgettext("journey", "Effect"), ""))
    entries.append(("rehearsals", _("Rehearsals"), ""))
    entries.append(("versions", _("Versions"), formats.count(journey.version_number) if journey.version_number else ""))
    return [
        Tab(label, reverse(f"journeys:{name}", args=[journey.id]), name == active, number)
        for name, label, number in entries
    ]
