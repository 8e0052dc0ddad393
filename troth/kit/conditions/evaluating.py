"""Judging one record in Python, and saying why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .catalogue import Catalogue
from .checks import comparable, fold
from .errors import RecordIncompleteError
from .fields import AsOf, ValueType
from .operators import check_of, set_check_of
from .tree import AllOf, AnyOf, Comparison, Condition, Not

Record = Mapping[str, Any]
"""Values by operand key (`Comparison.operand`): None is unknown; sets are iterables of text."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a node holds for a record; for a comparison also the value it found."""

    condition: Condition
    holds: bool
    value: Any = None
    parts: tuple["Verdict", ...] = ()


def holds(condition: Condition, record: Record, catalogue: Catalogue, as_of: AsOf) -> bool:
    """Tell whether the condition holds for the record.

    Raises:
        RecordIncompleteError: the record lacks a field that had to be read.
    """
    match condition:
        case AllOf(parts):
            return all(holds(part, record, catalogue, as_of) for part in parts)
        case AnyOf(parts):
            return any(holds(part, record, catalogue, as_of) for part in parts)
        case Not(part):
            return not holds(part, record, catalogue, as_of)
        case Comparison():
            return _compare(condition, record, catalogue, as_of)[0]


def judge(condition: Condition, record: Record, catalogue: Catalogue, as_of: AsOf) -> Verdict:
    """Return the verdict of every node, so that a screen can show what decided.

    Raises:
        RecordIncompleteError: the record lacks a field of the condition.
    """
    match condition:
        case Comparison():
            answer, value = _compare(condition, record, catalogue, as_of)
            return Verdict(condition, answer, value)
        case Not(part):
            inner = judge(part, record, catalogue, as_of)
            return Verdict(condition, not inner.holds, parts=(inner,))
        case AllOf(parts) | AnyOf(parts):
            verdicts = tuple(judge(part, record, catalogue, as_of) for part in parts)
            answers = [one.holds for one in verdicts]
            return Verdict(condition, all(answers) if isinstance(condition, AllOf) else any(answers), parts=verdicts)


def _compare(one: Comparison, record: Record, catalogue: Catalogue, as_of: AsOf) -> tuple[bool, Any]:
    field = catalogue[one.field]
    if one.operand not in record:
        raise RecordIncompleteError(f"the record has no value for {one.operand!r}")
    value = record[one.operand]
    if not field.type.is_set:
        return check_of(one, field, as_of).holds(comparable(value, is_folded=field.type is ValueType.TEXT)), value
    present = [fold(text) for text in value if text] if field.type is ValueType.TEXT_SET else list(value)
    return set_check_of(one, field).holds(present), value
