"""Reading what was measured: runs, report frames, scores, and the people behind a number."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from troth.activity import queries as activity
from troth.customers import queries as customers
from troth.jobs import queries as jobs
from troth.jobs.models import Job
from troth.kit.conditions import catalogue
from troth.kit.money import MoneyField
from troth.value.terms import ACTIVE_STATUSES

from . import history, live, loyal, summaries
from .errors import ScoreNotFoundError
from .market_models import CustomerMarket, about
from .models import (
    AnalysisRun,
    CustomerChurn,
    CustomerOutlook,
    CustomerScore,
    MeasureSettings,
    ProductSuggestion,
    ReportFrame,
    RunStatus,
)
from .services import JOB, lake_dir

ACTIVE, SILENT, UNKNOWN = "all_active", "all_silent", "unknown"
"""Stand for groups of statuses: who still buys (new, repeat, active), who does not (sleeping, lost), and
who was not known yet."""

UNHELD = "unheld"
"""Stands for customers whom nothing was seen to hold."""

NO_BUYER = "no_buyer"
"""Stands for customers who had not bought yet."""

MARKET_FIELDS = ("market", "corner", "satisfaction")
SILENT_STATUSES = ("sleeping", "lost")
STATUS_GROUPS = {ACTIVE: ACTIVE_STATUSES, SILENT: SILENT_STATUSES, UNKNOWN: ("",)}


@dataclass(frozen=True, slots=True)
class Table:
    """A report frame: rows by column name (money as text, days in ISO form), and the figures beside it."""

    rows: list[dict[str, Any]]
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """How fresh the reports are.

    run: the newest finished analysis; failed: a later one that failed; job: one that waits or runs now;
    has_orders: there is something to analyse; is_outdated: orders or returns changed since; has_new_settings:
    measured by older settings than those in force.
    """

    run: AnalysisRun | None
    failed: AnalysisRun | None
    job: Job | None
    has_orders: bool
    is_outdated: bool
    has_new_settings: bool


def latest_run() -> AnalysisRun | None:
    """Return the newest finished analysis, on which all scores and reports rest."""
    done = AnalysisRun.objects.filter(status=RunStatus.DONE).select_related("settings")
    return done.order_by("-finished_at", "-id").first()


def measured_nothing(run: AnalysisRun) -> bool:
    """Return whether an analysis came before the first order: its reports would be zeros that say nothing.

    Where the orders lie after its day it has told all there is; its zeros stand.
    """
    return not run.order_count and (not activity.orders().exists() or _has_changed_since(run.started_at))


def standing() -> Standing:
    """Return how fresh the reports are."""
    run = latest_run()
    attempts = AnalysisRun.objects.order_by("-started_at", "-id")
    last = attempts.first()
    return Standing(
        run=run,
        failed=last if last and last.status == RunStatus.FAILED else None,
        job=jobs.active().filter(name=JOB).first(),
        has_orders=activity.orders().exists(),
        is_outdated=run is not None and _has_changed_since(run.started_at),
        has_new_settings=run is not None and _is_older_than_settings(run),
    )


def tables(run: AnalysisRun, *names: str) -> dict[str, Table]:
    """Return report frames of a run by name; one that the run does not have is empty."""
    found = {
        frame.name: Table([dict(zip(frame.columns, row, strict=True)) for row in frame.rows], frame.facts)
        for frame in ReportFrame.objects.filter(run=run, name__in=names)
    }
    return {name: found.get(name, Table([], {})) for name in names}


def score(customer_id: UUID) -> CustomerScore:
    """Return the score of a canonical customer.

    Raises:
        ScoreNotFoundError: the customer has none.
    """
    found = CustomerScore.objects.filter(owner_id=customer_id).first()
    if found is None:
        raise ScoreNotFoundError(_("This customer has no score: no purchase yet, or none analysed yet."))
    return found


def scores(customer_ids: Iterable[UUID]) -> dict[UUID, CustomerScore]:
    """Return the scores of these canonical customers; who has none is left out."""
    return CustomerScore.objects.in_bulk(list(customer_ids))


def outlook(customer_id: UUID) -> CustomerOutlook | None:
    """Return what is expected of a canonical customer; None before the first purchase was analysed."""
    return CustomerOutlook.objects.filter(owner_id=customer_id).first()


def outlook_now(customer_id: UUID, *, today: date) -> tuple[CustomerOutlook | None, int]:
    """Return what is expected of a canonical customer with what was bought since the analysis told to its models.

    The second is on how many days something was bought since; what to do next and the index are as of the analysis.
    """
    found = outlook(customer_id)
    if found is None:
        return None, 0
    return found, live.update(found, customers.record_ids(customer_id), today=today)


def history_of(customer_id: UUID, *, until: date) -> list[history.Moment]:
    """Return what was known of a canonical customer at the ends of the last months up to a day, the oldest first."""
    return history.of(lake_dir(), customer_id, until=until)


def index_parts(customer_id: UUID) -> list[loyal.Part]:
    """Return the parts of a canonical customer's loyalty index, what gives most first; none before an analysis."""
    return loyal.parts_of(lake_dir(), customer_id)


