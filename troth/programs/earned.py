"""What a member earned day by day, kept in memory with running sums: any span of days costs two look-ups."""

from bisect import bisect_left, bisect_right
from datetime import date

from .tiers import Figures, Span

_NOTHING = Figures()


class Earned:
    """Days in their order, each with all that was earned up to its end."""

    __slots__ = ("_days", "_totals")

    def __init__(self) -> None:
        self._days: list[date] = []
        self._totals: list[Figures] = []

    def __len__(self) -> int:
        return len(self._days)

    def copy(self) -> "Earned":
        """Return the same, to be added to apart."""
        other = Earned()
        other._days, other._totals = self._days.copy(), self._totals.copy()
        return other

    def add(self, day: date, points: int, spend: int, visits: int) -> None:
        """Add what a day brought, or, negative, lost; a day that came late moves the sums after it."""
        days, totals = self._days, self._totals
        if not days or day > days[-1]:
            before = totals[-1] if totals else _NOTHING
            days.append(day)
            totals.append(before.plus(points, spend, visits))
            return
        place = bisect_left(days, day)
        if days[place] != day:
            days.insert(place, day)
            totals.insert(place, totals[place - 1] if place else _NOTHING)
        for index in range(place, len(days)):
            totals[index] = totals[index].plus(points, spend, visits)

    def sums(self, span: Span) -> Figures:
        """Return what the days of a span brought, both ends included."""
        high = bisect_right(self._days, span.last)
        if not high:
            return _NOTHING
        total, low = self._totals[high - 1], bisect_left(self._days, span.first)
        if not low:
            return total
        before = self._totals[low - 1]
        return total.plus(-before.points, -before.spend, -before.visits)
