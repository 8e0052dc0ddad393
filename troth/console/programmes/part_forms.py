"""The parts of a programme as forms: rules, tiers, budgets. Each form changes its own part of the text, no other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.programs.document.source import Path

Kind = Literal["text", "code", "number", "whole", "date", "choice", "bool"]
Choices = tuple[tuple[str, str | Promise], ...]
KEEP = "keep"  # an effect that no form has: it stays as it is written


@dataclass(frozen=True, slots=True)
class Input:
    """One value of a part. path: within the part; of: the effects that have it, all where empty."""

    path: Path
    label: str | Promise
    kind: Kind = "text"
    choices: Choices = ()
    of: tuple[str, ...] = ()
    hint: str | Promise = ""

    @property
    def name(self) -> str:
        """Return the name in the form."""
        return "-".join(map(str, self.path))


PERIODS: Choices = (
    ("", _("for ever")),
    ("day", _("a day")),
    ("week", _("a week")),
    ("month", _("a month")),
    ("quarter", _("a quarter")),
    ("year", _("a year")),
)
EFFECTS: Choices = (
    ("points_per_amount", _("points for an amount")),
    ("multiplier", _("a multiple of the points")),
    ("fixed", _("a fixed number of points")),
    ("per_item", _("points for every piece")),
    ("stamps", _("stamps")),
    ("coupon", _("a coupon")),
    ("tier_points", _("points for the tier only")),
)
_HEAD = (
    Input(("code",), pgettext_lazy("part", "Code"), "code"),
    Input(("name", "en"), pgettext_lazy("part", "Name")),
    Input(("name", "zh"), _("Name in Chinese")),
)
RULE = (
    *_HEAD,
    Input(("effect", "type"), _("Gives"), "choice", EFFECTS),
    Input(("effect", "points"), _("How many"), "number", of=("points_per_amount", "fixed", "per_item", "tier_points")),
    Input(("effect", "amount"), _("for every amount of"), "number", of=("points_per_amount", "tier_points")),
    Input(("effect", "factor"), _("How many times"), "number", of=("multiplier",)),
    Input(("effect", "every"), _("for every so many pieces"), "number", of=("per_item",)),
    Input(("effect", "stamps"), _("How many"), "whole", of=("stamps",)),
    Input(("effect", "campaign"), _("Coupon campaign"), of=("coupon",)),
    Input(
        ("effect", "currency"),
        _("Point currency"),
        of=("points_per_amount", "multiplier", "fixed", "per_item", "stamps"),
        hint=_("the programme's own if left empty"),
    ),
    Input(("group",), _("Group"), hint=_("of one group, rules stack as it says")),
    Input(("budget",), _("Budget")),
    Input(("nth", "every"), _("Only every nth such order"), "whole"),
    Input(("caps", 0, "points"), _("At most so many points per member"), "whole"),
    Input(("caps", 0, "period"), _("within"), "choice", PERIODS),
    Input(("valid", "from"), _("From"), "date"),
    Input(("valid", "until"), _("Until, included"), "date"),
    Input(("counts_for_tier",), _("Counts for the tier"), "bool"),
)
TIER = (
    *_HEAD,
    Input(("reach", "spend"), _("To reach: spend"), "number"),
    Input(("reach", "points"), _("To reach: points"), "whole"),
    Input(("reach", "visits"), _("To reach: visits"), "whole"),
    Input(("keep", "spend"), _("To keep: spend"), "number", hint=_("as to reach if left empty")),
    Input(("keep", "points"), _("To keep: points"), "whole"),
    Input(("keep", "visits"), _("To keep: visits"), "whole"),
)
BUDGET = (
    *_HEAD,
    Input(("points",), _("Points"), "whole"),
    Input(("money",), _("or money"), "number"),
    Input(("times",), _("or times"), "whole"),
    Input(("period",), _("within"), "choice", PERIODS),
    Input(("per",), _("Of"), "choice", (("", _("the whole programme")), ("store", _("each store"))), hint=""),
)
FORMS: Mapping[str, tuple[Path, tuple[Input, ...]]] = {
    "rule": (("rules",), RULE),
    "tier": (("tiers", "ladder"), TIER),
    "budget": (("budgets",), BUDGET),
}


def at(value: Any, path: Path) -> Any:
    """Return what stands at a path of plain values, None where nothing does."""
    for key in path:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value


@dataclass(frozen=True, slots=True)
class Row:
    """An input with what it holds."""

    input: Input
    value: Any


def rows(kind: str, part: Any) -> Iterator[Row]:
    """Yield the inputs of a kind of part with what the part holds."""
    for one in FORMS[kind][1]:
        value = at(part, one.path)
        if one.path[0] == "name" and isinstance(at(part, ("name",)), str):
            value = part["name"] if one.path[1] == "en" else ""
        if one.kind == "bool" and value is None:
            value = True
        yield Row(one, "" if value is None else value)


def read(kind: str, part: dict[str, Any], form: QueryDict) -> dict[str, Any]:
    """Return the part with what a form gives; what no input has stays as it is written."""
    found: dict[str, Any] = {**part}
    name = found.get("name")
    found["name"] = {"en": name} if isinstance(name, str) else dict(name or {})
    effect = form.get("effect-type", "")
    if kind == "rule" and effect != KEEP and effect != at(part, ("effect", "type")):
        found["effect"] = {"type": effect}
    for one in FORMS[kind][1]:
        if one.path[0] == "effect" and (effect == KEEP or (one.of and effect not in one.of)):
            continue
        _set(found, one, _value(one, form.get(one.name, "").strip()))
    return {key: value for key, value in found.items() if value not in ({}, [], [{}])}


def _value(one: Input, text: str) -> Any:
    """Return what was typed as the document has it; what is no number stays a text, which the document refuses."""
    if one.kind == "bool":
        return None if text else False
    if not text:
        return None
    if one.kind in ("number", "whole"):
        try:
            number = Decimal(text.replace(",", ""))
            return int(number) if number == number.to_integral_value() else number
        except (InvalidOperation, ValueError, OverflowError):
            return text
    return text


def _set(part: dict[str, Any], one: Input, value: Any) -> None:
    """Put a value at its path, making what it stands in; take it out for None."""
    if one.path[:2] == ("caps", 0):
        caps = [dict(cap) for cap in part.get("caps", [])] or [{}]
        _put_or_pop(caps[0], str(one.path[2]), value)
        if "points" not in caps[0] and "times" not in caps[0]:
            caps = caps[1:]
        part["caps"] = caps
        return
    if len(one.path) == 1:
        _put_or_pop(part, str(one.path[0]), value)
        return
    inner = dict(part.get(str(one.path[0])) or {})
    _put_or_pop(inner, str(one.path[1]), value)
    part[str(one.path[0])] = inner


def _put_or_pop(part: dict[str, Any], key: str, value: Any) -> None:
    if value is None:
        part.pop(key, None)
    else:
        part[key] = value
