"""Working on a case: who has it, what it is, what is written, waited for, decided: the steps of docs/complaints.md.

Each takes `revision`, the one that the caller saw, or None for whatever it is now.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.customers.errors import CustomerErasedError
from troth.customers.visible import visible
from troth.staff import queries as staff

from ..models import OPEN_STATES, Case, CaseState, Channel, ClockKind, EntryKind, RootCause, Severity, Verdict, Word
from . import clocks, telling
from .categories import category_for
from .errors import CaseChangedError, CaseRefusedError, CategoryRefusedError
from .finding import hold_speaker, locked, moment_or, require_state, save
from .opening import mark_acknowledged
from .policies import policy_of, team_for
from .record import add_entry, note_act, tell

MOST_MESSAGE = 5_000
WORKED_ON = (CaseState.NEW, CaseState.WORKING, CaseState.WAITING)


@transaction.atomic
def assign_case(
    *,
    actor: Actor,
    now: datetime,
    case_id: UUID,
    team: str | None = None,
    assignee_id: UUID | None = None,
    revision: int | None = None,
) -> Case:
    """Give a case to a team, to a member of staff, or to both; None for the team leaves it.

    Raises:
        CaseNotFoundError, CaseChangedError, CaseStateError: see `finding`.
        CaseRefusedError: nobody of that id works here.
    """
    case = locked(case_id, revision)
    require_state(case, *OPEN_STATES)
    if assignee_id is not None and not staff.people().filter(id=assignee_id, left_date=None).exists():
        raise CaseRefusedError(_("Nobody of this id works here."), field="assignee", value=str(assignee_id))
    chosen = case.team if team is None else team.strip()[:60]
    note_act(case, "assigned", actor=actor, now=now, team=chosen, assignee=str(assignee_id or ""))
    state = CaseState.WORKING if case.state == CaseState.NEW and assignee_id else case.state
    return save(case, team=chosen, assignee_id=assignee_id, state=state)


@transaction.atomic
def acknowledge_case(*, actor: Actor, now: datetime, case_id: UUID, revision: int | None = None) -> Case:
    """Note that somebody told the customer that we have it.

    Raises:
        CaseNotFoundError, CaseChangedError, CaseStateError: see `finding`.
    """
    case = locked(case_id, revision)
    require_state(case, *OPEN_STATES)
    mark_acknowledged(case, how="person", actor=actor, now=now)
    return save(case)


@transaction.atomic
def assess_case(
    *,
    actor: Actor,
    now: datetime,
    case_id: UUID,
    category: str,
    severity: str,
    is_safety: bool = False,
    revision: int | None = None,
) -> Case:
    """Say what the case is about and how bad it is; deadlines follow the severity, from the opening on.

    Something dangerous is critical, whatever was chosen.

    Raises:
        CaseNotFoundError, CaseChangedError, CaseStateError: see `finding`.
        CaseRefusedError, CategoryRefusedError: not a severity, not a category.
    """
    case = locked(case_id, revision)
    require_state(case, *WORKED_ON)
    if severity not in Severity.values:
        raise CaseRefusedError(_("Choose how bad it is."), field="severity", value=severity)
    severity = Severity.CRITICAL.value if is_safety else severity
    found, before = category_for(category), (case.severity, case.category.code)
    case.category, case.severity, case.is_safety = found, severity, is_safety
    if case.assignee_id is None:
        store = case.store.code if case.store else ""
        policy = policy_of(case.policy)
        case.team = team_for(policy, category=found, severity=severity, channel=case.channel, store=store)
    _follow_severity(case, before[0])
    was = {"was_severity": before[0], "was_category": before[1]}
    note_act(case, "assessed", actor=actor, now=now, severity=severity, category=found.code, **was)
    state = CaseState.WORKING if case.state == CaseState.NEW else case.state
    return save(case, assessed_at=moment_or(case.assessed_at, now), state=state)


@transaction.atomic
def add_note(*, actor: Actor, now: datetime, case_id: UUID, text: str) -> Case:
    """Keep something for colleagues only; also when the case is closed.

    Raises:
        CaseNotFoundError: no such case.
        CaseRefusedError: the text is empty or too long.
    """
    case = locked(case_id)
    add_entry(case, EntryKind.NOTE, actor=actor, now=now, text=checked_text(text))
    return case


@transaction.atomic
def write_to_customer(
    *, actor: Actor, now: datetime, case_id: UUID, text: str, awaits_answer: bool = False, revision: int | None = None
) -> Case:
    """Write to the customer; the first time is the first answer. Where an answer is awaited, the clocks stand still.

    Raises:
        CaseNotFoundError, CaseChangedError, CaseStateError: see `finding`.
        CaseRefusedError: the text is empty or too long.
    """
    case = locked(case_id, revision)
    require_state(case, *WORKED_ON, CaseState.RESOLVED)
    telling.write(case, checked_text(text), actor=actor, now=now)
    _answered(case, actor, now)
    if case.state == CaseState.NEW:
        case.state = CaseState.WORKING
    if awaits_answer and case.state == CaseState.WORKING:
        note_act(case, "waiting", actor=actor, now=now)
        clocks.pause(case, now)
        case.state, case.pause_at = CaseState.WAITING, now
    return save(case)


@transaction.atomic
def note_from_customer(*, actor: Actor, now: datetime, case_id: UUID, text: str, by: str = "") -> Case:
    """Keep what the customer wrote or said; a waiting case goes on, a closed one is opened again.

    by: the channel's code.

    Raises:
        CaseNotFoundError: no such case.
        CaseRefusedError: the text is empty or too long.
        CustomerErasedError: the data of whose case it is were erased.
    """
    hold_speaker(case_id)
    case = locked(case_id)
    data = {"channel": by} if by in Channel.values else {}
    add_entry(case, EntryKind.IN, actor=actor, now=now, text=checked_text(text, most=20_000), act="said", data=data)
    return move_by_customer(case, actor=actor, now=now)


@transaction.atomic
def go_on(*, actor: Actor, now: datetime, case_id: UUID, revision: int | None = None) -> Case:
    """Stop waiting for the customer.

    Raises:
        CaseNotFoundError, CaseChangedError, CaseStateError: see `finding`.
    """
    case = locked(case_id, revision)
    require_state(case, CaseState.WAITING)
    return _go_on(case, actor, now)


@transaction.atomic
def set_cause(*, actor: Actor, now: datetime, case_id: UUID, cause: str, revision: int | None = None) -> Case:
    """Say why it went wrong: the code of a root cause.

    Raises:
        CaseNotFoundError, CaseChangedError, CaseStateError: see `finding`.
        CategoryRefusedError: no such cause in use.
    """
    case = locked(case_id, revision)
    require_state(case, *OPEN_STATES, CaseState.CLOSED)
    found = cause_for(cause)
    note_act(case, "cause_set", actor=actor, now=now, cause=cause)
    return save(case, cause=found)


@transaction.atomic
def resolve_case(
    *,
    actor: Actor,
    now: datetime,
    case_id: UUID,
    verdict: str,
    text: str,
    cause: str = "",
    is_final: bool = False,
    revision: int | None = None,
) -> Case:
    """Decide, tell the customer the decision, and ask whether it was good.

    cause: code, "" to say it later; is_final: the decision stands whatever the customer says; only when it was opened
    again once.

    Raises:
        CaseNotFoundError, CaseChangedError, CaseStateError: see `finding`.
        CaseRefusedError: no verdict, no text, or final too early.
        CategoryRefusedError: no such cause in use.
    """
    case = locked(case_id, revision)
    require_state(case, *WORKED_ON)
    if verdict not in Verdict.values:
        raise CaseRefusedError(_("Say whether the complaint is justified."), field="verdict", value=verdict)
    if is_final and case.round_no == 1:
        text = _("A first decision cannot be the last word: let the customer say whether it is good.")
        raise CaseRefusedError(text, field="is_final")
    told = checked_text(text)
    if case.state == CaseState.WAITING:
        clocks.resume(case, now)
        case.pause_at = None
    if cause:
        case.cause = cause_for(cause)
    case.verdict, case.is_final, case.resolved_at = verdict, is_final, now
    case.state, case.word, case.word_at = CaseState.RESOLVED, Word.ASKED, None
    _answered(case, actor, now)
    clocks.stop(case, ClockKind.RESOLVE, now)
    is_asked = telling.ask_for_word(case, told, actor=actor, now=now)
    case.asked_at = now
    note_act(case, "resolved", actor=actor, now=now, verdict=verdict, is_final=is_final, is_asked=is_asked)
    tell(case, "resolved", actor=actor, now=now)
    return save(case)


@transaction.atomic
def reject_case(*, actor: Actor, now: datetime, case_id: UUID, note: str, revision: int | None = None) -> Case:
    """Put away what is no complaint: spam, praise, a question. note: why, for colleagues.

    Raises:
        CaseNotFoundError, CaseChangedError, CaseStateError: see `finding`.
        CaseRefusedError: no reason given.
    """
    case = locked(case_id, revision)
    require_state(case, *WORKED_ON)
    add_entry(case, EntryKind.NOTE, actor=actor, now=now, text=checked_text(note))
    clocks.void(case)
    note_act(case, "rejected", actor=actor, now=now)
    tell(case, "rejected", actor=actor, now=now)
    telling.drop_tasks(case, actor=actor, now=now)
    return save(case, state=CaseState.REJECTED, pause_at=None)


@transaction.atomic
def name_customer(
    *, actor: Actor, now: datetime, case_id: UUID, customer_id: UUID, revision: int | None = None
) -> Case:
    """Say who complained, where nobody knew; of the cases merged into this one too. The same one again changes nothing.

    Raises:
        CaseNotFoundError, CaseChangedError, CaseStateError: see `finding`; a merged one is named by the other.
        CustomerNotFoundError, CustomerErasedError: no such customer, or nothing may be known of them any more.
        CaseRefusedError: it is somebody else's already.
    """
    case = locked(case_id)
    customer = customers.customer(customer_id)
    if case.customer_id == customer.id:
        return case
    if case.customer_id is not None:
        text = _("This case has its customer already; merge the two customers instead.")
        raise CaseRefusedError(text, field="customer_id", value=str(customer_id))
    if revision is not None and case.revision != revision:
        raise CaseChangedError(case.revision)
    require_state(case, *(state for state in CaseState if state != CaseState.MERGED))
    if customer.erased_at is not None:
        raise CustomerErasedError(customer.id)
    Case.objects.filter(merged_into_id=case.id, customer_id=None).update(customer_id=customer.id)
    case.customer_id = customer.id
    note_act(case, "customer_named", actor=actor, now=now, customer=str(customer.id))
    tell(case, "named", actor=actor, now=now)
    return save(case)


def open_again(case: Case, reason: str, *, actor: Actor, now: datetime) -> Case:
    """Start the next round of a locked case: clocks for answer and resolution begin anew. reason: a code."""
    case.round_no += 1
    case.state, case.word, case.is_final = CaseState.WORKING, Word.UNASKED, False
    case.answered_at = case.resolved_at = case.closed_at = case.asked_at = case.word_at = case.pause_at = None
    clocks.start_clocks(case, [ClockKind.ANSWER, ClockKind.RESOLVE], now)
    note_act(case, "reopened", actor=actor, now=now, reason=reason)
    tell(case, "reopened", actor=actor, now=now)
    return save(case)


def move_by_customer(case: Case, *, actor: Actor, now: datetime) -> Case:
    """Let a locked case follow words of the customer: a waiting one goes on, a closed one is opened again."""
    if case.state == CaseState.WAITING:
        return _go_on(case, actor, now)
    if case.state in {CaseState.CLOSED, CaseState.REJECTED}:
        return open_again(case, "customer_wrote", actor=actor, now=now)
    return save(case)


def checked_text(text: str, most: int = MOST_MESSAGE) -> str:
    """Return what was written as it is kept.

    Raises:
        CaseRefusedError: it is empty or too long.
    """
    kept = visible(text)
    if not kept:
        raise CaseRefusedError(_("Write something."), field="text")
    if len(kept) > most:
        message = _("The text has %(count)d characters; at most %(limit)d can be kept.")
        raise CaseRefusedError(message % {"count": len(kept), "limit": most}, field="text", limit=most)
    return kept


def cause_for(code: str) -> RootCause:
    """Return the root cause of a code.

    Raises:
        CategoryRefusedError: no such cause in use.
    """
    found = RootCause.objects.filter(code=code, is_active=True).first()
    if found is None:
        text = _("There is no root cause “%(code)s” in use.") % {"code": code[:40]}
        raise CategoryRefusedError(text, field="cause", value=code[:40])
    return found


def _answered(case: Case, actor: Actor, now: datetime) -> None:
    mark_acknowledged(case, how="answer", actor=actor, now=now)
    if case.answered_at is None:
        case.answered_at = now
        clocks.stop(case, ClockKind.ANSWER, now)
        tell(case, "answered", actor=actor, now=now)


def _go_on(case: Case, actor: Actor, now: datetime) -> Case:
    clocks.resume(case, now)
    note_act(case, "went_on", actor=actor, now=now)
    return save(case, state=CaseState.WORKING, pause_at=None)


def _follow_severity(case: Case, before: str) -> None:
    if case.severity == before:
        return
    open_ones = [one.clock for one in clocks.readings(case, case.opened_at) if one.clock.stopped_at is None]
    if case.pause_at is None:
        clocks.reckon(case, open_ones)
    else:
        clocks.retarget(case, open_ones)
