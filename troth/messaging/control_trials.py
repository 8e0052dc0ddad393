"""What a thing brought that some were kept out of by chance: both sides of its draw, from the day of the draw on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from troth import value
from troth.access.actors import Actor
from troth.insights import queries as insights
from troth.insights import services as insight_services
from troth.jobs import queries as jobs
from troth.jobs import services as job_services
from troth.jobs.models import Job, JobStatus
from troth.kit.clock import business_date
from troth.staff import queries as staff
from troth.value import experiments
from troth.value.later import pl

from .control_costs import with_costs
from .control_draws import counts_of
from .control_results import CHUNK, CONTROL, MAY, MEMORY_LIMIT, check_price, compared, costs_a_head
from .errors import ControlRefusedError
from .models import ControlDraw

JOB = "messaging.measure_draws"
MOST_DAYS = 365
HIGHEST_COST = 1_000_000


def measurement_of(subject: str) -> Job | None:
    """Return the newest measurement of a subject that is done; its `result` is what `work_out` returned."""
    return _jobs(subject).filter(status=JobStatus.SUCCEEDED).first()


def under_way_of(subject: str) -> Job | None:
    """Return the newest measurement of a subject if it is not done: waiting, running, failed or stopped."""
    newest = _jobs(subject).first()
    return newest if newest and newest.status != JobStatus.SUCCEEDED else None


def measure(
    *,
    subject: str,
    days: int,
    cost: Decimal = Decimal(0),
    message_price: Decimal = Decimal(0),
    actor: Actor,
    now: datetime,
) -> Job:
    """Have measured in the background what something brought in so many days after each customer's draw.

    cost: what it costs a head besides what is known, such as print; message_price: of one message; both in the currency
    of the analysis.

    Raises:
        ControlRefusedError: nobody was kept out, nothing was analysed, or a figure cannot be.
        JobAlreadyActiveError: it is being measured.
    """
    if not counts_of(subject)[1]:
        raise ControlRefusedError(_("Nobody was kept out of it: there is nothing to compare with."))
    if insights.latest_run() is None:
        raise ControlRefusedError(_("Nothing was analysed yet: run the analysis first."))
    if not 1 <= days <= MOST_DAYS:
        message = _("Give a number of days from 1 to %(most)s.") % {"most": MOST_DAYS}
        raise ControlRefusedError(message, field="days", value=str(days))
    if not (cost.is_finite() and 0 <= cost <= HIGHEST_COST):
        raise ControlRefusedError(_("Give a cost of 0 or more."), field="cost", value=str(cost))
    check_price(message_price)
    payload = {"subject": subject, "days": days, "cost": str(cost), "message_price": str(message_price)}
    return job_services.enqueue(JOB, actor=actor, now=now, payload=payload, unique_key=f"draw {subject}")


def work_out(*, subject: str, days: int, cost: Decimal, message_price: Decimal) -> dict[str, Any]:
    """Return what both sides bought in so many days after they were drawn, with intervals, as JSON can hold it.

    `is_of_all`: those who got none are kept out of all offers, so that the difference is not this one's alone;
    `waiting`: how many of those drawn have not had their days yet; they are in no figure.

    Raises:
        ControlRefusedError: nothing was analysed, or the facts cannot be computed with.
    """
    run = insights.latest_run()
    if run is None:
        raise ControlRefusedError(_("Nothing was analysed yet: run the analysis first."))
    schema = {"customer_id": pl.String, "arm": pl.String, "drawn_date": pl.Date, "percent": pl.Int64}
    drawn = pl.DataFrame(list(_drawn(subject)), schema=schema, orient="row")
    margin = value.Margin(assumed=run.settings.assumed_margin)
    try:
        with value.Lake(insight_services.lake_dir(), memory_limit=MEMORY_LIMIT, currency=run.currency) as facts:
            people = experiments.observed(facts, drawn, days=days, as_of=run.as_of_date, margin=margin)
    except value.FactsError as error:
        raise ControlRefusedError(_("These facts cannot be analysed: %(what)s") % {"what": error}) from error
    people = with_costs(people, days=days, currency=run.currency, message_price=message_price)
    stated = pl.when(pl.col("arm") == MAY).then(float(cost)).otherwise(0.0)
    people = people.with_columns(net=pl.col("net") - stated)
    counts = {arm: people.filter(pl.col("arm") == arm).height for arm in (CONTROL, MAY)}
    late = drawn.filter(pl.col("drawn_date") > run.as_of_date - timedelta(days=days)).height
    return {
        "subject": subject,
        "days": days,
        "as_of_date": run.as_of_date.isoformat(),
        "currency": run.currency,
        "cost": str(cost),
        "message_price": str(message_price),
        "counts": counts,
        "waiting": late,
        "is_of_all": _is_of_all(subject),
        "costs": costs_a_head(people),
        "outcomes": compared(people, _planned(drawn)) if min(counts.values()) > 1 else {},
    }


def _planned(drawn: pl.DataFrame) -> dict[str, int] | None:
    """Return the shares of the draw, None where they were not one and the same for all."""
    shares = drawn["percent"].unique().to_list()
    return {CONTROL: shares[0], MAY: 100 - shares[0]} if len(shares) == 1 and shares[0] else None


def _drawn(subject: str) -> Iterator[tuple[str, str, date, int]]:
    """Both sides; whoever is kept out of all offers stands on no side of a draw that has a share of its own: they are
    less like the others, for they got nothing else either.
    """
    zone = staff.company().time_zone
    rows = ControlDraw.objects.filter(subject=subject)
    if not _is_of_all(subject):
        rows = rows.filter(is_of_all=False)
    fields = rows.order_by("id").values_list("owner_id", "is_kept_out", "drawn_at", "percent")
    for owner_id, is_out, at, percent in fields.iterator(chunk_size=CHUNK):
        yield str(owner_id), CONTROL if is_out else MAY, business_date(at, zone), percent


def _is_of_all(subject: str) -> bool:
    """Tell whether there is nobody to compare with but those kept out of all offers."""
    return not ControlDraw.objects.filter(subject=subject, is_kept_out=True, is_of_all=False).exists()


def _jobs(subject: str) -> QuerySet[Job]:
    return jobs.latest(name=JOB).filter(payload__subject=subject)
