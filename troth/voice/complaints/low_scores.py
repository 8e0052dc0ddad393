"""A low score opens a case by itself, and somebody is to call: the rule stands in the rules of complaints."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.customers.errors import CustomerErasedError
from troth.staff import queries as staff
from troth.worklist import services as worklist
from troth.worklist.errors import TaskRefusedError
from troth.worklist.services import TaskDraft

from ..models import Case, CaseClock, CasePolicyVersion, Channel, ClockKind
from .opening import MOST_TEXT, NewCase, open_case
from .policies import LowScores, policy_of, read_policy
from .starters import POLICY
from .telling import source_of
from .texts import ensure_texts

PRIORITY = 75


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenScore:
    """What an answer sheet says. kind: nps, csat or ces; survey: its code; text: what was answered, in words."""

    sheet_id: UUID
    customer_id: UUID
    survey: str
    kind: str
    score: int
    text: str
    store: str = ""
    language: str = ""
    is_made_up: bool = False


@transaction.atomic
def open_from_score(given: GivenScore, *, actor: Actor, now: datetime) -> Case | None:
    """Open a case for a score that the rules call low, once for each answer sheet, with a task to call the customer.

    None: the score is not low, the survey is left out by the rules, or the customer's data were erased.
    """
    rules = rules_in_force()
    if not rules.is_low(given.kind, given.score, survey=given.survey):
        return None
    ensure_texts(actor=actor, now=now)
    new = NewCase(
        key=f"survey:{given.sheet_id}",
        channel=Channel.SURVEY,
        text=given.text[:MOST_TEXT],
        customer_id=given.customer_id,
        store=given.store if staff.stores_by_code([given.store]) else "",
        source_ref=str(given.sheet_id),
        language=given.language,
        is_made_up=given.is_made_up,
    )
    try:
        case = open_case(new, actor=actor, now=now)
    except CustomerErasedError:
        return None
    _make_task(case, given, rules.team or case.team, actor, now)
    return case


def rules_in_force() -> LowScores:
    """Return the rules of low scores that hold now; a company that never looked at them has those it begins with."""
    newest = CasePolicyVersion.objects.order_by("-number").first()
    return (policy_of(newest) if newest else read_policy(POLICY)).low_scores


def _make_task(case: Case, given: GivenScore, team: str, actor: Actor, now: datetime) -> None:
    company = staff.company_or_none()
    answer = CaseClock.objects.filter(case_id=case.id, clock_kind=ClockKind.ANSWER, round_no=case.round_no).first()
    with translation.override(company.language if company else "en"):
        title = _("Call about a low score (%(score)d), case %(number)s") % {
            "score": given.score,
            "number": case.number,
        }
    draft = TaskDraft(
        key=f"case:{case.id}:low_score",
        kind="call",
        title=title,
        customer_id=case.customer_id,
        team=team,
        assignee_id=None,
        due_at=answer.due_at if answer else None,
        facts={"case": case.number, "score": given.score, "survey": given.survey},
        source=source_of(case.id),
        priority=PRIORITY,
    )
    try:
        worklist.create_tasks([draft], actor=actor, now=now)
    except TaskRefusedError:  # the team is not there (any more): better everybody's task than nobody's
        worklist.create_tasks([replace(draft, team="")], actor=actor, now=now)