def outlooks(customer_ids: Iterable[UUID]) -> dict[UUID, CustomerOutlook]:
    """Return what is expected of these canonical customers; of whom nothing is is left out."""
    return CustomerOutlook.objects.in_bulk(list(customer_ids))


def markets_of(customer_id: UUID) -> list[CustomerMarket]:
    """Return the markets in which a canonical customer's satisfaction is known; none without a survey or a market."""
    return list(CustomerMarket.objects.filter(owner_id=customer_id).order_by("market"))


def suggestion(customer_id: UUID) -> ProductSuggestion | None:
    """Return what a canonical customer may buy next; None where nothing is known."""
    return ProductSuggestion.objects.filter(owner_id=customer_id).first()


def suggestion_report() -> Table | None:
    """Return how the ways of telling the next product did; None before the first time.

    It may be of an earlier analysis than the newest, for it is made in the background afterwards.
    """
    return _newest("next_products")


def churn(customer_id: UUID) -> CustomerChurn | None:
    """Return how likely a canonical customer is to leave; None where it is not told: lost, unknown, or not wanted."""
    return CustomerChurn.objects.filter(owner_id=customer_id).first()


def churn_report() -> Table | None:
    """Return how the ways of telling who leaves did; None before the first time. It may be of an earlier analysis than
    the newest, for it is made in the background afterwards.
    """
    return _newest("churn")


def _newest(name: str) -> Table | None:
    frame = ReportFrame.objects.filter(name=name).order_by("-run__finished_at", "-run_id").first()
    if frame is None:
        return None
    return Table([dict(zip(frame.columns, row, strict=True)) for row in frame.rows], frame.facts)


Summary = summaries.Summary


def summary(owner_ids: QuerySet[Any, Any] | None = None) -> Summary:
    """Return the figures of these canonical customers, given as a query of ids; of everybody without it."""
    return summaries.summary(owner_ids)


def most_expected(count: int) -> list[CustomerOutlook]:
    """Return the customers of whom most profit is expected, the most first; none where no model was fitted."""
    known = CustomerOutlook.objects.filter(potential_value__isnull=False)
    return list(known.order_by("-potential_value", "owner_id")[:count])


def most_at_stake(count: int, actions: Iterable[str]) -> list[CustomerOutlook]:
    """Return the customers with one of these next actions, the most money at stake first."""
    found = CustomerOutlook.objects.filter(action__in=list(actions), stake__gt=0)
    return list(found.order_by("-stake", "owner_id")[:count])


def settings_in_force() -> MeasureSettings | None:
    """Return the newest measure settings; None before the first analysis."""
    return MeasureSettings.objects.order_by("-version").first()


