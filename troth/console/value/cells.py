"""Cells of report tables: how a figure is shown, its raw value for the CSV, where it leads."""

from typing import Any

from troth.console import formats
from troth.console.components import Cell, Column, Text

from .report import Report


def numbers(*labels: Text) -> list[Column]:
    """Return columns of numbers."""
    return [Column(label, is_number=True) for label in labels]


def count(value: int, url: str = "") -> Cell:
    """Return a number of people or things; zero leads nowhere."""
    return Cell(formats.count(value), value, url if value else "")


def share(value: float, places: int = 1) -> Cell:
    """Return a ratio as a percentage."""
    return Cell(formats.percent(value, places), value)


def money(report: Report, amount: Any) -> Cell:
    """Return an amount in the currency of the analysis."""
    return Cell(report.money(amount), amount)
