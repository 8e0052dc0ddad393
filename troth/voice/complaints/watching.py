"""Looking after deadlines: escalation in steps, and cases whose customer does not answer."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.staff import queries as staff
from troth.worklist import services as worklist
from troth.worklist.errors import TaskRefusedError
from troth.worklist.services import TaskDraft

from ..calendars import queries as calendars
from ..models import OPEN_STATES, Case, CaseClock, CaseState, ClockState, Severity, Word
from . import clocks
from .closing import close_silent
from .finding import locked
from .policies import EscalationStep, policy_of
from .record import note_act, tell
from .telling import source_of

BATCH = 200
SHORTEST_WORD_TIME = timedelta(days=1)
_PRIORITIES = {Severity.LOW: 50, Severity.MEDIUM: 60, Severity.HIGH: 80, Severity.CRITICAL: 95}


def escalate_due(*, actor: Actor, now: datetime, limit: int = BATCH) -> int:
    """Take the steps of escalation that are due, at most `limit`, and return how many; each is taken once."""
    due = CaseClock.objects.filter(escalate_at__lte=now, clock_state=ClockState.RUNNING)
    found = list(due.order_by("escalate_at", "id").values_list("id", "case_id")[:limit])
    return sum(_escalate(clock_id, case_id, actor, now) for clock_id, case_id in found)


def close_silent_cases(*, actor: Actor, now: datetime, after: UUID | None = None) -> tuple[int, UUID | None]:
    """Close a page of the cases whose customer did not answer in time; return how many, and after whom to go on."""
    asked = Case.objects.filter(state=CaseState.RESOLVED, word=Word.ASKED, asked_at__lte=now - SHORTEST_WORD_TIME)
    page = asked if after is None else asked.filter(id__gt=after)
    ids = list(page.order_by("id").values_list("id", flat=True)[:BATCH])
    closed = sum(close_silent(case_id, actor=actor, now=now) for case_id in ids)
    return closed, ids[-1] if ids else None


@transaction.atomic
def _escalate(clock_id: UUID, case_id: UUID, actor: Actor, now: datetime) -> bool:
    case = locked(case_id)
    clock = CaseClock.objects.filter(id=clock_id, escalate_at__lte=now, clock_state=ClockState.RUNNING).first()
    if clock is None or case.state not in OPEN_STATES:
        return False
    policy = policy_of(case.policy)
    step = policy.escalation[clock.escalated_no]
    clock.escalated_no += 1
    calendar = calendars.working_calendar(case.calendar)
    clocks.next_escalation(clock, policy, calendar, clocks.pauses_of(case))
    clock.save(update_fields=["escalated_no", "escalate_at"])
    _make_task(case, clock, step, actor, now)
    values = {"clock": clock.clock_kind, "percent": step.at_percent, "team": step.team}
    note_act(case, "escalated", actor=actor, now=now, **values)
    tell(case, "escalated", actor=actor, now=now)
    return True


def _make_task(case: Case, clock: CaseClock, step: EscalationStep, actor: Actor, now: datetime) -> None:
    company = staff.company_or_none()
    with translation.override(company.language if company else "en"):
        title = _("Complaint %(number)s: %(clock)s, %(percent)d %% of the time is used up") % {
            "number": case.number,
            "clock": clock.get_clock_kind_display(),
            "percent": step.at_percent,
        }
    draft = TaskDraft(
        key=f"case:{case.id}:{clock.clock_kind}:{clock.round_no}:{clock.escalated_no}",
        kind="case",
        title=title,
        customer_id=case.customer_id,
        team=step.team,
        assignee_id=case.assignee_id if step.at_percent <= 100 else None,
        due_at=clock.due_at,
        facts={"case": case.number, "severity": case.severity, "category": case.category.code},
        source=source_of(case.id),
        priority=_PRIORITIES[Severity(case.severity)],
    )
    try:
        worklist.create_tasks([draft], actor=actor, now=now)
    except TaskRefusedError:  # the team is not there any more: better everybody's task than nobody's
        worklist.create_tasks([replace(draft, team="")], actor=actor, now=now)
