"""The clocks of a case: started, paused, stopped, in working time of the calendar and policy the case was opened under.

What a stopped clock used is written once; changed hours or deadlines change no figure of the past.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from troth.kit.ids import new_id

from ..calendars import queries as calendars
from ..calendars.errors import CalendarEmptyError
from ..calendars.working import NoWorkingTimeError, WorkingCalendar, due_at, used_time
from ..models import Case, CaseClock, CasePause, ClockKind, ClockState
from .policies import PolicyDocument, policy_of

Pauses = Sequence[tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a clock shows. left: working time until the deadline, negative when it is over; is_late: it was missed."""

    clock: CaseClock
    used: timedelta
    left: timedelta
    is_late: bool


def start_clocks(case: Case, kinds: Sequence[ClockKind], now: datetime) -> list[CaseClock]:
    """Start clocks of the case's present round.

    Raises:
        CalendarEmptyError: the calendar is so empty that a deadline would never come.
    """
    policy, calendar = policy_of(case.policy), calendars.working_calendar(case.calendar)
    found = [_started(case, kind, policy, calendar, now) for kind in kinds]
    CaseClock.objects.bulk_create(found)
    return found


def pause(case: Case, now: datetime) -> None:
    """Let the clocks stand still while the customer is waited for; `case.pause_at` is the caller's."""
    running = CaseClock.objects.filter(case_id=case.id, clock_state=ClockState.RUNNING)
    running.update(clock_state=ClockState.PAUSED, due_at=None, escalate_at=None)


def resume(case: Case, now: datetime) -> None:
    """Let paused clocks go on: deadlines move by the working time that passed in between, not by the wall clock."""
    assert case.pause_at is not None, "only a waiting case goes on"
    CasePause.objects.create(
        id=new_id(), owner_id=case.owner_id, case_id=case.id, started_at=case.pause_at, ended_at=now
    )
    paused = list(CaseClock.objects.filter(case_id=case.id, clock_state=ClockState.PAUSED))
    reckon(case, paused)


def reckon(case: Case, clocks: Sequence[CaseClock]) -> None:
    """Work out the deadlines of running or paused clocks anew, after a pause or another severity."""
    policy, calendar = policy_of(case.policy), calendars.working_calendar(case.calendar)
    pauses = pauses_of(case)
    for clock in clocks:
        clock.clock_state = ClockState.RUNNING
        clock.target_seconds = policy.deadlines(case.severity).seconds(ClockKind(clock.clock_kind))
        _set_due(clock, policy, calendar, pauses)
    CaseClock.objects.bulk_update(clocks, ["clock_state", "target_seconds", "due_at", "escalate_at"])


def retarget(case: Case, clocks: Sequence[CaseClock]) -> None:
    """Give paused clocks the deadlines of the case's severity; they go on by `resume`."""
    policy = policy_of(case.policy)
    for clock in clocks:
        clock.target_seconds = policy.deadlines(case.severity).seconds(ClockKind(clock.clock_kind))
    CaseClock.objects.bulk_update(clocks, ["target_seconds"])


def stop(case: Case, kind: ClockKind, now: datetime) -> None:
    """Stop a clock of the present round and keep what it took; a stopped one stays as it is."""
    clock = CaseClock.objects.filter(
        case_id=case.id,
        clock_kind=kind,
        round_no=case.round_no,
        clock_state__in=(ClockState.RUNNING, ClockState.PAUSED),
    ).first()
    if clock is None:
        return
    used = _used(case, clock, now)
    clock.clock_state, clock.stopped_at, clock.due_at, clock.escalate_at = ClockState.STOPPED, now, None, None
    clock.used_seconds = int(used.total_seconds())
    clock.is_met = used <= timedelta(seconds=clock.target_seconds)
    clock.save()


def void(case: Case) -> None:
    """End all clocks without a result: the case is no complaint, or another one's."""
    open_ones = CaseClock.objects.filter(case_id=case.id, clock_state__in=(ClockState.RUNNING, ClockState.PAUSED))
    open_ones.update(clock_state=ClockState.VOID, due_at=None, escalate_at=None)


def readings(case: Case, now: datetime) -> list[Reading]:
    """Return what the clocks of the present round show, in the order of their deadlines."""
    order = list(ClockKind)
    clocks = CaseClock.objects.filter(case_id=case.id, round_no=case.round_no)
    in_order = sorted(clocks, key=lambda one: order.index(ClockKind(one.clock_kind)))
    return [_reading(case, clock, now) for clock in in_order]


def pauses_of(case: Case) -> list[tuple[datetime, datetime]]:
    """Return the case's ended pauses in order."""
    found = CasePause.objects.filter(case_id=case.id).order_by("started_at", "id")
    return list(found.values_list("started_at", "ended_at"))


def next_escalation(clock: CaseClock, policy: PolicyDocument, calendar: WorkingCalendar, pauses: Pauses) -> None:
    """Set when the next step of escalation is due, None after the last."""
    steps = policy.escalation[clock.escalated_no :]
    if not steps:
        clock.escalate_at = None
        return
    amount = timedelta(seconds=clock.target_seconds) * steps[0].at_percent / 100
    clock.escalate_at = _due(calendar, clock.started_at, amount, pauses)


def _started(
    case: Case, kind: ClockKind, policy: PolicyDocument, calendar: WorkingCalendar, now: datetime
) -> CaseClock:
    clock = CaseClock(
        id=new_id(),
        owner_id=case.owner_id,
        case_id=case.id,
        clock_kind=kind,
        round_no=case.round_no,
        target_seconds=policy.deadlines(case.severity).seconds(kind),
        started_at=now,
    )
    _set_due(clock, policy, calendar, ())
    return clock


def _set_due(clock: CaseClock, policy: PolicyDocument, calendar: WorkingCalendar, pauses: Pauses) -> None:
    clock.due_at = _due(calendar, clock.started_at, timedelta(seconds=clock.target_seconds), pauses)
    next_escalation(clock, policy, calendar, pauses)


def _due(calendar: WorkingCalendar, start: datetime, amount: timedelta, pauses: Pauses) -> datetime:
    try:
        return due_at(calendar, start, amount, pauses)
    except NoWorkingTimeError as error:
        raise CalendarEmptyError from error


def _used(case: Case, clock: CaseClock, until: datetime) -> timedelta:
    pauses = pauses_of(case)
    if case.pause_at is not None:
        pauses.append((case.pause_at, until))
    return used_time(calendars.working_calendar(case.calendar), clock.started_at, until, pauses)


def _reading(case: Case, clock: CaseClock, now: datetime) -> Reading:
    target = timedelta(seconds=clock.target_seconds)
    if clock.used_seconds is not None:
        used = timedelta(seconds=clock.used_seconds)
        return Reading(clock, used, target - used, is_late=clock.is_met is False)
    used = _used(case, clock, now) if clock.clock_state != ClockState.VOID else timedelta()
    return Reading(clock, used, target - used, is_late=used > target)
