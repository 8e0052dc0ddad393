"""The operators: which a type has, what operand each takes, how it reads, and what it comes down to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, cast

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.kit import clock

from . import days
from .checks import Check, Contains, DayOfYear, Empty, Negated, OneOf, SetCheck, Within, fold, mapped
from .fields import AsOf, Field, Text, ValueType
from .tree import Comparison


class Shape(StrEnum):
    """What an operator takes as its operand."""

    NONE = "none"
    ONE = "one"
    RANGE = "range"  # two, the first not above the second
    MANY = "many"
    DAYS = "days"  # a whole number of days
    PERIOD = "period"  # this month, last year …
    MONTHS = "months"  # numbers 1 to 12


ScalarCheck = Callable[[Any, AsOf, ValueType], Check]


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator: label for the editor, phrase for the sentence (after the field's label), and its check."""

    code: str
    shape: Shape
    label: Text
    phrase: Text
    check: ScalarCheck | None = None
    set_check: SetCheck | None = None


def _bounds(low: date | None, high: date | None, as_of: AsOf, kind: ValueType) -> Check:
    """Return the check of days from low to high, both included; for moments from midnight to midnight."""
    if kind is not ValueType.MOMENT:
        return Within(low, high)
    start = None if low is None else clock.day_start(low, as_of.zone)
    end = None if high is None else clock.day_start(high + timedelta(days=1), as_of.zone)
    return Within(start, end, includes_high=False)


def _equals(value: Any, as_of: AsOf, kind: ValueType) -> Check:
    if kind in (ValueType.DATE, ValueType.MOMENT):
        return _bounds(value, value, as_of, kind)
    return OneOf((fold(value) if kind is ValueType.TEXT else value,))


def _one_of(value: Any, _as_of: AsOf, kind: ValueType) -> Check:
    return OneOf(mapped(value, fold) if kind is ValueType.TEXT else mapped(value, lambda one: one))


def _between(value: Any, as_of: AsOf, kind: ValueType) -> Check:
    low, high = value
    return _bounds(low, high, as_of, kind) if kind in (ValueType.DATE, ValueType.MOMENT) else Within(low, high)


def _last_days(count: int, as_of: AsOf, kind: ValueType) -> Check:
    return _bounds(days.before(as_of.today, count - 1), as_of.today, as_of, kind)


def _year_days(start: date, end: date) -> Check:
    return DayOfYear(days.year_day_ranges(start, end), ((start, end),))


def _months(numbers: Any, as_of: AsOf, _kind: ValueType) -> Check:
    """Return the check of months by number; a lunar anniversary is looked for in those of this year."""
    ranges = tuple((month * 100 + 1, month * 100 + 31) for month in numbers)
    year = as_of.today.year
    return DayOfYear(ranges, tuple(days.month(year, number) for number in numbers))


_EQUALS = Operator(
    "equals",
    Shape.ONE,
    pgettext_lazy("number", "is"),
    pgettext_lazy("number", "is %(value)s"),
    _equals,
)
_NOT_EQUALS = Operator(
    "not_equals",
    Shape.ONE,
    pgettext_lazy("number", "is not"),
    pgettext_lazy("number", "is not %(value)s"),
    lambda value, as_of, kind: Negated(_equals(value, as_of, kind)),
)
_ANY_OF = Operator("any_of", Shape.MANY, _("is one of"), _("is one of %(value)s"), _one_of)
_NONE_OF = Operator(
    "none_of",
    Shape.MANY,
    _("is none of"),
    _("is none of %(value)s"),
    lambda value, as_of, kind: Negated(_one_of(value, as_of, kind)),
)
_EMPTY = Operator(
    "is_empty",
    Shape.NONE,
    _("is unknown"),
    _("is unknown"),
    lambda *_rest: Empty(),
    SetCheck(is_negated=True),
)
_NOT_EMPTY = Operator(
    "is_not_empty", Shape.NONE, _("is known"), _("is known"), lambda *_rest: Negated(Empty()), SetCheck()
)

