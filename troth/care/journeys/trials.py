"""What a journey's random splits brought: each group with something against the one without, and whom it moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth import value
from troth.access.actors import Actor
from troth.care.models import Journey, JourneyTrial, JourneyVersion, JourneyVisit
from troth.events import services as events
from troth.insights import queries as insights
from troth.insights import services as insight_services
from troth.jobs import services as jobs
from troth.kit.clock import business_date
from troth.staff import queries as staff
from troth.value import experiments
from troth.value.later import pl

from .document.reading import stored_document
from .document.shapes import Split, walk
from .errors import JourneyNotFoundError, JourneyRefusedError

JOB = "care.measure_journey"
MOST_DAYS = 365
MOST_COST = 1_000_000
CHUNK = 20_000
MEMORY_LIMIT = "1GB"
PROFIT = "profit"
BEFORE = {"bought": None, "revenue": "revenue_before", "profit": "revenue_before"}
"""What was so before, by which each outcome is corrected (CUPED)."""


@transaction.atomic
def measure(
    *,
    actor: Actor,
    now: datetime,
    journey_id: UUID,
    days: int = 30,
    cost: Decimal = Decimal(0),
    in_background: bool = True,
) -> JourneyTrial:
    """Have what a journey's splits brought measured by the facts of the last analysis.

    days: after the split that count; cost: of one person with the offer, in the company's currency;
    in_background: False leaves it to the caller to do it, see `work_out`.

    Raises:
        JourneyNotFoundError: no such journey.
        JourneyRefusedError: it splits nobody by chance, days or cost are outside their limits, nothing was analysed.
        JobAlreadyActiveError: it is being measured.
    """
    journey = Journey.objects.filter(id=journey_id).first()
    if journey is None:
        raise JourneyNotFoundError(journey_id)
    if not splits(journey):
        raise JourneyRefusedError(_("This journey splits nobody by chance: there is nothing to compare with."))
    if not 1 <= days <= MOST_DAYS:
        message = _("Give a number of days from 1 to %(most)s.") % {"most": MOST_DAYS}
        raise JourneyRefusedError(message, field="days", value=str(days))
    if not (cost.is_finite() and 0 <= cost <= MOST_COST):
        raise JourneyRefusedError(_("Give a cost of 0 or more."), field="cost", value=str(cost))
    if insights.latest_run() is None:
        raise JourneyRefusedError(_("Nothing was analysed yet: run the analysis first."))
    row, _is_new = JourneyTrial.objects.update_or_create(
        journey=journey, defaults={"days": days, "cost": cost, "asked_at": now, "asked_by": actor.code}
    )
    if in_background:
        job = jobs.enqueue(JOB, actor=actor, now=now, payload={"trial": str(row.id)}, unique_key=f"trial {journey.id}")
        row.job_id = job.id
        row.save(update_fields=["job_id"])
    return row


def work_out(*, actor: Actor, now: datetime, trial_id: UUID) -> JourneyTrial:
    """Measure what was asked for, and keep it; done again, it takes the place of itself.

    Raises:
        JourneyNotFoundError: it was not asked for.
        JourneyRefusedError: nothing was analysed, or the facts cannot be computed with.
    """
    row = JourneyTrial.objects.select_related("journey").filter(id=trial_id).first()
    if row is None:
        raise JourneyNotFoundError(trial_id)
    run = insights.latest_run()
    if run is None:
        raise JourneyRefusedError(_("Nothing was analysed yet: run the analysis first."))
    margin = value.Margin(assumed=run.settings.assumed_margin)
    try:
        with value.Lake(insight_services.lake_dir(), memory_limit=MEMORY_LIMIT, currency=run.currency) as facts:
            found = {
                step.id: _measured(facts, row, step, run.as_of_date, margin) for step in splits(row.journey).values()
            }
    except value.FactsError as error:
        raise JourneyRefusedError(_("These facts cannot be analysed: %(what)s") % {"what": error}) from error
    row.result, row.as_of_date, row.currency, row.measured_at = found, run.as_of_date, run.currency, now
    with transaction.atomic():
        row.save(update_fields=["result", "as_of_date", "currency", "measured_at"])
        data = {"journey": row.journey.code, "people": sum(one["people"] for one in found.values())}
        events.append("care.trial.measured", actor=actor, now=now, data=data)
    return row


def splits(journey: Journey) -> dict[str, Split]:
    """Return the random splits of a journey's newest version, by their ids."""
    version = JourneyVersion.objects.filter(journey=journey).order_by("-number").first()
    steps = walk(stored_document(version.document).steps) if version else ()
    return {step.id: step for step, _at in steps if isinstance(step, Split)}


