"""The list of customers as a CSV file."""

import csv
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from troth.kit.money import minor_unit_places

from .filters import ListColumn
from .listing import Row
from .measures import band_label, segment_label, status_label

# Excel runs a cell that begins with one of these as a formula, in East Asia also with the wide ones (OWASP).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_lines(
    rows: Iterable[Row],
    columns: tuple[ListColumn, ...],
    *,
    name_label: str,
    currency: str,
    is_profit_assumed: bool = False,
) -> Iterator[str]:
    """Yield the file line by line, with the mark by which spreadsheets know UTF-8.

    is_profit_assumed: the head of the profits says that they rest, in whole or in part, on an assumed margin.
    """
    places = minor_unit_places(currency)
    writer: Any = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(
        ["id", name_label, *(_head(column, is_profit_assumed=is_profit_assumed) for column in columns)]
    )
    for row in rows:
        cells = [str(row.customer.id), row.name, *(cell(row, column.key, places) for column in columns)]
        yield writer.writerow([escaped(value) for value in cells])


def _head(column: ListColumn, *, is_profit_assumed: bool) -> str:
    return _("Profit (margin assumed)") if column.key == "profit" and is_profit_assumed else str(column.label)


def escaped(value: str) -> str:
    """Return a cell that no spreadsheet takes for a formula. Numbers of ours keep their sign."""
    if value.startswith(FORMULA_STARTS) and not _is_number(value):
        return f"'{value}"
    return value


def cell(row: Row, key: str, places: int) -> str:
    """Return the plain text of one column."""
    score = row.score
    if key in ("phone", "email", "owner"):
        return str(getattr(row, key))
    if key == "tags":
        return ", ".join(tag.name for tag in row.tags)
    if key in ("city", "source"):
        return str(getattr(row.customer, key))
    if key == "joined":
        return row.customer.joined_date.isoformat() if row.customer.joined_date else ""
    if score is None:
        return ""
    measured: dict[str, Callable[[], str]] = {
        "band": lambda: band_label(score),
        "status": lambda: status_label(score),
        "rfm_segment": lambda: segment_label(score),
        "revenue": lambda: f"{score.revenue:.{places}f}",
        "profit": lambda: f"{score.profit:.{places}f}",
        "orders": lambda: str(score.orders),
        "last_purchase": score.last_purchase_date.isoformat,
        "usual_gap": lambda: f"{score.usual_gap_days:.1f}",
    }
    return measured[key]()


def _is_number(value: str) -> bool:
    return value.lstrip("-").replace(".", "", 1).isdecimal() and value.isascii()


class _Line:
    """A file that hands back each line written to it."""

    def write(self, text: str) -> str:
        return text