@dataclass(frozen=True, slots=True)
class People:
    """Which customers stand behind a number. Every field that is set narrows; days count back from the
    analysis.

    band, status and status_before (a code or ACTIVE, SILENT, UNKNOWN), rung, rfm_segment: codes; r, f, m:
    scores of 1 to 5; first_month, bought_month: the first day of a month; first_within, bought_within: in
    the last so many days; quarter, loyalty_type, loyalty_hold (a code or UNHELD), action: codes of the
    outlook; referred: brought at least so many; market: its name, corner: a code, satisfaction: a step of
    points as text ("75"), all of the same market;
    index_from, potential_from, revenue_from: at least so much; index_below, potential_below: less than that (points
    of the index, money).
    """

    band: str = ""
    status: str = ""
    status_before: str = ""
    rung: str = ""
    rung_before: str = ""
    rfm_segment: str = ""
    r: int = 0
    f: int = 0
    m: int = 0
    first_month: date | None = None
    bought_month: date | None = None
    first_within: int = 0
    bought_within: int = 0
    quarter: str = ""
    loyalty_type: str = ""
    loyalty_hold: str = ""
    action: str = ""
    referred: int = 0
    market: str = ""
    corner: str = ""
    satisfaction: str = ""
    index_from: int = 0
    index_below: int = 0
    potential_from: Decimal | None = None
    potential_below: Decimal | None = None
    revenue_from: Decimal | None = None

    def given(self) -> dict[str, Any]:
        """Return the fields that are set."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: given for name, given in found.items() if given or isinstance(given, Decimal)}


def people(wanted: People, *, as_of: date) -> QuerySet[CustomerScore]:
    """Return the scores of the customers behind a number, the most revenue first; under an action, the most money at
    stake.
    """
    narrow = Q()
    for name, given in wanted.given().items():
        narrow &= Q() if name in MARKET_FIELDS else _CONDITIONS[name](given, as_of)
    if placed := {name: given for name, given in wanted.given().items() if name in MARKET_FIELDS}:
        near = about([placed.pop("satisfaction")]) if "satisfaction" in placed else Q()
        narrow &= Q(owner_id__in=CustomerMarket.objects.filter(near, **placed).values("owner_id"))
    found = CustomerScore.objects.filter(narrow)
    if not wanted.action:
        return found.order_by("-revenue", "owner_id")
    stake = CustomerOutlook.objects.filter(owner_id=OuterRef("owner_id")).values("stake")
    return found.order_by(Coalesce(Subquery(stake), Value(0), output_field=MoneyField()).desc(), "-revenue", "owner_id")


def _statuses(column: str, given: str) -> Q:
    return Q(**{f"{column}__in": STATUS_GROUPS.get(given, (given,))})


def _within(column: str, days: int, as_of: date) -> Q:
    return Q(**{f"{column}__gt": as_of - timedelta(days=days), f"{column}__lte": as_of})


def _month(column: str, first_day: date) -> Q:
    return Q(**{f"{column}__gte": first_day, f"{column}__lt": next_month(first_day)})


def _expected(**narrowing: Any) -> Q:
    return Q(owner_id__in=CustomerOutlook.objects.filter(**narrowing).values("owner_id"))


def next_month(first_day: date) -> date:
    """Return the first day of the month after."""
    return (first_day + timedelta(days=31)).replace(day=1)


def _bought_in(first_day: date) -> Q:
    """Who bought in a month, under the record that counts: purchases of a merged one are the canonical one's."""
    orders = activity.orders().filter(order_date__gte=first_day, order_date__lt=next_month(first_day)).order_by()
    buyers = orders.values("owner_id")
    aliases = catalogue.catalogue("customer").subject.aliases
    merged = aliases().filter(record__in=buyers).values("canonical") if aliases else ()
    return Q(owner_id__in=buyers) | Q(owner_id__in=merged)


_CONDITIONS: Mapping[str, Any] = {
    "band": lambda given, _day: Q(band=given),
    "status": lambda given, _day: _statuses("status", given),
    "status_before": lambda given, _day: _statuses("status_before", given),
    "rung": lambda given, _day: Q(rung=given),
    "rung_before": lambda given, _day: Q(rung_before="" if given == NO_BUYER else given),
    "rfm_segment": lambda given, _day: Q(rfm_segment=given),
    "r": lambda given, _day: Q(r_score=given),
    "f": lambda given, _day: Q(f_score=given),
    "m": lambda given, _day: Q(m_score=given),
    "first_month": lambda given, _day: _month("first_purchase_date", given),
    "bought_month": lambda given, _day: _bought_in(given),
    "first_within": lambda given, day: _within("first_purchase_date", given, day),
    "bought_within": lambda given, day: _within("last_purchase_date", given, day),
    "quarter": lambda given, _day: _expected(quarter=given),
    "loyalty_type": lambda given, _day: _expected(loyalty_type=given),
    "loyalty_hold": lambda given, _day: _expected(loyalty_hold="" if given == UNHELD else given),
    "action": lambda given, _day: _expected(action=given),
    "referred": lambda given, _day: _expected(referred__gte=given),
    "index_from": lambda given, _day: _expected(loyalty_index__gte=given),
    "index_below": lambda given, _day: _expected(loyalty_index__lt=given),
    "potential_from": lambda given, _day: _expected(potential_value__gte=given),
    "potential_below": lambda given, _day: _expected(potential_value__lt=given),
    "revenue_from": lambda given, _day: Q(revenue__gte=given),
}


def _has_changed_since(moment: datetime) -> bool:
    found = (activity.orders(), activity.returns())
    return any(rows.order_by().filter(updated_at__gt=moment).exists() for rows in found)


def _is_older_than_settings(run: AnalysisRun) -> bool:
    newest = settings_in_force()
    return newest is not None and newest.version > run.settings.version