def control_of(step: Split) -> str:
    """Return the group that others are compared with: the one marked so, else the first that gets nothing, else the
    last.
    """
    marked = [arm.code for arm in step.arms if arm.is_control]
    idle = [arm.code for arm in step.arms if not arm.steps]
    return (marked or idle or [step.arms[-1].code])[0]


def _measured(facts: value.Facts, row: JourneyTrial, step: Split, as_of: date, margin: value.Margin) -> dict[str, Any]:
    control = control_of(step)
    people = experiments.observed(facts, _drawn(row.journey_id, step), days=row.days, as_of=as_of, margin=margin)
    counts = {arm.code: people.filter(pl.col("arm") == arm.code).height for arm in step.arms}
    told: dict[str, Any] = {"control": control, "people": people.height, "counts": counts, "outcomes": {}, "uplift": {}}
    usable = people.filter(pl.col("arm").is_in([code for code, count in counts.items() if count > 1]))
    if counts[control] < 2 or usable["arm"].n_unique() < 2:
        return told
    shares = {arm.code: arm.share for arm in step.arms}
    for outcome, before in BEFORE.items():
        planned = shares if usable["arm"].n_unique() == len(shares) else None
        found = experiments.compare(usable, outcome=outcome, control=control, before=before, planned=planned)
        effects = [{name: getattr(one, name) for name in SHOWN} for one in found.effects]
        told["outcomes"][outcome] = {"effects": effects, "doubts": [str(one) for one in found.doubts]}
    for code, count in counts.items():
        if code != control and min(count, counts[control]) >= experiments.FEWEST_PEOPLE:
            told["uplift"][code] = _uplift(usable, control, code, float(row.cost))
    return told


SHOWN = (
    "arm",
    "people",
    "mean",
    "control_mean",
    "difference",
    "low",
    "high",
    "chance",
    "total",
    "total_low",
    "total_high",
)


def _uplift(people: pl.DataFrame, control: str, arm: str, cost: float) -> dict[str, Any]:
    found = experiments.uplift(
        people, outcome=PROFIT, features=experiments.BEFORE, control=control, offer=arm, cost=cost
    )
    intervals = {
        name: [getattr(getattr(found, name), end) for end in ("value", "low", "high")]
        for name in ("coefficient", "everybody", "aimed", "more_by_aiming")
    }
    frames = {name: _rows(getattr(found, name)) for name in ("curve", "tenths", "traits")}
    both = {"verdict": str(found.verdict), "ranks": found.ranks, "aimed_share": found.aimed_share}
    return {**both, "people": found.people.height, **intervals, **frames}


def _rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return [{name: _plain(given) for name, given in row.items()} for row in frame.to_dicts()]


def _plain(given: Any) -> Any:
    return round(given, 6) if isinstance(given, float) and isfinite(given) else given


def _drawn(journey_id: UUID, step: Split) -> pl.DataFrame:
    """Who was dealt into which group on which day of the company's, of all versions, in arms that there still are."""
    zone = staff.company().time_zone
    rows = JourneyVisit.objects.filter(
        journey_id=journey_id, step=step.id, outcome__in=[arm.code for arm in step.arms]
    ).order_by("id")
    found = rows.values_list("owner_id", "outcome", "left_at").iterator(chunk_size=CHUNK)
    schema = {"customer_id": pl.String, "arm": pl.String, "drawn_date": pl.Date}
    return pl.DataFrame(list(_days(found, zone)), schema=schema, orient="row")


def _days(rows: Iterable[tuple[UUID, str, datetime]], zone: str) -> Iterator[tuple[str, str, date]]:
    for owner_id, arm, left_at in rows:
        yield str(owner_id), arm, business_date(left_at, zone)
