"""What a calculator answers: what it means in a sentence, the figures, the pictures with their tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Figure


@dataclass(frozen=True, slots=True)
class Answer:
    """Sentences first, then figures, then pictures."""

    sentences: Sequence[str]
    figures: Sequence[Figure]
    charts: Sequence[ChartCard]


@dataclass(frozen=True, slots=True)
class Money:
    """Amounts in the company's currency."""

    currency: str

    def exact(self, amount: Any) -> str:
        """Return an amount with its cents."""
        return formats.money(Decimal(str(amount)), self.currency)

    def short(self, amount: Any) -> str:
        """Return an amount short enough for a card."""
        return formats.money_compact(Decimal(str(amount)), self.currency)

    def cell(self, amount: Any) -> Cell:
        """Return a table's cell."""
        return Cell(self.exact(amount), round(float(amount), 4))

    @property
    def axis(self) -> charts.Format:
        """Return how an axis writes amounts."""
        return charts.money_compact(formats.currency_symbol(self.currency))

    @property
    def tip(self) -> charts.Format:
        """Return how a picture writes one amount."""
        return charts.money(formats.currency_symbol(self.currency))


def share_cell(ratio: float | None) -> Cell:
    """Return a ratio as a percentage; a dash where there is nothing to divide by."""
    return Cell("–", "") if ratio is None else Cell(formats.percent(ratio), round(ratio, 6))


def number_cell(value: float | None, places: int = 0) -> Cell:
    """Return a number; a dash where there is none."""
    return Cell("–", "") if value is None else Cell(formats.count(value, places), round(value, 6))
