"""What messages contribute to the condition language: how many a customer got, opened, clicked, and when last."""

from django.utils.translation import gettext_lazy as _

from troth.kit.conditions import catalogue, windows
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


def _received(as_of: AsOf, params: Params) -> Rowset:
    return Contact.objects.filter(windows.moments("sent_at", as_of, params), state__in=REACHED)


def _received_ids(as_of: AsOf, params: Params) -> Rows:
    return Rows(_received(as_of, params), "id")


def _received_moments(as_of: AsOf, params: Params) -> Rows:
    return Rows(_received(as_of, params), "sent_at")


def _opened_ids(as_of: AsOf, params: Params) -> Rows:
    return Rows(Contact.objects.filter(windows.moments("opened_at", as_of, params)), "id")


def _opened_moments(as_of: AsOf, params: Params) -> Rows:
    return Rows(Contact.objects.filter(windows.moments("opened_at", as_of, params)), "opened_at")


def _clicked_moments(as_of: AsOf, params: Params) -> Rows:
    return Rows(Contact.objects.filter(windows.moments("clicked_at", as_of, params)), "clicked_at")


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
