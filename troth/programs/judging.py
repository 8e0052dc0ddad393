"""Conditions made into functions once, so that thousands of baskets a second can be judged.

A judge returns None where the condition holds, and otherwise the part that failed. It answers as
`kit.conditions.evaluating` does; a property test holds the two equal.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from troth.kit.conditions.checks import Check, OneOf, Within, comparable, fold
from troth.kit.conditions.fields import AsOf, Field, ValueType
from troth.kit.conditions.operators import check_of, set_check_of
from troth.kit.conditions.tree import AllOf, AnyOf, Comparison, Condition, Not, comparisons, to_json
from troth.kit.money import SCALE

from .fields import Readable
from .scene import Scene

Failure = Callable[[], Mapping[str, Any]]
"""Says, when asked, which part failed and the value it found."""

Judge = Callable[[Any], Failure | None]
"""Given a scene: None where the condition holds."""

Test = Callable[[Any], bool]
"""Given a line: whether the condition holds."""

_SCALED = (ValueType.MONEY, ValueType.NUMBER)
_DAYS = (ValueType.DATE, ValueType.MOMENT)
_NO_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)  # no check of ours reads it
_fold = lru_cache(maxsize=20_000)(fold)
_FEW_TEXTS = frozenset(("line.category", "line.brand", "line.sku"))
MAX_KNOWN = 20_000


def answer_key(one: Comparison) -> str:
    """Return the short name under which a member's state keeps the answer to a comparison over the customer."""
    text = json.dumps(to_json(one), sort_keys=True, ensure_ascii=False)
    return blake2b(text.encode(), digest_size=8).hexdigest()


def condition_name(said: Mapping[str, Any]) -> str:
    """Return the short name of a condition in its JSON form, the same in every process: for storing reasons."""
    text = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return blake2b(text.encode(), digest_size=6).hexdigest()


def named_parts(condition: Condition) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the condition and every part of it, each under its short name."""
    said = to_json(condition)
    yield condition_name(said), said
    match condition:
        case Not(part):
            yield from named_parts(part)
        case AllOf(parts) | AnyOf(parts):
            for one in parts:
                yield from named_parts(one)
        case Comparison():
            pass


def asked_of_customer(condition: Condition, fields: Mapping[str, Readable]) -> Iterator[Comparison]:
    """Yield the comparisons that the state has to answer: those over none of these fields."""
    return (one for one in comparisons(condition) if one.field not in fields)


def compile_condition(condition: Condition, fields: Mapping[str, Readable]) -> Judge | None:
    """Return the judge of a condition, None where it always holds."""
    if condition == AllOf(()):
        return None
    return _judge(condition, fields)


def _judge(condition: Condition, fields: Mapping[str, Readable]) -> Judge:
    match condition:
        case Comparison():
            if condition.field in fields:
                return _leaf(condition, fields[condition.field])
            return _answered(condition)
        case AllOf(parts):
            return _all(tuple(_judge(part, fields) for part in parts))
        case AnyOf(parts):
            return _any(condition, tuple(_judge(part, fields) for part in parts))
        case Not(part):
            return _not(condition, _judge(part, fields))


def _all(judges: tuple[Judge, ...]) -> Judge:
    def judge(about: Any) -> Failure | None:
        for one in judges:
            failure = one(about)
            if failure is not None:
                return failure
        return None

    return judge


def _any(condition: Condition, judges: tuple[Judge, ...]) -> Judge:
    failed = _Part(condition)

    def judge(about: Any) -> Failure | None:
        return None if any(one(about) is None for one in judges) else failed

    return judge


def _not(condition: Condition, inner: Judge) -> Judge:
    failed = _Part(condition)
    return lambda about: failed if inner(about) is None else None


class _Part:
    """The failure of a group of comparisons."""

    def __init__(self, condition: Condition) -> None:
        self.said = {"condition": to_json(condition)}

    def __call__(self) -> Mapping[str, Any]:
        return self.said


class _Found:
    """The failure of a comparison, with the value it found."""

    __slots__ = ("is_scaled", "said", "value")

    def __init__(self, said: Mapping[str, Any], value: Any, is_scaled: bool) -> None:
        self.said = said
        self.value = value
        self.is_scaled = is_scaled

    def __call__(self) -> Mapping[str, Any]:
        value = self.value
        if self.is_scaled:
            value = None if value is None else plain_decimal(value)
        elif isinstance(value, tuple | set | frozenset):
            value = sorted(str(one) for one in value if one)
        elif isinstance(value, date):
            value = value.isoformat()
        return {**self.said, "value": value}


@lru_cache(maxsize=1_000)  # many rules find the same amount, one after the other
def plain_decimal(scaled: int) -> str:
    """Return ten-thousandths as a decimal text without needless zeros."""
    whole, rest = divmod(abs(scaled), SCALE)
    text = f"{whole}.{rest:04}".rstrip("0") if rest else str(whole)
    return f"-{text}" if scaled < 0 else text


def _answered(one: Comparison) -> Judge:
    said, failed = _said(one), _Part(one)
    return lambda scene: None if said(scene) else failed


def _said(one: Comparison) -> Test:
    """Return what the member's state answers to a comparison over the customer."""
    key = answer_key(one)

    def holds(scene: Scene) -> bool:
        try:
            return scene.state.answers[key]
        except KeyError:
            raise LookupError(f"the member's state has no answer to {to_json(one)}") from None

    return holds


