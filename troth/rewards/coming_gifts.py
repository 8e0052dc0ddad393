"""Who would get a birthday gift on the next mornings: counted and read page by page, never all at once."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from django.db.models import Count, QuerySet

from troth.customers import queries as customers
from troth.customers.models import Customer
from troth.kit import lunar
from troth.staff import queries as staff

from . import pricing
from .gifts import AT_LEAST_DAYS, CATCH_UP_DAYS
from .models import BirthdayGift, GiftIssue

COMING_DAYS = 30


@dataclass(frozen=True, slots=True)
class Coming:
    """Who would get a gift. birthday: the day on which it is kept; given_date: the morning on which it would come."""

    customer: Customer
    birthday: date
    given_date: date


class ComingGifts:
    """Who would get a gift on the next thirty mornings if nothing changes; has a length and can be sliced."""

    def __init__(self, gift: BirthdayGift, now: datetime) -> None:
        self._gift, self._now = gift, now
        self._today = staff.company().today(now)
        # What tomorrow's run still catches up with, to what the last of the runs meets.
        ahead = self._today + timedelta(days=gift.days_before)
        self.since, self.until = ahead + timedelta(days=1 - CATCH_UP_DAYS), ahead + timedelta(days=COMING_DAYS)

    def __len__(self) -> int:
        return sum(self.by_day.values())

    def __getitem__(self, wanted: slice) -> list[Coming]:
        start, stop, _step = wanted.indices(len(self))
        return list(self._between(start, stop))

    @cached_property
    def by_day(self) -> dict[date, int]:
        """How many keep their birthday on each day, in order; days of nobody are left out."""
        rows = self._people(self.since, self.until).order_by().values_list("birth_date", "is_lunar_birthday")
        found: Counter[date] = Counter()
        for birth_date, is_lunar, count in rows.annotate(Count("id")):
            assert birth_date is not None, "they have a birthday"
            found[self._kept(birth_date, is_lunar=is_lunar)] += count
        return dict(sorted(found.items()))

    def _between(self, start: int, stop: int) -> Iterator[Coming]:
        passed = 0
        for day, count in self.by_day.items():
            if passed < stop and passed + count > start:
                people = self._people(day, day).order_by("id")
                given = max(day - timedelta(days=self._gift.days_before), self._today + timedelta(days=1))
                for one in people[max(start - passed, 0) : min(stop - passed, count)]:
                    yield Coming(one, day, given)
            passed += count

    def _people(self, since: date, until: date) -> QuerySet[Customer]:
        served = GiftIssue.objects.filter(gift=self._gift, issued_at__gt=self._now - timedelta(days=AT_LEAST_DAYS))
        people = customers.birthday_people_between(since, until, without=served.values_list("owner_id", flat=True))
        return pricing.meant(people, self._gift.audience, self._now)

    def _kept(self, birth_date: date, *, is_lunar: bool) -> date:
        """Return the first day of the span on which the birthday is kept."""
        years = range(self.since.year - is_lunar, self.until.year + 1)
        days = (lunar.birthday_in(birth_date, year, is_lunar=is_lunar) for year in years if year > birth_date.year)
        return min(day for day in days if self.since <= day <= self.until)
