"""Awarding the past, as a decision: asked for by one, approved by another, run by a worker, kept with its result."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access import queries as access
from troth.access.actors import Actor
from troth.activity import past
from troth.events import services as events
from troth.jobs import services as jobs
from troth.jobs.errors import JobCancelledError, JobNotFoundError, JobStateError
from troth.kit import clock
from troth.kit.errors import TrothError
from troth.programs import queries as programs
from troth.staff import queries as staff

from . import history, history_returns
from .errors import HistoryAwardNotFoundError, HistoryAwardRefusedError, OwnRequestError
from .history import Awarded
from .models import HistoryAward, HistoryAwardState
from .rehearsing import Report

JOB = "sales.award_history"
LISTED = 50
"""So many refused orders are kept by name."""

OPEN = (HistoryAwardState.ASKED, HistoryAwardState.QUEUED, HistoryAwardState.RUNNING)


@transaction.atomic
def request_history_award(*, actor: Actor, now: datetime, from_date: date, to_date: date) -> HistoryAward:
    """Ask for the orders of these days, both included, that were recorded as history, to earn.

    Raises:
        HistoryAwardRefusedError: the days are the wrong way round, no programme was in force on any of them, there is
            no such order, or another award of the past is still open.
    """
    if from_date > to_date:
        text = _("The first day, %(first)s, lies after the last, %(last)s.")
        raise HistoryAwardRefusedError(text % {"first": from_date, "last": to_date}, field="from_date")
    # Two who ask at once wait for each other here, so that the second one finds the first one's award.
    list(programs.programmes().order_by("id").select_for_update().values_list("id"))
    open_one = HistoryAward.objects.filter(state__in=OPEN).first()
    if open_one is not None:
        text = _("Orders from %(first)s to %(last)s are being awarded already, or wait for approval.")
        given = {"first": open_one.from_date, "last": open_one.to_date}
        raise HistoryAwardRefusedError(text % given, field="state", value=open_one.state)
    start, end = _moments(from_date, to_date)
    total = past.count_history(start, end)
    if not total:
        raise HistoryAwardRefusedError(
            _("No orders of these days were recorded as history: there is nothing to award."), field="from_date"
        )
    award = HistoryAward.objects.create(
        from_date=from_date, to_date=to_date, total=total, asked_at=now, asked_by=actor.code
    )
    data = {"award": str(award.id), "from": from_date.isoformat(), "to": to_date.isoformat(), "orders": total}
    events.append("sales.history.requested", actor=actor, now=now, data=data)
    return award


def award_history(
    *,
    actor: Actor,
    now: datetime,
    from_date: date,
    to_date: date,
    approved_by: str,
    report: Report = lambda _done, _total: None,
) -> HistoryAward:
    """Award the past in this process: for whoever runs the server, and answers for the approval.

    Orders of these days, both included, that were recorded as history earn under the versions in force at their
    moments, what came back of them is taken back, and they are history no more. Done again it finds what is left.

    Raises:
        HistoryAwardRefusedError: see `request_history_award`.
    """
    award = request_history_award(actor=actor, now=now, from_date=from_date, to_date=to_date)
    award.decided_at, award.decided_by = now, approved_by
    award.save(update_fields=["decided_at", "decided_by"])
    with failures_noted(award):
        return run_history_award(award, actor=actor, report=report)


@contextmanager
def failures_noted(award: HistoryAward) -> Iterator[None]:
    """Note in the award what ends a run early, and pass it on."""
    try:
        yield
    except JobCancelledError:
        _end(award, HistoryAwardState.CANCELLED, clock.utc_now())
        raise
    except (Exception, KeyboardInterrupt) as error:
        award.error = str(error)[:500]
        _end(award, HistoryAwardState.FAILED, clock.utc_now())
        raise


@transaction.atomic
def decide_history_award(*, actor: Actor, now: datetime, award_id: UUID, is_approved: bool) -> HistoryAward:
    """Approve, so that a worker begins, or decline.

    Raises:
        HistoryAwardNotFoundError: no such request.
        HistoryAwardRefusedError: it was decided already.
        OwnRequestError: who asked cannot approve, nor a key of theirs.
    """
    award = _locked(award_id)
    if award.state != HistoryAwardState.ASKED:
        raise HistoryAwardRefusedError(_("This was decided already."), field="state", value=award.state)
    if is_approved and access.is_same_person(actor.code, award.asked_by):
        raise OwnRequestError
    award.decided_at, award.decided_by = now, actor.code
    if is_approved:
        job = jobs.enqueue(JOB, actor=actor, now=now, payload={"award": str(award.id)}, unique_key="history")
        award.state, award.job_id = HistoryAwardState.QUEUED, job.id
    else:
        award.state, award.finished_at = HistoryAwardState.DECLINED, now
    award.save(update_fields=["state", "job_id", "decided_at", "decided_by", "finished_at"])
    name = "sales.history.approved" if is_approved else "sales.history.declined"
    events.append(name, actor=actor, now=now, data={"award": str(award.id)})
    return award


def cancel_history_award(*, actor: Actor, now: datetime, award_id: UUID) -> HistoryAward:
    """Stop: at once if it waits, after the batch at hand if it runs. What was awarded stays awarded.

    Raises:
        HistoryAwardNotFoundError: no such request.
        HistoryAwardRefusedError: it is over.
    """
    with transaction.atomic():
        award = _locked(award_id)
        if award.state not in OPEN:
            raise HistoryAwardRefusedError(_("This is already over."), field="state", value=award.state)
        if award.state != HistoryAwardState.RUNNING:
            _end(award, HistoryAwardState.CANCELLED, now)
    if award.job_id is not None:
        try:
            jobs.cancel(award.job_id, actor=actor, now=now)
        except (JobNotFoundError, JobStateError) as error:
            raise HistoryAwardRefusedError(_("This is already over."), field="state", value=award.state) from error
    return award


def run_history_award(award: HistoryAward, *, actor: Actor, report: Report) -> HistoryAward:
    """Award the orders, then unwind what came back of them; begun again it goes on where it was.

    report: is told how many orders of how many are done, between transactions; may raise to stop.
    """
    started, before = time.monotonic(), award.seconds
    award.state, award.error = HistoryAwardState.RUNNING, ""
    award.save(update_fields=["state", "error"])
    start, end = _moments(award.from_date, award.to_date)

    def note(done: Awarded) -> None:
        _count(award, done)
        award.seconds = before + round(time.monotonic() - started)
        award.save(update_fields=["orders", "points", "coupons", "refused", "refusals", "unjudged", "seconds"])

    award.refused, award.refusals, award.unjudged = 0, [], 0  # they are met again
    for _done in history.award_between(start, end, actor=actor, tell_time=clock.utc_now, note=note):
        report(award.orders + award.refused + award.unjudged, award.total)
    for count, refused in history_returns.unwind_since(start, actor=actor, tell_time=clock.utc_now):
        award.returns += count
        _note_refused(award, refused)
        award.save(update_fields=["returns", "refused", "refusals"])
        report(award.total, award.total)
    now = clock.utc_now()
    award.seconds = before + round(time.monotonic() - started)
    with transaction.atomic():
        _end(award, HistoryAwardState.DONE, now)
        data = {"award": str(award.id), "orders": award.orders, "points": award.points}
        events.append("sales.history.awarded", actor=actor, now=now, data=data)
    return award


def _moments(first: date, last: date) -> tuple[datetime, datetime]:
    zone = staff.company().time_zone
    return clock.day_start(first, zone), clock.day_start(last + timedelta(days=1), zone)


def _count(award: HistoryAward, done: Awarded) -> None:
    award.orders += done.orders
    award.coupons += done.coupons
    award.unjudged += done.unjudged
    points: dict[str, Any] = dict(award.points)
    for code, amount in done.points.items():
        points[code] = points.get(code, 0) + amount
    award.points = points
    _note_refused(award, done.refused)


def _note_refused(award: HistoryAward, refused: dict[UUID, TrothError]) -> None:
    award.refused += len(refused)
    room = max(LISTED - len(award.refusals), 0)
    award.refusals = [
        *award.refusals,
        *({"id": str(one), "code": error.code, "message": str(error)} for one, error in list(refused.items())[:room]),
    ]


def _locked(award_id: UUID) -> HistoryAward:
    award = HistoryAward.objects.select_for_update().filter(id=award_id).first()
    if award is None:
        raise HistoryAwardNotFoundError
    return award


def _end(award: HistoryAward, state: HistoryAwardState, now: datetime) -> None:
    award.state, award.finished_at = state, now
    award.save(update_fields=["state", "finished_at", "error", "seconds"])
