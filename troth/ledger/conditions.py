"""What the ledger contributes to the condition language: what customers have, what ends soon, what they ever earned."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from troth.kit import clock
from troth.kit.conditions import catalogue
from troth.kit.conditions.fields import (
    Aggregate,
    AsOf,
    Choice,
    Facts,
    Field,
    Group,
    Param,
    ParamKind,
    Rows,
    Rowset,
    ValueType,
)
from troth.kit.conditions.tree import Params

from .idling import idle_by, idle_lots
from .models import Account, Lot, PointCurrency, UnitKind

SUBJECT = "customer"
POINTS = Group("points", _("Points"), order=30)


def _choices() -> list[Choice]:
    return [Choice(currency.code, currency.name) for currency in PointCurrency.objects.order_by("code")]


def _of(rows: Rowset, params: Params) -> Rowset:
    """Return rows of the currencies asked for, or of everything that is points."""
    wanted: Any = params.get("currencies")
    if wanted:
        return rows.filter(currency__code__in=list(wanted))
    return rows.filter(currency__unit_kind=UnitKind.POINTS)


def _accounts(column: str) -> Any:
    def rows(as_of: AsOf, params: Params) -> Rows:
        return Rows(_of(Account.objects.all(), params), column)

    return rows


def _expiring(as_of: AsOf, params: Params) -> Rows | Sequence[Rows]:
    """Return open lots that end from now on, if nothing happens: until the end of the n-th day, today is the first."""
    by_day = Lot.objects.filter(is_open=True, expires_at__gt=as_of.now)
    days = params.get("days")
    if isinstance(days, int):
        until = clock.day_start(as_of.today + timedelta(days=days), as_of.zone)
        by_day, idle = by_day.filter(expires_at__lte=until), idle_by(until, after=as_of.now)
    else:
        idle = idle_lots().exclude(id__in=idle_by(as_of.now).values("id"))
    return [Rows(_of(lots, params), "remaining") for lots in (by_day, idle)]


CURRENCIES = Param("currencies", ParamKind.CHOICES, _("Of currencies"), _("of %(value)s"), choices=_choices)
NEXT_DAYS = Param("days", ParamKind.DAYS, _("In the next … days"), _("in the next %(value)s days"))

catalogue.register(
    SUBJECT,
    Field(
        "points.balance",
        ValueType.COUNT,
        _("Points balance"),
        POINTS,
        Facts(_accounts("balance"), Aggregate.SUM),
        params=(CURRENCIES,),
        order=10,
        description=_("Held and pending points too, less what is owed. Counts all points unless currencies are named."),
    ),
    Field(
        "points.expiring",
        ValueType.COUNT,
        _("Points expiring"),
        POINTS,
        Facts(_expiring, Aggregate.SUM),
        params=(NEXT_DAYS, CURRENCIES),
        order=20,
        description=_("Points that end on a day, or by inactivity if nothing happens until then."),
    ),
    Field(
        "points.earned",
        ValueType.COUNT,
        _("Points ever earned"),
        POINTS,
        Facts(_accounts("earned"), Aggregate.SUM),
        params=(CURRENCIES,),
        order=30,
        description=_("Everything that was given, less what was taken back after returns. Spending changes nothing."),
    ),
)
