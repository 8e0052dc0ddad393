"""What messages contribute to the condition language: how many a customer got, opened, clicked, and when last."""

from datetime import date, timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from troth.kit import clock
from troth.kit.conditions import catalogue
from troth.kit.conditions.fields import (
    LAST_DAYS,
    Aggregate,
    AsOf,
    Facts,
    Field,
    Group,
    Rows,
    Rowset,
    ValueType,
)
from troth.kit.conditions.tree import Params

from .models import REACHED, Contact

SUBJECT = "customer"
MESSAGES = Group("messages", _("Messages"), order=54)


def _between(column: str, as_of: AsOf, params: Params) -> Q:
    """Return the window: up to today, from its first day if there is one."""
    window = Q(**{f"{column}__lt": clock.day_start(as_of.today + timedelta(days=1), as_of.zone)})
    days = params.get("days")
    if isinstance(days, int):
        first: date = as_of.today - timedelta(days=days - 1)
        window &= Q(**{f"{column}__gte": clock.day_start(first, as_of.zone)})
    return window


def _received(as_of: AsOf, params: Params) -> Rowset:
    return Contact.objects.filter(_between("sent_at", as_of, params), state__in=REACHED)


def _received_ids(as_of: AsOf, params: Params) -> Rows:
    return Rows(_received(as_of, params), "id")


def _received_moments(as_of: AsOf, params: Params) -> Rows:
    return Rows(_received(as_of, params), "sent_at")


def _opened_ids(as_of: AsOf, params: Params) -> Rows:
    return Rows(Contact.objects.filter(_between("opened_at", as_of, params)), "id")


def _opened_moments(as_of: AsOf, params: Params) -> Rows:
    return Rows(Contact.objects.filter(_between("opened_at", as_of, params)), "opened_at")


def _clicked_moments(as_of: AsOf, params: Params) -> Rows:
    return Rows(Contact.objects.filter(_between("clicked_at", as_of, params)), "clicked_at")


_TRACKED = _("Known only of those who agreed to their messages being followed.")

catalogue.register(
    SUBJECT,
    Field(
        "messages.received",
        ValueType.COUNT,
        _("Messages received"),
        MESSAGES,
        Facts(_received_ids, Aggregate.COUNT),
        params=(LAST_DAYS,),
        order=10,
    ),
    Field(
        "messages.last_received",
        ValueType.MOMENT,
        _("Last message received"),
        MESSAGES,
        Facts(_received_moments, Aggregate.LATEST),
        order=12,
    ),
    Field(
        "messages.opened",
        ValueType.COUNT,
        _("Messages opened"),
        MESSAGES,
        Facts(_opened_ids, Aggregate.COUNT),
        params=(LAST_DAYS,),
        order=14,
        description=_TRACKED,
    ),
    Field(
        "messages.last_opened",
        ValueType.MOMENT,
        _("Last message opened"),
        MESSAGES,
        Facts(_opened_moments, Aggregate.LATEST),
        order=16,
        description=_TRACKED,
    ),
    Field(
        "messages.last_clicked",
        ValueType.MOMENT,
        _("Last link clicked in a message"),
        MESSAGES,
        Facts(_clicked_moments, Aggregate.LATEST),
        order=18,
        description=_TRACKED,
    ),
)
