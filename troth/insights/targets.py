"""Targets: what an indicator shall be by a day, what it is, how it went analysis by analysis, what was learned."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events
from troth.kit.money import LIMIT, QUANTUM
from troth.staff import queries as staff

from .errors import TargetNotFoundError, TargetRefusedError
from .frames import Frame
from .models import Indicator, ReportFrame, RunStatus, Target, TargetReview

RATIOS = (Indicator.REPEAT_RATE, Indicator.TRUE_SHARE, Indicator.TOP_SHARE)
AMOUNTS = (Indicator.REVENUE, Indicator.PROFIT, Indicator.TO_COME)
MOST_INDEX = 100
FRAME = "indicators"
Rows = list[dict[str, Any]]


class Course(StrEnum):
    """How an indicator stands to its target."""

    REACHED = "reached"
    ON_COURSE = "on_course"  # at least as far as the straight line from the start to the goal
    BEHIND = "behind"
    MISSED = "missed"  # the day is over
    UNKNOWN = "unknown"  # no analysis told the indicator since the target was set


@dataclass(frozen=True, slots=True)
class Progress:
    """A target and how it stands. actual, day: by the newest analysis; due_now: where the straight line is on that
    day; series: day and value of every analysis since the start, the oldest first; all in the indicator's unit.
    """

    target: Target
    course: Course
    actual: Decimal | None
    day: date | None
    due_now: Decimal | None
    series: list[tuple[date, Decimal]]
    reviews: list[TargetReview]


@transaction.atomic
def set_target(
    *, actor: Actor, now: datetime, indicator: str, goal: Decimal, due_date: date, reason: str = ""
) -> Target:
    """Set what an indicator shall be by a day; where it stands now is kept as the start.

    goal: an amount in the company's currency, a share from 0 to 1, an index up to 100, or a number of people.

    Raises:
        TargetRefusedError: no such indicator, a goal that the indicator cannot have or already is, a day not ahead.
    """
    known = _known(indicator)
    today = staff.company().today(now)
    _check(known, goal)
    if due_date <= today:
        raise TargetRefusedError(_("Choose a day that is still to come."), field="due_date", value=due_date.isoformat())
    told = series(known)
    since, start = told[-1] if told else (today, None)
    if start == goal:
        raise TargetRefusedError(_("It stands there already; choose another goal."), field="goal", value=str(goal))
    row = Target.objects.create(
        indicator=known, start=start, start_date=since, goal=goal, due_date=due_date,
        reason=reason.strip()[:300], set_at=now, set_by=actor.code,
    )  # fmt: skip
    _tell("set", row, actor, now)
    return row


@transaction.atomic
def review_target(*, actor: Actor, now: datetime, target_id: UUID, note: str) -> TargetReview:
    """Note what was learned, with what the indicator is.

    Raises:
        TargetNotFoundError: no such target, or it was dropped.
        TargetRefusedError: no note.
    """
    row = _open(target_id)
    if not note.strip():
        raise TargetRefusedError(_("Write what you saw and what you will do."), field="note", value="")
    known = series(Indicator(row.indicator))
    day, actual = known[-1] if known else (None, None)
    review = TargetReview.objects.create(
        target=row, actual=actual, as_of_date=day, note=note.strip()[:1000], reviewed_at=now, reviewed_by=actor.code
    )
    _tell("reviewed", row, actor, now)
    return review


@transaction.atomic
def drop_target(*, actor: Actor, now: datetime, target_id: UUID) -> Target:
    """Give a target up; it stays readable.

    Raises:
        TargetNotFoundError: no such target, or it was dropped.
    """
    row = _open(target_id)
    row.dropped_at, row.dropped_by = now, actor.code
    row.save(update_fields=["dropped_at", "dropped_by"])
    _tell("dropped", row, actor, now)
    return row


def progress(*, today: date) -> list[Progress]:
    """Return every target that was not dropped, the next due first."""
    rows = Target.objects.filter(dropped_at=None).prefetch_related("reviews").order_by("due_date", "id")
    told: dict[str, list[tuple[date, Decimal]]] = {}
    found = []
    for row in rows:
        if row.indicator not in told:
            told[row.indicator] = series(Indicator(row.indicator))
        found.append(_progress(row, told[row.indicator], today))
    return found


def one(target_id: UUID, *, today: date) -> Progress:
    """Return a target with how it stands.

    Raises:
        TargetNotFoundError: no such target, or it was dropped.
    """
    row = Target.objects.filter(id=target_id, dropped_at=None).prefetch_related("reviews").first()
    if row is None:
        raise TargetNotFoundError(_("There is no such target, or it was dropped."))
    return _progress(row, series(Indicator(row.indicator)), today)


def series(indicator: Indicator) -> list[tuple[date, Decimal]]:
    """Return day and value of every analysis that tells an indicator, the oldest first, one a day, the latest of it."""
    frames = ReportFrame.objects.filter(name=FRAME, run__status=RunStatus.DONE)
    rows = frames.order_by("run__as_of_date", "run__finished_at", "run_id").values_list("run__as_of_date", "rows")
    found = {day: Decimal(value) for day, told in rows for code, value in told if code == indicator}
    return sorted(found.items())


def measured(frames: Iterable[Frame]) -> Frame:
    """Return what every indicator is by the reports of a run, as a report that outlives the others."""
    tables = _Tables({frame.name: frame for frame in frames})
    told = {indicator: read(tables) for indicator, read in READERS.items()}
    rows = [[str(code), format(value.quantize(QUANTUM), "f")] for code, value in told.items() if value is not None]
    return Frame(FRAME, ["indicator", "value"], rows)


def course(target: Target, actual: Decimal | None, day: date | None, *, today: date) -> Course:
    """Return how an indicator that was so on a day stands to its target."""
    if actual is None or day is None:
        return Course.UNKNOWN
    is_up = target.start is None or target.goal > target.start
    if actual >= target.goal if is_up else actual <= target.goal:
        return Course.REACHED
    if today > target.due_date:
        return Course.MISSED
    line = due_on(target, day)
    if line is None:
        return Course.BEHIND
    return Course.ON_COURSE if (actual >= line if is_up else actual <= line) else Course.BEHIND


def due_on(target: Target, day: date) -> Decimal | None:
    """Return where the straight line from the start to the goal is on a day; None where the start is not known."""
    if target.start is None:
        return None
    whole = max((target.due_date - target.start_date).days, 1)
    gone = min(max((day - target.start_date).days, 0), whole)
    return (target.start + (target.goal - target.start) * gone / whole).quantize(QUANTUM)


def _progress(row: Target, told: list[tuple[date, Decimal]], today: date) -> Progress:
    since = [(day, value) for day, value in told if day >= row.start_date]
    day, actual = since[-1] if since else (None, None)
    return Progress(
        target=row,
        course=course(row, actual, day, today=today),
        actual=actual,
        day=day,
        due_now=due_on(row, day) if day else None,
        series=since,
        reviews=sorted(row.reviews.all(), key=lambda one: one.reviewed_at, reverse=True),
    )


def _known(code: str) -> Indicator:
    if code not in Indicator.values:
        message = _("There is no indicator “%(code)s”; choose one from the list.") % {"code": code[:20]}
        raise TargetRefusedError(message, field="indicator", value=code[:20])
    return Indicator(code)


def _check(indicator: Indicator, goal: Decimal) -> None:
    message = ""
    if not goal.is_finite() or abs(goal) > LIMIT:
        message = _("Give a number as the goal.")
    elif indicator in RATIOS and not 0 <= goal <= 1:
        message = _("Give a share from 0% to 100%.")
    elif indicator == Indicator.INDEX and not 0 <= goal <= MOST_INDEX:
        message = _("Give an index from 0 to 100.")
    elif indicator not in AMOUNTS and goal < 0:
        message = _("Give a number of 0 or more.")
    if message:
        raise TargetRefusedError(message, field="goal", value=str(goal)[:20])


def _open(target_id: UUID) -> Target:
    row = Target.objects.select_for_update().filter(id=target_id, dropped_at=None).first()
    if row is None:
        raise TargetNotFoundError(_("There is no such target, or it was dropped."))
    return row


def _tell(what: str, row: Target, actor: Actor, now: datetime) -> None:
    data = {"target": str(row.id), "indicator": row.indicator, "due_date": row.due_date.isoformat()}
    events.append(f"insights.target.{what}", actor=actor, now=now, data=data)


class _Tables:
    """The report frames of one run, as far as it has them."""

    def __init__(self, frames: Mapping[str, Frame]) -> None:
        self._frames = frames

    def rows(self, name: str) -> Rows:
        frame = self._frames.get(name)
        return [dict(zip(frame.columns, row, strict=True)) for row in frame.rows] if frame else []

    def fact(self, name: str, key: str) -> Decimal | None:
        frame = self._frames.get(name)
        return _number(frame.facts.get(key)) if frame else None


def _number(given: Any) -> Decimal | None:
    try:
        return None if given is None else Decimal(str(given))
    except InvalidOperation:
        return None


def _of_year(column: str) -> Callable[[_Tables], Decimal | None]:
    def read(tables: _Tables) -> Decimal | None:
        return next((_number(row[column]) for row in tables.rows("kpis") if row["span"] == "year"), None)

    return read


def _active(tables: _Tables) -> Decimal | None:
    rows = tables.rows("standing")
    return _number(rows[0]["active_now"]) if rows else None


def _true_share(tables: _Tables) -> Decimal | None:
    rows = tables.rows("loyalty_types")
    everybody = _sum(row["customers"] for row in rows)
    return _sum(row["customers"] for row in rows if row["loyalty_type"] == "true") / everybody if everybody else None


def _to_come(tables: _Tables) -> Decimal | None:
    rows = [row for row in tables.rows("value_layers") if row["potential"] is not None]
    return _sum(row["potential"] for row in rows) if any(row["potential"] for row in rows) else None


def _sum(given: Iterable[Any]) -> Decimal:
    return sum((Decimal(str(one)) for one in given), Decimal(0))


READERS: dict[Indicator, Callable[[_Tables], Decimal | None]] = {
    Indicator.ACTIVE: _active,
    Indicator.BUYERS: _of_year("customers"),
    Indicator.NEW: _of_year("new_customers"),
    Indicator.REPEAT_RATE: _of_year("repeat_rate"),
    Indicator.REVENUE: _of_year("revenue"),
    Indicator.PROFIT: _of_year("profit"),
    Indicator.INDEX: lambda tables: tables.fact("index_histogram", "mean"),
    Indicator.TRUE_SHARE: _true_share,
    Indicator.TO_COME: _to_come,
    Indicator.TOP_SHARE: lambda tables: tables.fact("pareto", "top_share"),
}
"""How each indicator is read from the reports of a run; None where they do not tell it."""
