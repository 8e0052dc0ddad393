"""What waits for a second person: drafts of programmes, adjustments of points, new ends of points, past orders."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from troth.access import queries as access
from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.console import formats
from troth.console.programmes.frame import is_own_draft, who
from troth.ledger import queries as ledger
from troth.ledger.models import ApprovalState
from troth.programs import queries as programs
from troth.programs.models import DraftState
from troth.sales import queries as sales
from troth.sales.models import HistoryAwardState

from .words import Remark


def waiting(actor: Actor) -> list[Remark]:
    """Return what this person may decide, and somebody else asked for."""
    found = _drafts(actor) if actor.may(Permission.PROGRAMS_REVIEW) else []
    if actor.may(Permission.POINTS_APPROVE):
        found += _points(actor)
    return found


def _drafts(actor: Actor) -> list[Remark]:
    found = []
    for programme in programs.programmes():
        values = {"name": str(programme), "who": who(programme.submitted_by)}
        url = reverse("programmes:review", args=[programme.id])
        if programme.draft_state == DraftState.SUBMITTED and not is_own_draft(programme, actor):
            text = _("%(who)s submitted a draft of “%(name)s”. Another person has to review it.")
            found.append(Remark(text % values, url, _("Review the draft"), "user-check", "warn"))
        elif programme.draft_state == DraftState.APPROVED:
            text = _("The draft of “%(name)s” is approved, and in force once it is published.")
            found.append(Remark(text % values, url, _("To the publication"), "circle-check", "info"))
    asked = sales.history_awards().filter(state=HistoryAwardState.ASKED).values_list("asked_by", flat=True)
    if any(not access.is_same_person(one, actor.code) for one in asked):
        text = _("Orders of the past shall earn; somebody else than who asked has to approve it.")
        found.append(Remark(text, reverse("programmes:history"), _("Look at it"), "user-check", "warn"))
    return found


def _points(actor: Actor) -> list[Remark]:
    asked = list(ledger.adjustment_requests().values_list("requested_by", flat=True))
    for currency in ledger.currencies():
        asked += [one.requested_by for one in ledger.expiry_changes(currency) if one.state == ApprovalState.WAITING]
    count = sum(not access.is_same_person(one, actor.code) for one in asked)
    if not count:
        return []
    text = ngettext(
        "%(count)s request about points waits for a second person.",
        "%(count)s requests about points wait for a second person.",
        count,
    ) % {"count": formats.count(count)}
    return [Remark(text, reverse("points:requests"), _("Decide"), "user-check", "warn")]
