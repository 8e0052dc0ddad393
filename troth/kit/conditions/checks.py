"""What an operator comes down to: a check that Python and SQL both answer, never with "unknown"."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from django.db.models import CharField, TextField
from django.db.models import Field as ModelField

from troth.kit.lunar import births_kept_between
from troth.kit.money import FixedPointField, to_stored

_ASCII_FOLD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
Sql = tuple[str, list[Any]]


def fold(text: str) -> str:
    """Return the text with A–Z made small and nothing else changed: the one case rule of the language."""
    return text.translate(_ASCII_FOLD)


def fold_sql(sql: str, vendor: str) -> str:
    """Return SQL that folds as `fold` does: SQLite's LOWER knows only ASCII, PostgreSQL's does in "C"."""
    return f'LOWER({sql} COLLATE "C")' if vendor == "postgresql" else f"LOWER({sql})"


@dataclass(frozen=True, slots=True)
class SqlValue:
    """A value in a query: its SQL, the model field that knows how operands are stored, and the connection."""

    sql: str
    field: ModelField[Any, Any]
    connection: Any
    is_folded: bool = False
    lunar: str = ""  # SQL that is true where the anniversary of the day is kept by the lunar calendar

    @property
    def comparable(self) -> str:
        """Return the SQL to compare: empty text is unknown, and free text folded."""
        if not isinstance(self.field, CharField | TextField):
            return self.sql
        return f"NULLIF({fold_sql(self.sql, self.connection.vendor) if self.is_folded else self.sql}, '')"

    def param(self, operand: Any) -> Any:
        """Return the operand as the database stores such values."""
        if isinstance(operand, Decimal):
            if isinstance(self.field, FixedPointField):
                return to_stored(operand)
            return int(operand) if operand == operand.to_integral_value() else float(operand)
        return self.field.get_db_prep_value(operand, self.connection)


def comparable(value: Any, *, is_folded: bool) -> Any:
    """Return a record's value as the checks compare it: empty text is unknown, and free text folded."""
    if not isinstance(value, str):
        return value
    return (fold(value) if is_folded else value) or None


class LunarDay(date):
    """A day whose anniversary is kept by the lunar calendar, so that it moves in the solar year."""


class Check(Protocol):
    """A question about one value."""

    def holds(self, value: Any) -> bool:
        """Answer in Python; None is unknown."""
        ...

    def sql(self, value: SqlValue) -> Sql:
        """Answer in SQL, with TRUE or FALSE, never NULL."""
        ...


@dataclass(frozen=True, slots=True)
class Within:
    """Between two bounds; None is open."""

    low: Any = None
    high: Any = None
    includes_low: bool = True
    includes_high: bool = True

    def holds(self, value: Any) -> bool:
        if value is None:
            return False
        low, high = _alike(self.low, value), _alike(self.high, value)
        above = low is None or value > low or (self.includes_low and value == low)
        return above and (high is None or value < high or (self.includes_high and value == high))

    def sql(self, value: SqlValue) -> Sql:
        parts, params = [f"{value.comparable} IS NOT NULL"], []
        if self.low is not None:
            parts.append(f"{value.comparable} {'>=' if self.includes_low else '>'} %s")
            params.append(value.param(self.low))
        if self.high is not None:
            parts.append(f"{value.comparable} {'<=' if self.includes_high else '<'} %s")
            params.append(value.param(self.high))
        return f"({' AND '.join(parts)})", params


@dataclass(frozen=True, slots=True)
class OneOf:
    """Equal to one of the operands; text operands come folded."""

    operands: tuple[Any, ...]

    def holds(self, value: Any) -> bool:
        return value is not None and any(value == _alike(operand, value) for operand in self.operands)

    def sql(self, value: SqlValue) -> Sql:
        marks = ", ".join(["%s"] * len(self.operands))
        known = f"{value.comparable} IS NOT NULL AND {value.comparable} IN ({marks})"
        return f"({known})", [value.param(operand) for operand in self.operands]


