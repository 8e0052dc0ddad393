"""What activity contributes to the condition language: what customers bought, brought back and visited."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import ExpressionWrapper, F
from django.utils.translation import gettext_lazy as _

from troth.kit import clock
from troth.kit.conditions import catalogue, windows
from troth.kit.conditions.checks import fold
from troth.kit.conditions.expressions import Folded, MonthText
from troth.kit.conditions.fields import (
    LAST_DAYS,
    Aggregate,
    AsOf,
    Choice,
    Facts,
    Field,
    Group,
    Members,
    Param,
    ParamKind,
    Rows,
    Rowset,
    Suggest,
    ValueType,
)
from troth.kit.conditions.tree import Params
from troth.kit.money import MoneyField
from troth.staff import queries as staff

from .models import Order, OrderLine, Return, ServiceCost, Visit

SUBJECT = "customer"
ORDERS = Group("orders", _("Orders"), order=20)
GOODS = Group("goods", _("Goods bought"), order=22)
CONTACTS = Group("visits", _("Visits and service"), order=24)

SUGGESTED_MONTHS = 120
SUGGESTED_FROM = 200_000
"""Suggestions come from the newest order lines: enough to find what is sold now, quick on any number."""


def _texts(params: Params, code: str) -> Sequence[str]:
    found = params.get(code, ())
    return found if isinstance(found, tuple) else ()


def _orders_between(as_of: AsOf, params: Params) -> Rowset:
    first, last = windows.days(as_of, params)
    found = Order.objects.filter(order_date__lte=last)
    if "days" in params:
        found = found.filter(order_date__gte=first)
    if stores := _texts(params, "stores"):
        found = found.filter(store_id__in=[int(code) for code in stores])
    if channels := _texts(params, "channels"):
        found = found.annotate(folded=Folded("channel")).filter(folded__in=[fold(one) for one in channels])
    return found


def _orders(as_of: AsOf, params: Params) -> Rows:
    return Rows(_orders_between(as_of, params), "id")


def _order_dates(as_of: AsOf, params: Params) -> Rows:
    return Rows(_orders_between(as_of, params), "order_date")


def _order_months(as_of: AsOf, params: Params) -> Rows:
    return Rows(_orders_between(as_of, params), MonthText("order_date"))


def _order_amounts(as_of: AsOf, params: Params) -> Rows:
    return Rows(_orders_between(as_of, params).filter(currency=as_of.currency), "net_amount")


def _returns_between(as_of: AsOf, params: Params) -> Rowset:
    first, last = windows.days(as_of, params)
    found = Return.objects.filter(return_date__lte=last)
    if "days" in params:
        found = found.filter(return_date__gte=first)
    if stores := _texts(params, "stores"):
        found = found.filter(store_id__in=[int(code) for code in stores])
    return found


def _returns(as_of: AsOf, params: Params) -> Rows:
    return Rows(_returns_between(as_of, params), "id")


def _spend(as_of: AsOf, params: Params) -> list[Rows]:
    """Return order amounts, and amounts given back as negative ones."""
    given_back = ExpressionWrapper(F("net_amount") * -1, output_field=MoneyField())
    returned = _returns_between(as_of, params).filter(currency=as_of.currency)
    return [_order_amounts(as_of, params), Rows(returned, given_back)]


def _lines_between(as_of: AsOf, params: Params, *, currency: str | None = None) -> Rowset:
    orders = _orders_between(as_of, params)
    if currency is not None:
        orders = orders.filter(currency=currency)
    found: Rowset = OrderLine.objects.filter(order_id__in=orders.values("id"))
    for code, column in (("categories", "category"), ("brands", "brand"), ("skus", "sku")):
        if wanted := _texts(params, code):
            name = f"folded_{column}"
            found = found.annotate(**{name: Folded(column)}).filter(**{f"{name}__in": [fold(one) for one in wanted]})
    return found


def _line_amounts(as_of: AsOf, params: Params) -> Rows:
    return Rows(_lines_between(as_of, params, currency=as_of.currency), "net_amount")


def _line_quantities(as_of: AsOf, params: Params) -> Rows:
    return Rows(_lines_between(as_of, params), "quantity")


def _line_orders(as_of: AsOf, params: Params) -> Rows:
    return Rows(_lines_between(as_of, params), "order_id")


class _LineColumn:
    """The values of one column of the lines bought."""

    def __init__(self, column: str) -> None:
        self.column = column

    def __call__(self, as_of: AsOf, params: Params) -> Rows:
        return Rows(_lines_between(as_of, params), self.column)


def _order_stores(as_of: AsOf, params: Params) -> Rows:
    return Rows(_orders_between(as_of, params).filter(store__isnull=False), "store_id")


def _order_channels(as_of: AsOf, params: Params) -> Rows:
    return Rows(_orders_between(as_of, params), "channel")


def _visits(as_of: AsOf, params: Params) -> Rows:
    first, last = windows.days(as_of, params)
    found = Visit.objects.filter(occurred_at__lt=clock.day_start(last + timedelta(days=1), as_of.zone))
    if "days" in params:
        found = found.filter(occurred_at__gte=clock.day_start(first, as_of.zone))
    if stores := _texts(params, "stores"):
        found = found.filter(store_id__in=[int(code) for code in stores])
    return Rows(found, "occurred_at")


def _service_costs(as_of: AsOf, params: Params) -> Rows:
    first, last = windows.days(as_of, params)
    found = ServiceCost.objects.filter(cost_date__range=(first, last), currency=as_of.currency)
    return Rows(found, "amount")


def _suggest_month(start: str) -> list[str]:
    company = staff.company_or_none()
    if company is None:
        return []
    today = company.today(clock.utc_now())
    index = today.year * 12 + today.month - 1
    months = [f"{month // 12}-{month % 12 + 1:02}" for month in range(index, index - SUGGESTED_MONTHS, -1)]
    return [month for month in months if month.startswith(start)][:20]


def _store_choices() -> list[Choice]:
    return [Choice(str(store.pk), store.name) for store in staff.stores()]


def _suggest(column: str) -> Suggest:
    def suggest(start: str) -> list[str]:
        newest = OrderLine.objects.order_by("-id").values_list("id", flat=True).first() or 0
        lines: Any = OrderLine.objects.filter(id__gt=newest - SUGGESTED_FROM).exclude(**{column: ""})
        found = lines.filter(**{f"{column}__istartswith": start}).order_by(column)
        return list(found.values_list(column, flat=True).distinct()[:20])

    return suggest


def _suggest_channel(start: str) -> list[str]:
    newest = Order.objects.order_by("-updated_at", "-id").values("id")[:SUGGESTED_FROM]
    found = Order.objects.filter(id__in=newest, channel__istartswith=start).exclude(channel="").order_by("channel")
    return list(found.values_list("channel", flat=True).distinct()[:20])


STORES = Param("stores", ParamKind.CHOICES, _("At stores"), _("at %(value)s"), choices=_store_choices)
CHANNELS = Param("channels", ParamKind.TEXTS, _("By channels"), _("by %(value)s"), suggest=_suggest_channel)
CATEGORIES = Param(
    "categories",
    ParamKind.TEXTS,
    _("Of categories"),
    _("of category %(value)s"),
    suggest=_suggest("category"),
)
BRANDS = Param("brands", ParamKind.TEXTS, _("Of brands"), _("of brand %(value)s"), suggest=_suggest("brand"))
SKUS = Param("skus", ParamKind.TEXTS, _("Of articles"), _("of article %(value)s"), suggest=_suggest("sku"))
ORDER_PARAMS = (LAST_DAYS, STORES, CHANNELS)
LINE_PARAMS = (LAST_DAYS, CATEGORIES, BRANDS, SKUS, STORES)

catalogue.register(
    SUBJECT,
    Field(
        "orders.count",
        ValueType.COUNT,
        _("Number of orders"),
        ORDERS,
        Facts(_orders, Aggregate.COUNT),
        params=ORDER_PARAMS,
        order=10,
    ),
    Field(
        "orders.spend",
        ValueType.MONEY,
        _("Spend"),
        ORDERS,
        Facts(_spend, Aggregate.SUM),
        params=(LAST_DAYS, STORES),
        order=12,
        description=_("After discounts, less what was given back for returns."),
    ),
    Field(
        "orders.average",
        ValueType.MONEY,
        _("Average order"),
        ORDERS,
        Facts(_order_amounts, Aggregate.MEAN),
        params=ORDER_PARAMS,
        order=14,
        description=_("After discounts; returns are not taken off."),
    ),
    Field(
        "orders.last_date",
        ValueType.DATE,
        _("Last order"),
        ORDERS,
        Facts(_order_dates, Aggregate.LATEST),
        params=(STORES, CHANNELS),
        order=16,
    ),
    Field(
        "orders.first_date",
        ValueType.DATE,
        _("First order"),
        ORDERS,
        Facts(_order_dates, Aggregate.EARLIEST),
        params=(STORES, CHANNELS),
        order=18,
    ),
    Field(
        "orders.months",
        ValueType.TEXT_SET,
        _("Months with an order"),
        ORDERS,
        Members(_order_months),
        suggest=_suggest_month,
        params=(STORES, CHANNELS),
        order=19,
        description=_("As year and month, such as 2026-03."),
    ),
    Field(
        "orders.stores",
        ValueType.CHOICE_SET,
        _("Stores bought at"),
        ORDERS,
        Members(_order_stores),
        choices=_store_choices,
        params=(LAST_DAYS,),
        order=20,
    ),
    Field(
        "orders.channels",
        ValueType.TEXT_SET,
        _("Channels bought by"),
        ORDERS,
        Members(_order_channels),
        suggest=_suggest_channel,
        params=(LAST_DAYS,),
        order=22,
    ),
    Field(
        "orders.returns",
        ValueType.COUNT,
        _("Number of returns"),
        ORDERS,
        Facts(_returns, Aggregate.COUNT),
        params=(LAST_DAYS, STORES),
        order=24,
    ),
    Field(
        "goods.categories",
        ValueType.TEXT_SET,
        _("Product categories bought"),
        GOODS,
        Members(_LineColumn("category")),
        suggest=_suggest("category"),
        params=(LAST_DAYS, STORES),
        order=10,
    ),
    Field(
        "goods.brands",
        ValueType.TEXT_SET,
        _("Brands bought"),
        GOODS,
        Members(_LineColumn("brand")),
        suggest=_suggest("brand"),
        params=(LAST_DAYS, STORES),
        order=12,
    ),
    Field(
        "goods.skus",
        ValueType.TEXT_SET,
        _("Articles bought"),
        GOODS,
        Members(_LineColumn("sku")),
        suggest=_suggest("sku"),
        params=(LAST_DAYS, STORES),
        order=14,
    ),
    Field(
        "goods.spend",
        ValueType.MONEY,
        _("Spend on goods"),
        GOODS,
        Facts(_line_amounts, Aggregate.SUM),
        params=LINE_PARAMS,
        order=16,
        description=_("After discounts; returns are not taken off."),
    ),
    Field(
        "goods.quantity",
        ValueType.NUMBER,
        _("Quantity bought"),
        GOODS,
        Facts(_line_quantities, Aggregate.SUM),
        params=LINE_PARAMS,
        order=18,
    ),
    Field(
        "goods.orders",
        ValueType.COUNT,
        _("Orders with goods"),
        GOODS,
        Facts(_line_orders, Aggregate.COUNT_DISTINCT),
        params=LINE_PARAMS,
        order=20,
    ),
    Field(
        "goods.category_count",
        ValueType.COUNT,
        _("Number of categories bought"),
        GOODS,
        Facts(_LineColumn("category"), Aggregate.COUNT_DISTINCT),
        params=(LAST_DAYS, STORES),
        order=22,
    ),
    Field(
        "visits.count",
        ValueType.COUNT,
        _("Number of visits"),
        CONTACTS,
        Facts(_visits, Aggregate.COUNT),
        params=(LAST_DAYS, STORES),
        order=10,
    ),
    Field(
        "visits.last_at",
        ValueType.MOMENT,
        _("Last visit"),
        CONTACTS,
        Facts(_visits, Aggregate.LATEST),
        params=(STORES,),
        order=12,
    ),
    Field(
        "visits.service_cost",
        ValueType.MONEY,
        _("Cost to serve"),
        CONTACTS,
        Facts(_service_costs, Aggregate.SUM),
        params=(LAST_DAYS,),
        order=14,
    ),
)
