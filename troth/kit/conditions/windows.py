"""The time that a field with the param `LAST_DAYS` looks at: up to today, from its first day if there is one."""

from datetime import date, timedelta

from django.db.models import Q

from troth.kit import clock

from .fields import AsOf
from .tree import Params


def days(as_of: AsOf, params: Params) -> tuple[date, date]:
    """Return the first and the last day that count, both included; without a window the first is `date.min`."""
    count = params.get("days")
    first = as_of.today - timedelta(days=count - 1) if isinstance(count, int) else date.min
    return first, as_of.today


def moments(column: str, as_of: AsOf, params: Params) -> Q:
    """Return the filter that a column of moments lies in these days, as they begin and end in the company's zone."""
    first, last = days(as_of, params)
    window = Q(**{f"{column}__lt": clock.day_start(last + timedelta(days=1), as_of.zone)})
    if first > date.min:
        window &= Q(**{f"{column}__gte": clock.day_start(first, as_of.zone)})
    return window
