"""Whose day it is: birthdays by the solar and the lunar calendar, and the anniversaries of being a customer."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from troth.kit.lunar import birthday_in

from ..models import Customer


def birthday_counts(since: date, until: date, *, by_lunar: bool | None = None) -> dict[date, int]:
    """Return how many customers keep their birthday on each day, both ends included; days of nobody are left out.

    by_lunar: only those who keep it by the lunar calendar, or only the others.
    """
    found: Counter[date] = Counter()
    for (birth_date, is_lunar), count in _born(since, until).items():
        if by_lunar not in (None, is_lunar):
            continue
        for kept in _kept(birth_date, since, until, is_lunar=is_lunar):
            found[kept] += count
    return dict(found)


def birthday_people(day: date) -> QuerySet[Customer]:
    """Return the customers who keep their birthday on a day."""
    return birthday_people_between(day, day)


def birthday_people_between(since: date, until: date, *, without: Iterable[UUID] | None = None) -> QuerySet[Customer]:
    """Return the customers who keep their birthday on one of the days, both included, by the calendar they keep.

    without: ids of records, such as a query gives them; those people are left out, whichever record it names.
    """
    dates: dict[bool, list[date]] = {False: [], True: []}
    for birth_date, is_lunar in _born(since, until):
        if _kept(birth_date, since, until, is_lunar=is_lunar):
            dates[is_lunar].append(birth_date)
    same = Q(is_lunar_birthday=False, birth_date__in=dates[False]) | Q(
        is_lunar_birthday=True, birth_date__in=dates[True]
    )
    found = _living().filter(same)
    if without is None:
        return found
    merged = Customer.objects.filter(id__in=without, canonical_id__isnull=False)
    return found.exclude(id__in=without).exclude(id__in=merged.values("canonical_id"))


def anniversary_counts(since: date, until: date) -> dict[date, int]:
    """Return how many became a customer on the same day of an earlier year, for each day, both ends included."""
    joined = _living().filter(joined_date__isnull=False, joined_date__lt=until).filter(_months(since, until))
    found: Counter[date] = Counter()
    for joined_date, count in joined.order_by().values_list("joined_date").annotate(Count("id")):
        assert joined_date is not None, "left out above"
        for kept in _kept(joined_date, since, until, is_lunar=False):
            found[kept] += count
    return dict(found)


def anniversary_people(day: date) -> QuerySet[Customer]:
    """Return those who became a customer on the same day of an earlier year."""
    month_days = [(day.month, day.day)]
    if birthday_in(date(2000, 2, 29), day.year, is_lunar=False) == day:
        month_days.append((2, 29))
    same = Q(pk__in=())
    for month, number in month_days:
        same |= Q(joined_date__month=month, joined_date__day=number)
    return _living().filter(same, joined_date__lt=date(day.year, 1, 1))


def _living() -> QuerySet[Customer]:
    return Customer.objects.filter(canonical_id=None, erased_at=None)


def _born(since: date, until: date) -> dict[tuple[date, bool], int]:
    """Return how many were born on each date that may be kept between two days, by calendar: at most one row a date."""
    people = _living().filter(birth_date__isnull=False).filter(
        Q(is_lunar_birthday=True) | _months(since, until, "birth_date")
    )  # fmt: skip
    rows = people.order_by().values_list("birth_date", "is_lunar_birthday").annotate(Count("id"))
    return {(birth_date, is_lunar): count for birth_date, is_lunar, count in rows if birth_date is not None}


def _months(since: date, until: date, column: str = "joined_date") -> Q:
    """Return what narrows a date to the months of the days asked for; a leap day stands in February anyway."""
    months = {(since.month + offset - 1) % 12 + 1 for offset in range(_months_apart(since, until) + 1)}
    return Q(**{f"{column}__month__in": sorted(months)})


def _months_apart(since: date, until: date) -> int:
    return min(11, (until.year - since.year) * 12 + until.month - since.month)


def _kept(born: date, since: date, until: date, *, is_lunar: bool) -> Iterable[date]:
    """Return the days between two days on which an earlier day is kept; a lunar one may fall into the year after."""
    years = range(since.year - is_lunar, until.year + 1)
    days = {birthday_in(born, year, is_lunar=is_lunar) for year in years if year > born.year}
    return sorted(day for day in days if since <= day <= until)