_TEXT = [
    Operator("is", Shape.ONE, _("is"), _("is %(value)s"), _equals),
    Operator(
        "is_not",
        Shape.ONE,
        _("is not"),
        _("is not %(value)s"),
        lambda value, as_of, kind: Negated(_equals(value, as_of, kind)),
    ),
    _ANY_OF,
    _NONE_OF,
    Operator(
        "contains",
        Shape.ONE,
        _("contains"),
        _("contains %(value)s"),
        lambda value, *_rest: Contains(fold(value)),
    ),
    Operator(
        "not_contains",
        Shape.ONE,
        _("does not contain"),
        _("does not contain %(value)s"),
        lambda value, *_rest: Negated(Contains(fold(value))),
    ),
    Operator(
        "starts_with",
        Shape.ONE,
        _("starts with"),
        _("starts with %(value)s"),
        lambda value, *_rest: Contains(fold(value), at_start=True),
    ),
]
_NUMBERS = [
    Operator(
        "at_least",
        Shape.ONE,
        _("is at least"),
        _("is at least %(value)s"),
        lambda value, *_rest: Within(low=value),
    ),
    Operator(
        "at_most",
        Shape.ONE,
        _("is at most"),
        _("is at most %(value)s"),
        lambda value, *_rest: Within(high=value),
    ),
    Operator(
        "more_than",
        Shape.ONE,
        _("is more than"),
        _("is more than %(value)s"),
        lambda value, *_rest: Within(low=value, includes_low=False),
    ),
    Operator(
        "less_than",
        Shape.ONE,
        _("is less than"),
        _("is less than %(value)s"),
        lambda value, *_rest: Within(high=value, includes_high=False),
    ),
    Operator("between", Shape.RANGE, _("is between"), _("is between %(low)s and %(high)s"), _between),
    _EQUALS,
    _NOT_EQUALS,
]
_DAYS = [
    Operator(
        "in_last_days",
        Shape.DAYS,
        _("was in the last … days"),
        _("was in the last %(value)s days"),
        _last_days,
    ),
    Operator(
        "at_least_days_ago",
        Shape.DAYS,
        _("was at least … days ago"),
        _("was at least %(value)s days ago"),
        lambda count, as_of, kind: _bounds(None, days.before(as_of.today, count), as_of, kind),
    ),
    Operator(
        "in_next_days",
        Shape.DAYS,
        _("is in the next … days"),
        _("is in the next %(value)s days"),
        lambda count, as_of, kind: _bounds(as_of.today, days.after(as_of.today, count - 1), as_of, kind),
    ),
    Operator(
        "in_period",
        Shape.PERIOD,
        _("falls"),
        _("falls %(value)s"),
        lambda value, as_of, kind: _bounds(*days.period(value, as_of.today), as_of, kind),
    ),
    Operator(
        "on",
        Shape.ONE,
        pgettext_lazy("day", "is on"),
        pgettext_lazy("day", "is on %(value)s"),
        _equals,
    ),
    Operator(
        "before",
        Shape.ONE,
        _("is before"),
        _("is before %(value)s"),
        lambda value, as_of, kind: _bounds(None, days.before(value, 1), as_of, kind),
    ),
    Operator(
        "from",
        Shape.ONE,
        _("is on or after"),
        _("is on or after %(value)s"),
        lambda value, as_of, kind: _bounds(value, None, as_of, kind),
    ),
    Operator(
        "between",
        Shape.RANGE,
        pgettext_lazy("days", "is between"),
        pgettext_lazy("days", "is from %(low)s to %(high)s"),
        _between,
    ),
]
_ANNIVERSARIES = [
    Operator(
        "anniversary_in_next_days",
        Shape.DAYS,
        _("comes round in the next … days"),
        _("comes round in the next %(value)s days"),
        lambda count, as_of, _kind: _year_days(as_of.today, days.after(as_of.today, count - 1)),
    ),
    Operator(
        "anniversary_in_period",
        Shape.PERIOD,
        _("comes round"),
        _("comes round %(value)s"),
        lambda value, as_of, _kind: _year_days(*days.period(value, as_of.today)),
    ),
    Operator(
        "month_any_of",
        Shape.MONTHS,
        _("is in the month of"),
        _("is in the month of %(value)s"),
        _months,
    ),
]
_BOOLEANS = [
    Operator("is_true", Shape.NONE, _("is yes"), pgettext_lazy("sentence", "is yes"), lambda *_rest: OneOf((True,))),
    Operator("is_false", Shape.NONE, _("is no"), pgettext_lazy("sentence", "is no"), lambda *_rest: OneOf((False,))),
]
_SETS = [
    Operator("has_any_of", Shape.MANY, _("include any of"), _("include any of %(value)s"), set_check=SetCheck()),
    Operator(
        "has_all_of",
        Shape.MANY,
        _("include all of"),
        _("include all of %(value)s"),
        set_check=SetCheck(needs_all=True),
    ),
    Operator(
        "has_none_of",
        Shape.MANY,
        _("include none of"),
        _("include none of %(value)s"),
        set_check=SetCheck(is_negated=True),
    ),
    Operator("is_empty", Shape.NONE, _("are empty"), _("are empty"), set_check=SetCheck(is_negated=True)),
    Operator("is_not_empty", Shape.NONE, _("are not empty"), _("are not empty"), set_check=SetCheck()),
]

_BY_TYPE: dict[ValueType, list[Operator]] = {
    ValueType.TEXT: _TEXT,
    ValueType.NUMBER: _NUMBERS,
    ValueType.COUNT: _NUMBERS,
    ValueType.MONEY: _NUMBERS,
    ValueType.DATE: _DAYS + _ANNIVERSARIES,
    ValueType.MOMENT: _DAYS,
    ValueType.BOOLEAN: _BOOLEANS,
    ValueType.CHOICE: [_ANY_OF, _NONE_OF],
    ValueType.CHOICE_SET: _SETS,
    ValueType.TEXT_SET: _SETS,
}


def operators_of(field: Field) -> list[Operator]:
    """Return the operators of the field's type, the commonest first; "is unknown" only where it can be."""
    of_type = _BY_TYPE[field.type]
    return [*of_type, _EMPTY, _NOT_EMPTY] if field.is_nullable and not field.type.is_set else of_type


def operator_of(field: Field, code: str) -> Operator | None:
    """Return the field's operator of this code, None if its type has none such."""
    return next((one for one in operators_of(field) if one.code == code), None)


def check_of(comparison: Comparison, field: Field, as_of: AsOf) -> Check:
    """Return what a comparison of a single-valued field asks of the value."""
    operator = operator_of(field, comparison.operator)
    assert operator is not None
    assert operator.check is not None
    return operator.check(comparison.value, as_of, field.type)


def set_check_of(comparison: Comparison, field: Field) -> SetCheck:
    """Return what a comparison of a set asks of the values; text operands are folded."""
    operator = operator_of(field, comparison.operator)
    assert operator is not None
    assert operator.set_check is not None
    if operator.shape is Shape.NONE:
        return operator.set_check
    operands = cast("tuple[str, ...]", comparison.value)
    folded = frozenset(mapped(operands, fold) if field.type is ValueType.TEXT_SET else operands)
    return SetCheck(folded, operator.set_check.needs_all, operator.set_check.is_negated)
