"""What all offers brought, less what they cost: those who may get them beside those kept out of them by chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from troth import value
from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.insights import queries as insights
from troth.insights import services as insight_services
from troth.insights.models import AnalysisRun
from troth.jobs import queries as jobs
from troth.jobs import services as job_services
from troth.jobs.models import Job, JobStatus
from troth.kit.clock import business_date, day_start
from troth.staff import queries as staff
from troth.value import experiments
from troth.value.later import pl

from . import control_gate
from .control_costs import kinds, with_costs
from .errors import ControlRefusedError
from .policies import Terms, from_json
from .policy_versions import in_force, versions

JOB = "messaging.measure_control"
CONTROL, MAY = "control", "may"
SPANS = (30, 90, 180, 365)
CHUNK = 20_000
MEMORY_LIMIT = "1GB"
HIGHEST_PRICE = 1_000
BEFORE = {"bought": None, "revenue": "revenue_before", "profit": "revenue_before", "net": "revenue_before"}
"""What was so before, by which each outcome is corrected (CUPED)."""

SHOWN = ("people", "mean", "control_mean", "difference", "low", "high", "chance", "total", "total_low", "total_high")


@dataclass(frozen=True, slots=True)
class ControlGroup:
    """Who is kept out of all offers, by the rules in force.

    percent: of the customers, 0 for nobody; since: from when on there was such a group of the same draw without a gap,
    None without one; most_days: how many days of it the last analysis knows, 0 where that is none.
    """

    percent: int
    since: datetime | None
    most_days: int

    @property
    def spans(self) -> tuple[int, ...]:
        """Return the spans of days that can be measured: the usual ones that fit, else all there is."""
        fitting = tuple(days for days in SPANS if days <= self.most_days)
        return fitting or ((self.most_days,) if self.most_days else ())


def control_group() -> ControlGroup:
    """Return who is kept out of all offers, and since when."""
    _version, terms = in_force()
    since, run = _since(terms), insights.latest_run()
    if since is None or run is None:
        return ControlGroup(terms.control_percent, since, 0)
    began = business_date(since, staff.company().time_zone)
    return ControlGroup(terms.control_percent, since, max(0, (run.as_of_date - began).days))


def measurement() -> Job | None:
    """Return the newest measurement that is done; its `result` is what `work_out` returned."""
    return jobs.latest(name=JOB).filter(status=JobStatus.SUCCEEDED).first()


def under_way() -> Job | None:
    """Return the newest measurement if it is not done: waiting, running, failed or stopped."""
    newest = jobs.latest(name=JOB).first()
    return newest if newest and newest.status != JobStatus.SUCCEEDED else None


def measure(*, days: int, message_price: Decimal = Decimal(0), actor: Actor, now: datetime) -> Job:
    """Have measured in the background what offers brought in the last days that the last analysis knows.

    message_price: what one message costs, in the currency of the analysis; 0 takes nothing off for messages.

    Raises:
        ControlRefusedError: nobody is kept out, nothing was analysed, the group is younger, or the price is none.
        JobAlreadyActiveError: it is being measured.
    """
    _check(days)
    check_price(message_price)
    payload = {"days": days, "message_price": str(message_price)}
    return job_services.enqueue(JOB, actor=actor, now=now, payload=payload, unique_key="control")


def check_price(price: Decimal) -> None:
    """Refuse what can be no price of a message.

    Raises:
        ControlRefusedError: below 0, or more than anybody pays.
    """
    if not (price.is_finite() and 0 <= price <= HIGHEST_PRICE):
        message = _("Give what a message costs: 0 to %(most)s.") % {"most": HIGHEST_PRICE}
        raise ControlRefusedError(message, field="message_price", value=str(price))


def work_out(*, days: int, message_price: Decimal = Decimal(0)) -> dict[str, Any]:
    """Return what both groups bought in the days up to the last analysis, with intervals, as JSON can hold it.

    Everybody counts who was a customer when the days began, whether they could have got an offer or not: leaving out
    whom offers drove away would flatter them. Whoever changed sides meanwhile, because the share was changed, is left
    out; chance decided that, too. `net` is the profit less what points, gifts and messages of each person cost in these
    days; `costs` tells each kind a head.

    Raises:
        ControlRefusedError: see `measure`; or the facts cannot be computed with.
    """
    terms, run = _check(days)
    began = run.as_of_date - timedelta(days=days)
    low, high = _shares(terms, began)
    drawn = pl.DataFrame(
        list(_drawn(terms, began, low, high)),
        schema={"customer_id": pl.String, "arm": pl.String, "drawn_date": pl.Date, "is_known": pl.Boolean},
        orient="row",
    )
    margin = value.Margin(assumed=run.settings.assumed_margin)
    try:
        with value.Lake(insight_services.lake_dir(), memory_limit=MEMORY_LIMIT, currency=run.currency) as facts:
            people = experiments.observed(facts, drawn, days=days, as_of=run.as_of_date, margin=margin)
    except value.FactsError as error:
        raise ControlRefusedError(_("These facts cannot be analysed: %(what)s") % {"what": error}) from error
    people = people.join(drawn.select("customer_id", "is_known"), on="customer_id")
    people = people.filter(pl.col("is_known") | (pl.col("purchases_before") > 0))
    people = with_costs(people, days=days, currency=run.currency, message_price=message_price)
    counts = {arm: people.filter(pl.col("arm") == arm).height for arm in (CONTROL, MAY)}
    return {
        "days": days,
        "from_date": (began + timedelta(days=1)).isoformat(),
        "as_of_date": run.as_of_date.isoformat(),
        "currency": run.currency,
        "percent": low,
        "counts": counts,
        "message_price": str(message_price),
        "costs": costs_a_head(people),
        "outcomes": compared(people, {CONTROL: low, MAY: 100 - high}) if min(counts.values()) > 1 else {},
    }


def outcomes_of(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outcomes of a measurement in our order; PostgreSQL keeps the keys of JSON in one of its own."""
    return {name: result["outcomes"][name] for name in BEFORE if name in result["outcomes"]}


