"""One basket before one member, with what rules ask for again and again worked out once."""

from collections.abc import Callable, Sequence
from datetime import date, time
from typing import Any, NamedTuple

from .baskets import BasketLine
from .state import MemberState

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DayParts = tuple[tuple[str, time, time], ...]
IsExcluded = Callable[[BasketLine], bool]


class EligibleLine(NamedTuple):
    """A line that may earn, with the part of its amount that does."""

    line: BasketLine
    amount: int


class Picked:
    """Lines that count for a rule, with their sums."""

    __slots__ = ("amount", "lines", "quantity")

    def __init__(self, lines: Sequence[EligibleLine]) -> None:
        self.lines = lines
        self.amount = 0
        self.quantity = 0
        for one in lines:
            self.amount += one.amount
            self.quantity += one.line.quantity


class Scene:
    """What rules look at. Built once for an evaluation; figures that few rules need are worked out when asked for."""

    __slots__ = ("_dayparts", "_net_amount", "basket", "everything", "local_date", "parts", "state", "weekday")

    def __init__(self, basket: Any, state: MemberState, everything: Picked, parts: DayParts) -> None:
        self.basket = basket
        self.state = state
        self.everything = everything
        self.parts = parts
        self.local_date: date = basket.local_at.date()
        self.weekday: str = WEEKDAYS[self.local_date.weekday()]
        self._net_amount: int | None = None
        self._dayparts: tuple[str, ...] | None = None

    @property
    def net_amount(self) -> int:
        """Return the sum of the lines, in ten-thousandths."""
        if self._net_amount is None:
            self._net_amount = sum(line.net_amount for line in self.basket.lines)
        return self._net_amount

    @property
    def dayparts(self) -> tuple[str, ...]:
        """Return the codes of the parts of the day that the moment lies in."""
        if self._dayparts is None:
            at = self.basket.local_at.time()
            self._dayparts = tuple(code for code, start, until in self.parts if _lies_in(at, start, until))
        return self._dayparts


def _lies_in(at: time, start: time, until: time) -> bool:
    """Tell whether a time lies in a part of the day; one that ends before it begins runs past midnight."""
    return start <= at < until if start < until else at >= start or at < until