def _leaf(one: Comparison, readable: Readable) -> Judge:
    said, is_scaled = {"condition": to_json(one)}, readable.field.type in _SCALED
    read, holds = readable.read, _test(one, readable)

    def judge(about: Any) -> Failure | None:
        return None if holds(about) else _Found(said, read(about), is_scaled)

    return judge


def compile_test(condition: Condition, fields: Mapping[str, Readable]) -> Test | None:
    """Return a condition as a plain yes or no, where nobody asks why; None where it always holds.

    One over a single text of a line (its category, say) remembers its answers: a shop has few of them.
    """
    if condition == AllOf(()):
        return None
    test = _plain(condition, fields)
    asked = {one.field for one in comparisons(condition)}
    return _remembering(test, fields[asked.pop()].read) if len(asked) == 1 and asked <= _FEW_TEXTS else test


def _remembering(test: Test, read: Callable[[Any], Any]) -> Test:
    known: dict[Any, bool] = {}

    def holds(about: Any) -> bool:
        value = read(about)
        found = known.get(value)
        if found is None:
            if len(known) >= MAX_KNOWN:
                known.clear()
            found = known[value] = test(about)
        return found

    return holds


def _plain(condition: Condition, fields: Mapping[str, Readable]) -> Test:
    match condition:
        case Comparison():
            return _test(condition, fields[condition.field]) if condition.field in fields else _said(condition)
        case AllOf((one, other)):
            first, second = _plain(one, fields), _plain(other, fields)
            return lambda about: first(about) and second(about)
        case AllOf(parts):
            every = tuple(_plain(part, fields) for part in parts)
            return lambda about: all(test(about) for test in every)
        case AnyOf((one, other)):
            first, second = _plain(one, fields), _plain(other, fields)
            return lambda about: first(about) or second(about)
        case AnyOf(parts):
            some = tuple(_plain(part, fields) for part in parts)
            return lambda about: any(test(about) for test in some)
        case Not(part):
            inner = _plain(part, fields)
            return lambda about: not inner(about)


def _test(one: Comparison, readable: Readable) -> Test:
    """Return a comparison as a question about a scene or a line; the commonest without a call too many."""
    field, read = readable.field, readable.read
    if field.type in _DAYS:
        return lambda scene: _check_on(one, field, scene.local_date).holds(read(scene))
    if field.type.is_set:
        holds = _set_question(one, field)
        return lambda about: holds(read(about))
    if field.type in _SCALED:
        one = replace(one, value=_scaled(one.value))
    check = _check_on(one, field, _NO_MOMENT.date())
    return _text_test(check, read) if field.type is ValueType.TEXT else _value_test(check, read)


def _text_test(check: Check, read: Callable[[Any], Any]) -> Test:
    if isinstance(check, OneOf):
        among = frozenset(check.operands)
        return lambda about: _fold(read(about) or "") in among
    return lambda about: check.holds(_fold(read(about) or "") or None)


def _value_test(check: Check, read: Callable[[Any], Any]) -> Test:
    match check:
        case OneOf(operands):
            among = frozenset(operands)
            return lambda about: read(about) in among
        case Within(low, None, True, _) if low is not None:
            return lambda about: (value := read(about)) is not None and value >= low
    return lambda about: check.holds(comparable(read(about), is_folded=False))


def _set_question(one: Comparison, field: Field) -> Callable[[Any], bool]:
    check = set_check_of(one, field)
    if field.type is ValueType.TEXT_SET:
        return lambda values: check.holds({_fold(value) for value in values if value})
    return check.holds


def _check_on(one: Comparison, field: Field, today: date) -> Check:
    """Return the check of a comparison of days as it stands on a day; days ask nothing of the zone."""
    return check_of(one, field, AsOf(now=_NO_MOMENT, today=today, zone="UTC", currency=""))


def _scaled(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_scaled(one) for one in value)
    return None if value is None else int(Decimal(value) * SCALE)
