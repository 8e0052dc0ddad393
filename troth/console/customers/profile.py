"""One customer whole: what the head of the page and its tabs show."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.activity import queries as activity
from troth.console import charts, formats
from troth.console.components import ChartCard, Column, Figure, Reason, Table
from troth.customers import queries as customers
from troth.customers.models import Customer
from troth.insights.models import CustomerScore
from troth.kit.money import minor_unit_places

from . import measures, people, scores
from .history import staff_name

MONTHS = 13


@dataclass(frozen=True, slots=True)
class Profile:
    """The customer as one actor sees them, with what every tab needs."""

    customer: Customer
    records: list[UUID]
    name: str
    birthday: str
    address: str
    owner: str
    score: CustomerScore | None
    reasons: list[Reason]
    identities: list[Any]
    is_open: bool
    currency: str


def profile_of(customer_id: UUID, actor: Actor, currency: str) -> Profile:
    """Return the customer of an id, of a merged record too.

    Raises:
        CustomerNotFoundError: no such customer.
    """
    customer = customers.customer(customer_id)
    is_open = actor.may(Permission.CUSTOMERS_VIEW_PERSONAL)
    score = scores.of_one(customer.id) if actor.may(Permission.INSIGHTS_VIEW) else None
    return Profile(
        customer=customer,
        records=customers.record_ids(customer.id),
        name=people.shown_name(customer, is_open),
        birthday=people.shown_birthday(customer.birth_date, is_open),
        address=people.shown_address(customer, is_open),
        owner=staff_name(customer.staff_owner_id),
        score=score,
        reasons=measures.reasons_of(score, currency) if score else [],
        identities=people.shown_identities(customers.identities_of(customer.id), is_open),
        is_open=is_open,
        currency=currency,
    )


def figures_of(score: CustomerScore, currency: str) -> list[Figure]:
    """Return the four figures at the top of the page."""
    basket = score.revenue / score.orders if score.orders else Decimal(0)
    assumed = formats.percent(score.profit_assumed_share, 0)
    return [
        Figure(
            _("Revenue so far"),
            formats.money(score.revenue, currency),
            note=_("%(amount)s in the last twelve months") % {"amount": formats.money(score.window_revenue, currency)},
        ),
        Figure(
            _("Profit so far"),
            formats.money(score.profit, currency),
            note=_("%(share)s of it by an assumed margin") % {"share": assumed}
            if score.profit_assumed_share
            else _("from known costs"),
            help=_(
                "Revenue less the cost of goods and of serving. Where the cost of a line is not known,"
                " the margin set for the analysis is assumed."
            ),
        ),
        Figure(
            _("Orders"),
            formats.count(score.orders),
            note=_("%(amount)s each on average") % {"amount": formats.money(basket, currency)},
        ),
        Figure(
            _("Last purchase"),
            _days_ago(score.days_since_last_purchase),
            note=_("usually every %(days)s days") % {"days": formats.count(score.usual_gap_days)},
        ),
    ]


def silence(score: CustomerScore) -> dict[str, Any]:
    """Return how far the silence has gone towards being lost, for the bar under the last purchase."""
    ratio = score.days_since_last_purchase / max(score.lost_after_days, 1)
    tones = {"sleeping": "warn", "lost": "bad"}
    return {"ratio": min(ratio, 1), "tone": tones.get(score.status, "good")}


def standing_figures(score: CustomerScore, currency: str) -> list[tuple[str, str, str]]:
    """Return the figures of the figures' tab: label, value, how it is meant."""
    return [
        (_("Days with purchases"), formats.count(score.purchases), _("several orders of one day count once")),
        (
            _("First purchase"),
            formats.day(score.first_purchase_date),
            _("%(days)s days ago") % {"days": formats.count(score.age_days)},
        ),
        (
            _("Last purchase"),
            formats.day(score.last_purchase_date),
            _days_ago(score.days_since_last_purchase),
        ),
        (
            _("Usual gap"),
            _days(score.usual_gap_days),
            _("sleeping after %(sleeping)s, lost after %(lost)s days")
            % {"sleeping": score.sleeping_after_days, "lost": score.lost_after_days},
        ),
        (_("Mean of a purchase"), formats.money(score.monetary_value, currency), _("of repeat purchases")),
        (
            _("Bought at a discount"),
            formats.percent(score.discount_share),
            _("share of the full price that was taken off"),
        ),
        (_("Categories bought"), formats.count(score.categories), ""),
        (
            _("Returned"),
            formats.money(score.returned, currency),
            ngettext("%(count)s return", "%(count)s returns", score.returns) % {"count": score.returns},
        ),
        (_("Cost of serving"), formats.money(score.service_cost, currency), ""),
    ]


def rfm_parts(score: CustomerScore) -> list[tuple[str, int, float]]:
    """Return recency, frequency and money, each from 1 to 5 and as a share of the best."""
    parts = [(_("Recency"), score.r_score), (_("Frequency"), score.f_score), (_("Money"), score.m_score)]
    return [(label, value, value / 5) for label, value in parts]


def months_card(records: list[UUID], today: date, currency: str) -> ChartCard | None:
    """Return the revenue of the last thirteen months, or None if there was none."""
    months = _months_until(today)
    first = months[0]
    rows = activity.orders(records).filter(order_date__gte=first).values_list("order_date", "net_amount")
    returned = activity.returns(records).filter(return_date__gte=first).values_list("return_date", "net_amount")
    sums: dict[date, Decimal] = defaultdict(Decimal)
    for day, amount in rows.iterator():
        sums[day.replace(day=1)] += amount
    for day, amount in returned.iterator():
        sums[day.replace(day=1)] -= amount
    if not sums:
        return None
    values = [sums[month] for month in months]
    labels = [formats.month(month) for month in months]
    return ChartCard(
        id="months",
        title=_("Revenue by month"),
        height="sm",
        option=charts.bars(
            labels,
            {_("Revenue"): [float(value) for value in values]},
            axis_format=charts.money_compact(formats.currency_symbol(currency)),
            value_format=charts.money(formats.currency_symbol(currency), minor_unit_places(currency)),
        ),
        table=Table(
            [_("Month"), Column(_("Revenue"), is_number=True)],
            [[label, formats.money(value, currency)] for label, value in zip(labels, values, strict=True)],
        ),
    )


def _months_until(today: date) -> list[date]:
    month = today.replace(day=1)
    months = [month]
    while len(months) < MONTHS:
        month = (
            month.replace(year=month.year - 1, month=12) if month.month == 1 else month.replace(month=month.month - 1)
        )
        months.append(month)
    return months[::-1]


def _days_ago(days: int) -> str:
    if days == 0:
        return _("today")
    return ngettext("%(count)s day ago", "%(count)s days ago", days) % {"count": formats.count(days)}


def _days(days: Decimal) -> str:
    return _("%(days)s days") % {"days": formats.count(days)}