@dataclass(frozen=True, slots=True)
class Contains:
    """The folded text occurs in the value, or at its start."""

    text: str
    at_start: bool = False

    def holds(self, value: Any) -> bool:
        return value is not None and (value.startswith(self.text) if self.at_start else self.text in value)

    def sql(self, value: SqlValue) -> Sql:
        column = value.comparable
        if self.at_start:  # the length in characters is counted here, by the same rule for all
            found = f"SUBSTR({column}, 1, {len(self.text)}) = %s"
        else:
            found = f"{'STRPOS' if value.connection.vendor == 'postgresql' else 'INSTR'}({column}, %s) > 0"
        return f"({column} IS NOT NULL AND {found})", [self.text]


@dataclass(frozen=True, slots=True)
class Empty:
    """The value is unknown."""

    def holds(self, value: Any) -> bool:
        return value is None

    def sql(self, value: SqlValue) -> Sql:
        return f"({value.comparable} IS NULL)", []


@dataclass(frozen=True, slots=True)
class DayOfYear:
    """The month and day, as month × 100 + day, lies in one of the ranges, both ends included.

    spans: the days that are meant, for anniversaries that are kept by the lunar calendar.
    """

    ranges: tuple[tuple[int, int], ...]
    spans: tuple[tuple[date, date], ...] = ()

    def holds(self, value: Any) -> bool:
        if value is None:
            return False
        if isinstance(value, LunarDay):
            return any(low <= value <= high for low, high in self._lunar())
        number = value.month * 100 + value.day
        return any(low <= number <= high for low, high in self.ranges)

    def sql(self, value: SqlValue) -> Sql:
        if value.connection.vendor == "postgresql":
            number = f"CAST(TO_CHAR({value.sql}, 'MMDD') AS INTEGER)"
        else:  # SQLite keeps days as "2026-11-21"
            number = f"CAST(SUBSTR({value.sql}, 6, 2) || SUBSTR({value.sql}, 9, 2) AS INTEGER)"
        found = " OR ".join([f"{number} BETWEEN %s AND %s"] * len(self.ranges))
        params: list[Any] = [bound for span in self.ranges for bound in span]
        if value.lunar:
            born = self._lunar()
            moving = " OR ".join([f"{value.sql} BETWEEN %s AND %s"] * len(born)) or "FALSE"
            found = f"CASE WHEN {value.lunar} THEN ({moving}) ELSE ({found}) END"
            params = [value.param(day) for span in born for day in span] + params
        return f"({value.sql} IS NOT NULL AND ({found}))", params

    def _lunar(self) -> list[tuple[date, date]]:
        """Return the days whose lunar anniversary falls into the spans."""
        return [span for start, end in self.spans for span in births_kept_between(start, end)]


@dataclass(frozen=True, slots=True)
class Negated:
    """The check does not hold: true for unknown values, where the check itself is false."""

    check: "Check"

    def holds(self, value: Any) -> bool:
        return not self.check.holds(value)

    def sql(self, value: SqlValue) -> Sql:
        inner, params = self.check.sql(value)
        return f"(NOT {inner})", params


@dataclass(frozen=True, slots=True)
class SetCheck:
    """A question about a set: it has any, or all, of the operands; without operands: it has anything."""

    operands: frozenset[Any] | None = None
    needs_all: bool = False
    is_negated: bool = False

    def holds(self, values: Iterable[Any]) -> bool:
        """Answer in Python."""
        present = set(values)
        if self.operands is None:
            answer = bool(present)
        else:
            answer = self.operands <= present if self.needs_all else not self.operands.isdisjoint(present)
        return answer is not self.is_negated


def _alike(operand: Any, value: Any) -> Any:
    """Return the operand in the value's kind of number: a float is compared as a float, as SQL does."""
    return float(operand) if isinstance(value, float) and isinstance(operand, Decimal) else operand


def mapped(operands: Iterable[Any], change: Callable[[Any], Any]) -> tuple[Any, ...]:
    """Return the distinct operands after the change, in order."""
    return tuple(dict.fromkeys(change(one) for one in operands))
