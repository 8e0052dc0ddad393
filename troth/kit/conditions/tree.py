"""The tree of a condition: immutable, comparable, and the same thing in JSON.

{"all": [{"field": "customer.city", "operator": "is", "value": "Shanghai"},
         {"not": {"field": "orders.count", "operator": "at_least", "value": 3, "with": {"days": 90}}}]}
"""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

Scalar = str | int | bool | Decimal | date
Value = Scalar | tuple[Scalar, ...] | None
ParamValue = int | tuple[str, ...]
Params = Mapping[str, ParamValue]
NO_PARAMS: Params = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field compared with a value: the leaf. `params` narrow what the field counts: the last 90 days."""

    field: str
    operator: str
    value: Value = None
    params: Params = dataclasses.field(default_factory=lambda: NO_PARAMS, hash=False)

    @property
    def operand(self) -> str:
        """Return the key under which a record holds this leaf's value: the field's code, with its params."""
        return operand_key(self.field, self.params)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds. Without parts it always holds: everybody."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Condition"


Condition = Comparison | AllOf | AnyOf | Not
EVERYBODY = AllOf(())


def operand_key(code: str, params: Params = NO_PARAMS) -> str:
    """Return the key of a field read with these params, the same for the same params in any order."""
    return f"{code}{json.dumps(_plain_params(params), sort_keys=True, ensure_ascii=False)}" if params else code


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """Yield every leaf, from left to right."""
    match condition:
        case Comparison():
            yield condition
        case Not(part):
            yield from comparisons(part)
        case AllOf(parts) | AnyOf(parts):
            for one in parts:
                yield from comparisons(one)


def to_json(condition: Condition) -> dict[str, Any]:
    """Return the condition as plain JSON values: decimals and days as strings."""
    match condition:
        case AllOf(parts):
            return {"all": [to_json(one) for one in parts]}
        case AnyOf(parts):
            return {"any": [to_json(one) for one in parts]}
        case Not(part):
            return {"not": to_json(part)}
        case Comparison(code, operator, value, params):
            plain: dict[str, Any] = {"field": code, "operator": operator}
            if value is not None:
                plain["value"] = _plain(value)
            if params:
                plain["with"] = _plain_params(params)
            return plain


def _plain(value: Value) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value


def _plain_params(params: Params) -> dict[str, Any]:
    return {code: list(value) if isinstance(value, tuple) else value for code, value in sorted(params.items())}
