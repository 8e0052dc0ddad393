"""What every page of one programme shows: its state, the next step, the tabs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from troth.access import queries as access
from troth.access.actors import Actor
from troth.access.errors import UserNotFoundError
from troth.access.permissions import Permission
from troth.console import formats
from troth.console.components import Tab, Tone
from troth.console.guard import ConsoleRequest
from troth.kit.clock import utc_now
from troth.programs import queries as programs
from troth.programs.models import DraftState, Programme, ProgrammeVersion

TONES: dict[str, Tone] = {
    DraftState.EDITING: "info",
    DraftState.SUBMITTED: "warn",
    DraftState.APPROVED: "good",
    DraftState.REJECTED: "bad",
}
ICONS = {
    DraftState.EDITING: "pencil",
    DraftState.SUBMITTED: "user-check",
    DraftState.APPROVED: "circle-check",
    DraftState.REJECTED: "arrow-back",
}


@dataclass(frozen=True, slots=True)
class DraftNote:
    """How far the draft is, who did the last step, and what comes next."""

    state: str
    tone: Tone
    icon: str
    text: str
    note: str
    may_edit: bool
    may_submit: bool
    may_review: bool
    may_publish: bool


def frame(request: ConsoleRequest, programme: Programme, active: str) -> dict[str, Any]:
    """Return the context of a page of one programme; active: the tab's code."""
    now = utc_now()
    rows = list(programs.versions(programme.id))
    return {
        "programme": programme,
        "tabs": _tabs(programme, rows, active),
        "draft": draft_note(request, programme),
        "in_force": in_force(rows, now) if programme.archived_at is None else None,
        "upcoming": [row for row in rows if row.effective_at > now],
        "may_edit": request.actor.may(Permission.PROGRAMS_EDIT) and programme.archived_at is None,
        "may_grant": request.actor.may(Permission.PROGRAMS_GRANT),
        "now": now,
    }


def _tabs(programme: Programme, rows: list[ProgrammeVersion], active: str) -> list[Tab]:
    entries = [("detail", _("Overview"), ""), ("edit", pgettext("tab", "Draft"), "")]
    entries.append(("versions", _("Versions"), formats.count(len(rows)) if rows else ""))
    entries += [("rehearsals", _("Rehearsals"), ""), ("tiers", _("Tiers"), "")]
    if programme.archived_at is not None:
        entries = [entry for entry in entries if entry[0] != "edit"]
    return [
        Tab(label, reverse(f"programmes:{name}", args=[programme.id]), name == active, number)
        for name, label, number in entries
    ]


def in_force(rows: list[ProgrammeVersion], now: datetime) -> ProgrammeVersion | None:
    """Return the version in force of those given, the newest first; None before the first."""
    return next((row for row in rows if row.effective_at <= now), None)


def draft_note(request: ConsoleRequest, programme: Programme) -> DraftNote | None:
    """Return how far the draft is and what this person may do with it; None without a draft."""
    state = DraftState(programme.draft_state)
    if state is DraftState.NONE or programme.archived_at is not None:
        return None
    actor = request.actor
    may_edit = actor.may(Permission.PROGRAMS_EDIT)
    is_own = is_own_draft(programme, actor)
    may_review = actor.may(Permission.PROGRAMS_REVIEW)
    return DraftNote(
        state=str(state.label),
        tone=TONES[state],
        icon=ICONS[state],
        text=_progress(programme, state),
        note=programme.review_note,
        may_edit=may_edit,
        may_submit=may_edit and state in (DraftState.EDITING, DraftState.REJECTED),
        may_review=may_review and state is DraftState.SUBMITTED and not is_own,
        may_publish=may_review and state is DraftState.APPROVED,
    )


def is_own_draft(programme: Programme, actor: Actor) -> bool:
    """Tell whether the person wrote or submitted the draft, or did so by a key."""
    return any(access.is_same_person(actor.code, one) for one in (programme.draft_saved_by, programme.submitted_by))


def _progress(programme: Programme, state: DraftState) -> str:
    match state:
        case DraftState.SUBMITTED:
            said = {"who": who(programme.submitted_by), "when": _when(programme.submitted_at)}
            return _("%(who)s submitted it on %(when)s. Another person has to review it.") % said
        case DraftState.APPROVED:
            said = {"who": who(programme.reviewed_by), "when": _when(programme.reviewed_at)}
            return _("%(who)s approved it on %(when)s. It comes into force when it is published.") % said
        case DraftState.REJECTED:
            said = {"who": who(programme.reviewed_by), "when": _when(programme.reviewed_at)}
            return _("%(who)s sent it back on %(when)s.") % said
    said = {"who": who(programme.draft_saved_by), "when": _when(programme.draft_saved_at)}
    return _("%(who)s saved it on %(when)s. It earns nothing before it is reviewed and published.") % said


def _when(moment: datetime | None) -> str:
    return formats.moment(moment) if moment else ""


def who(actor_code: str) -> str:
    """Return who acted, by name where it is a person who is still known."""
    kind, _colon, code = actor_code.partition(":")
    if kind == "system":
        return _("The system")
    if kind == "api_key":
        return _("an application (API)")
    if kind != "user":
        return code or actor_code
    try:
        return str(access.user(UUID(code)))
    except (UserNotFoundError, ValueError):
        return _("somebody who has left")