def costs_of(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the costs a head of a measurement, in our order, also of a kind that is counted no more."""
    told = result.get("costs", {})
    return {kind: told[kind] for kind in dict.fromkeys([*kinds(), *sorted(told)]) if kind in told}


def costs_a_head(people: pl.DataFrame) -> dict[str, dict[str, float]]:
    """Return each kind of cost a head on both sides; 0 for a side where nobody is."""
    sides = {arm: people.filter(pl.col("arm") == arm) for arm in (CONTROL, MAY)}
    return {
        kind: {arm: float(side[kind].sum()) / max(side.height, 1) for arm, side in sides.items()} for kind in kinds()
    }


def compared(people: pl.DataFrame, planned: Mapping[str, int] | None) -> dict[str, Any]:
    """Return every outcome of the two sides beside each other, with what speaks against believing it."""
    found = {}
    for outcome, before in BEFORE.items():
        both = experiments.compare(people, outcome=outcome, control=CONTROL, before=before, planned=planned)
        effect = both.effect(MAY)
        doubts = [str(one) for one in both.doubts]
        found[outcome] = {name: getattr(effect, name) for name in SHOWN} | {"doubts": doubts}
    return found


def _drawn(terms: Terms, began: date, low: int, high: int) -> Iterator[tuple[str, str, date, bool]]:
    """On which side customers were all the time, and whether their record was there when the days began: of who came
    with an import only the orders tell it.
    """
    start = day_start(began + timedelta(days=1), staff.company().time_zone)
    everybody = customers.customers_matching(customers.CustomerFilter()).order_by("id")
    rows = everybody.values_list("id", "joined_date", "created_at").iterator(chunk_size=CHUNK)
    for customer_id, joined, created_at in rows:
        is_known = created_at < start or (joined is not None and joined <= began)
        if control_gate.is_kept_out(customer_id, terms, percent=low):
            yield str(customer_id), CONTROL, began, is_known
        elif not control_gate.is_kept_out(customer_id, terms, percent=high):
            yield str(customer_id), MAY, began, is_known


def _check(days: int) -> tuple[Terms, AnalysisRun]:
    group = control_group()
    if not group.percent:
        raise ControlRefusedError(_("Nobody is kept out of offers: there is nothing to compare with."))
    run = insights.latest_run()
    if run is None:
        raise ControlRefusedError(_("Nothing was analysed yet: run the analysis first."))
    if not 1 <= days <= group.most_days:
        message = _("The control group is known for %(most)s days; give a number of days from 1 to that.")
        raise ControlRefusedError(message % {"most": group.most_days}, field="days", value=str(days))
    return in_force()[1], run


def _since(terms: Terms) -> datetime | None:
    """Return from when on the rules have kept some of this draw out, whatever their share."""
    since = None
    for row in versions():
        found = from_json(row.terms)
        if not found.control_percent or found.control_draw != terms.control_draw:
            break
        since = row.created_at
    return since


def _shares(terms: Terms, began: date) -> tuple[int, int]:
    """Return the smallest and the largest share that the rules kept out after that day."""
    start = day_start(began + timedelta(days=1), staff.company().time_zone)
    shares = []
    for row in versions():
        shares.append(from_json(row.terms).control_percent)
        if row.created_at <= start:
            break
    return min(shares), max(shares)
