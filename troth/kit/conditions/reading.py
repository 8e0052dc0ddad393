"""From JSON to a tree, naming everything that is wrong with its place."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _

from . import values
from .catalogue import Catalogue
from .errors import WITHHELD, ConditionInvalidError, Problem
from .fields import Choices, Field, Param, ParamKind, choices_of
from .operators import Operator, Shape, operator_of, operators_of
from .tree import (
    EVERYBODY,
    NO_PARAMS,
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Not,
    Params,
    ParamValue,
    Scalar,
    Value,
)
from .values import OperandError

MAX_DEPTH = 8
MAX_NODES = 200
MAX_LIST = 500
_LEAF_KEYS = {"field", "operator", "value", "with"}


def read(raw: Any, catalogue: Catalogue, *, is_stored: bool = False) -> Condition:
    """Return the tree of a condition in JSON.

    `is_stored`: it was checked before, so that a choice which has gone since (a closed store) is no error.

    Raises:
        ConditionInvalidError: with every problem found and its place in the tree.
    """
    return _Reader(catalogue, is_stored).read(raw)


class _Reader:
    """One reading: collects problems instead of stopping at the first."""

    def __init__(self, catalogue: Catalogue, is_stored: bool) -> None:
        self.catalogue = catalogue
        self.is_stored = is_stored
        self.problems: list[Problem] = []
        self.nodes = 0
        self.choice_codes: dict[str, frozenset[str]] = {}

    def read(self, raw: Any) -> Condition:
        if raw == {"all": []}:
            return EVERYBODY
        found = self._node(raw, "", 1)
        if self.problems:
            raise ConditionInvalidError(self.problems)
        assert found is not None
        return found

    def _refuse(self, path: str, code: str, message: str) -> None:
        self.problems.append(Problem(path, code, message))

    def _node(self, raw: Any, path: str, depth: int) -> Condition | None:
        if not self._is_within_limits(path, depth):
            return None
        match raw:
            case {"all": list(parts)} if len(raw) == 1:
                return AllOf(self._parts(parts, _join(path, "all"), depth))
            case {"any": list(parts)} if len(raw) == 1:
                return AnyOf(self._parts(parts, _join(path, "any"), depth))
            case {"not": part} if len(raw) == 1:
                inner = self._node(part, _join(path, "not"), depth + 1)
                return None if inner is None else Not(inner)
            case {"field": str(code)} if set(raw) <= _LEAF_KEYS:
                return self._comparison(raw, code, path)
        self._refuse(
            path,
            "not_a_condition",
            _("write a comparison with “field” and “operator”, or a group with one of “all”, “any”, “not”"),
        )
        return None

    def _is_within_limits(self, path: str, depth: int) -> bool:
        self.nodes += 1
        if self.nodes == MAX_NODES + 1:
            message = _("more than %(limit)d parts; split it into several segments") % {"limit": MAX_NODES}
            self._refuse(path, "too_many", message)
        elif depth > MAX_DEPTH:
            message = _("nested more than %(limit)d levels deep; flatten the groups") % {"limit": MAX_DEPTH}
            self._refuse(path, "too_deep", message)
        return self.nodes <= MAX_NODES and depth <= MAX_DEPTH

    def _parts(self, parts: list[Any], path: str, depth: int) -> tuple[Condition, ...]:
        if not parts:
            self._refuse(path, "empty_group", _("the group is empty; add a condition or remove the group"))
        found = [self._node(part, f"{path}[{index}]", depth + 1) for index, part in enumerate(parts)]
        return tuple(one for one in found if one is not None)

    def _comparison(self, raw: dict[str, Any], code: str, path: str) -> Comparison | None:
        if code in self.catalogue.withheld:
            self._refuse(
                _join(path, "field"),
                WITHHELD,
                _("“%(label)s” (%(code)s) is personal data: asking by it needs the permission %(permission)s")
                % {
                    "label": self.catalogue.withheld[code].label,
                    "code": code,
                    "permission": self.catalogue.withheld_for,
                },
            )
            return None
        if code not in self.catalogue:
            self._refuse(
                _join(path, "field"),
                "unknown_field",
                _("there is no field “%(code)s”; choose one of the catalogue") % {"code": code[:80]}
                if code
                else _("no field is chosen yet; choose one of the catalogue"),
            )
            return None
        field = self.catalogue[code]
        operator = operator_of(field, str(raw.get("operator", "")))
        if operator is None:
            allowed = ", ".join(one.code for one in operators_of(field))
            self._refuse(
                _join(path, "operator"),
                "unknown_operator",
                _("“%(label)s” has no operator “%(operator)s”; use one of: %(allowed)s")
                % {"label": field.label, "operator": str(raw.get("operator", ""))[:40], "allowed": allowed},
            )
            return None
        value = self._value(raw, field, operator, _join(path, "value"))
        params = self._params(raw.get("with", {}), field, _join(path, "with"))
        return Comparison(code, operator.code, value, params)

    def _value(self, raw: dict[str, Any], field: Field, operator: Operator, path: str) -> Value:
        given = raw.get("value")
        try:
            return self._operand(given, field, operator.shape)
        except OperandError as error:
            self._refuse(path, "wrong_value", f"{field.label}: {error}")
            return None

    def _operand(self, raw: Any, field: Field, shape: Shape) -> Value:
        if shape is Shape.NONE:
            if raw is not None:
                raise OperandError(_("this operator takes no value; leave it out"))
            return None
        readers: dict[Shape, Callable[[], Value]] = {
            Shape.DAYS: lambda: values.day_count(raw),
            Shape.PERIOD: lambda: values.period(raw),
            Shape.MONTHS: lambda: self._many(raw, values.month),
            Shape.MANY: lambda: self._many(raw, lambda one: self._scalar(one, field)),
            Shape.RANGE: lambda: self._range(raw, field),
            Shape.ONE: lambda: self._scalar(raw, field),
        }
        return readers[shape]()

    def _scalar(self, raw: Any, field: Field) -> Scalar:
        found = values.SCALARS[field.type](raw)
        if field.choices and not self.is_stored and found not in self._codes(field.code, field.choices):
            raise OperandError(_("“%(value)s” is not among the choices") % {"value": str(found)[:40]})
        return found

    def _range(self, raw: Any, field: Field) -> tuple[Scalar, Scalar]:
        if not isinstance(raw, list) or len(raw) != 2:
            raise OperandError(_("give two values: from and to"))
        low, high = self._scalar(raw[0], field), self._scalar(raw[1], field)
        if low > high:  # type: ignore[operator]  # both are of the field's one type
            raise OperandError(_("the first value is above the second; swap them"))
        return low, high

    def _many(self, raw: Any, read_one: Callable[[Any], Scalar]) -> tuple[Scalar, ...]:
        if not isinstance(raw, list) or not raw:
            raise OperandError(_("choose at least one value"))
        if len(raw) > MAX_LIST:
            raise OperandError(
                _("%(count)d values; at most %(limit)d are allowed") % {"count": len(raw), "limit": MAX_LIST}
            )
        return tuple(dict.fromkeys(read_one(one) for one in raw))

    def _params(self, raw: Any, field: Field, path: str) -> Params:
        if not isinstance(raw, dict):
            self._refuse(path, "wrong_params", _("write the params as an object, for example {“days”: 90}"))
            return NO_PARAMS
        known = {param.code: param for param in field.params}
        found: dict[str, ParamValue] = {}
        for code, given in raw.items():
            if code not in known:
                self._refuse(
                    _join(path, str(code)[:40]),
                    "unknown_param",
                    _("“%(label)s” takes no such param; it takes: %(known)s")
                    % {"label": field.label, "known": ", ".join(known) or "-"},
                )
                continue
            try:
                found[code] = self._param(given, field, known[code])
            except OperandError as error:
                self._refuse(_join(path, code), "wrong_value", f"{known[code].label}: {error}")
        return MappingProxyType(dict(sorted(found.items()))) if found else NO_PARAMS

    def _param(self, raw: Any, field: Field, param: Param) -> ParamValue:
        if param.kind is ParamKind.DAYS:
            return values.day_count(raw)
        found = self._many(raw, values.text)
        if param.kind is ParamKind.CHOICES and not self.is_stored:
            allowed = self._codes(f"{field.code}.{param.code}", param.choices)
            strangers = [str(one) for one in found if one not in allowed]
            if strangers:
                raise OperandError(_("“%(value)s” is not among the choices") % {"value": strangers[0][:40]})
        return tuple(str(one) for one in found)

    def _codes(self, key: str, choices: Choices) -> frozenset[str]:
        """Return the codes of the choices, asked for once a reading."""
        if key not in self.choice_codes:
            self.choice_codes[key] = frozenset(one.code for one in choices_of(choices))
        return self.choice_codes[key]


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
