"""A condition in words: the sentence, the outline, and what changed between two."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from troth.kit import money

from . import days
from .catalogue import Catalogue
from .checks import fold
from .evaluating import Verdict
from .fields import Choices, Field, ParamKind, ValueType, choices_of
from .operators import Shape, operator_of
from .tree import AllOf, AnyOf, Comparison, Condition, Not, Scalar, comparisons

SHOWN_VALUES = 6
_PARTS = frozenset(["contains", "not_contains", "starts_with"])
"""Operators that compare with a part of a text, which has no name of its own."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an outline: how deep it stands, its words, and whether it heads a group."""

    depth: int
    text: str
    is_group: bool = False


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """One line of an explanation: the condition in words, whether it holds, and the record's value in words.

    found: empty for a group, and where the value may not be told.
    """

    depth: int
    text: str
    holds: bool
    found: str = ""
    is_group: bool = False


class Words:
    """Says conditions of one catalogue in the language in force; labels of choices are looked up once."""

    def __init__(self, catalogue: Catalogue, currency: str) -> None:
        self.catalogue = catalogue
        self.currency = currency
        self._labels: dict[str, Mapping[str, str]] = {}

    def sentence(self, condition: Condition) -> str:
        """Return the whole condition as one sentence without a full stop."""
        if condition == AllOf(()):
            return _("everybody")
        return self._say(condition, is_inner=False)

    def outline(self, condition: Condition, depth: int = 0) -> list[Line]:
        """Return the condition as indented lines, one per comparison."""
        match condition:
            case Comparison():
                return [Line(depth, self.comparison(condition))]
            case Not(AnyOf(parts)):
                return self._group(_("none of:"), parts, depth)
            case Not(AllOf(parts)):
                return self._group(_("not all of:"), parts, depth)
            case Not(part):
                return self._group(_("not:"), (part,), depth)
            case AllOf(parts):
                return self._group(_("all of:"), parts, depth) if parts else [Line(depth, _("everybody"))]
            case AnyOf(parts):
                return self._group(_("any of:"), parts, depth)

    def explanation(self, verdict: Verdict, *, tells_personal: bool, depth: int = 0) -> list[ExplainedLine]:
        """Return the verdict as indented lines, groups and comparisons each with their own answer."""
        condition = verdict.condition
        if isinstance(condition, Comparison):
            field = self.catalogue[condition.field]
            found = self.value(verdict.value, field) if tells_personal or not field.is_personal else ""
            return [ExplainedLine(depth, self.comparison(condition), verdict.holds, found)]
        head = ExplainedLine(depth, self.outline(condition)[0].text, verdict.holds, is_group=True)
        # “None of” is one line in words, but two nodes: the parts stand below the inner one.
        is_folded = isinstance(condition, Not) and isinstance(condition.part, AllOf | AnyOf)
        parts = verdict.parts[0].parts if is_folded else verdict.parts
        lines = (self.explanation(part, tells_personal=tells_personal, depth=depth + 1) for part in parts)
        return [head, *(line for part in lines for line in part)]

    def _group(self, head: str, parts: Sequence[Condition], depth: int) -> list[Line]:
        inner = [line for part in parts for line in self.outline(part, depth + 1)]
        return [Line(depth, head, is_group=True), *inner]

    def comparison(self, one: Comparison) -> str:
        """Return one comparison in words; a field that has gone is named by its code."""
        if one.field not in self.catalogue:
            return _("“%(code)s”, a field that no longer exists") % {"code": one.field}
        field = self.catalogue[one.field]
        operator = operator_of(field, one.operator)
        assert operator is not None
        subject = self._subject(field, one)
        phrase = str(operator.phrase) % self._operands(one, field, operator.shape)
        return pgettext("sentence", "%(subject)s %(phrase)s") % {"subject": subject, "phrase": phrase}

    def value(self, raw: Any, field: Field) -> str:
        """Return a record's value in words, for explaining a verdict."""
        if field.type.is_set:
            found = [self._scalar(one, field) for one in sorted(raw)]
            return _list(found, _("and")) if found else _("none")
        return _("unknown") if raw in (None, "") else self._scalar(raw, field)

    def _say(self, condition: Condition, *, is_inner: bool) -> str:
        match condition:
            case Comparison():
                return self.comparison(condition)
            case Not(part):
                return _("not (%(part)s)") % {"part": self._say(part, is_inner=False)}
            case AllOf(parts) | AnyOf(parts):
                joint = (
                    pgettext("joins conditions", ", and ")
                    if isinstance(condition, AllOf)
                    else pgettext("joins conditions", ", or ")
                )
                text = joint.join(self._say(part, is_inner=len(parts) > 1) for part in parts)
                return _("(%(part)s)") % {"part": text} if is_inner and len(parts) > 1 else text

    def _subject(self, field: Field, one: Comparison) -> str:
        phrases = []
        for param in field.params:
            if param.code not in one.params:
                continue
            given = one.params[param.code]
            if isinstance(given, tuple):
                texts = [self._label(f"{field.code}.{param.code}", param.choices, code) for code in given]
                value = _list(texts, _("or"))
            else:
                value = str(given)
            phrase = str(param.phrase)
            if param.kind is ParamKind.DAYS and param.code == "days":
                phrase = _days_phrase(int(str(given)), phrase)
            phrases.append(phrase % {"value": value})
        if not phrases:
            return str(field.label)
        return pgettext("sentence", "%(label)s (%(params)s)") % {
            "label": field.label,
            "params": _("; ").join(phrases),
        }

    def _operands(self, one: Comparison, field: Field, shape: Shape) -> dict[str, str]:
        value: Any = one.value
        joint = _("and") if one.operator == "has_all_of" else _("or")
        plain: dict[Shape, Callable[[], str]] = {
            Shape.NONE: lambda: "",
            Shape.DAYS: lambda: str(value),
            Shape.PERIOD: lambda: str(days.PERIODS[value]),
            Shape.MONTHS: lambda: _list([formats.date_format(date(2000, month, 1), "F") for month in value], _("or")),
            Shape.ONE: lambda: self._scalar(value, field),
            Shape.MANY: lambda: _list([self._scalar(part, field) for part in value], joint),
        }
        if field.names and one.operator in _PARTS:
            return {"value": _("“%(text)s”") % {"text": value}}
        if shape is Shape.RANGE:
            return {"low": self._scalar(value[0], field), "high": self._scalar(value[1], field)}
        return {"value": plain[shape]()}

    def _scalar(self, value: Scalar, field: Field) -> str:
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, date):
            return formats.date_format(value, "DATE_FORMAT")
        if isinstance(value, int | float | Decimal):
            return self._number(Decimal(str(value)), field)
        if field.choices:
            return self._label(field.code, field.choices, value)
        if field.names:
            return self._name(field, value)
        return _("“%(text)s”") % {"text": value}

    def _number(self, value: Decimal, field: Field) -> str:
        if field.type is ValueType.MONEY:
            return money.in_words(value, self.currency)
        text = f"{value:,f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return f"{text} {field.unit}" if field.unit else text

    def _name(self, field: Field, text: str) -> str:
        """Return what a code is called, itself where nobody named it; texts are compared folded, so are names found."""
        if field.code not in self._labels:
            self._labels[field.code] = {fold(one.code): str(one.label) for one in choices_of(field.names)}
        return self._labels[field.code].get(fold(text)) or _("“%(text)s”") % {"text": text}

    def _label(self, key: str, choices: Choices, code: str) -> str:
        if key not in self._labels:
            self._labels[key] = {one.code: str(one.label) for one in choices_of(choices)}
        return self._labels[key].get(code) or _("“%(text)s”") % {"text": code}


@dataclass(frozen=True, slots=True)
class Change:
    """What a new definition adds to, and removes from, an old one; or that only the grouping differs."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    is_regrouped: bool = False

    @property
    def is_nothing(self) -> bool:
        """Tell whether the definitions are the same."""
        return not (self.added or self.removed or self.is_regrouped)


def change(old: Condition, new: Condition, words: Words) -> Change:
    """Return what differs between two conditions."""
    if old == new:
        return Change()
    before, after = list(comparisons(old)), list(comparisons(new))
    added = _without(after, before)
    removed = _without(before, after)
    return Change(
        tuple(words.comparison(one) for one in added),
        tuple(words.comparison(one) for one in removed),
        is_regrouped=not added and not removed,
    )


def _without(some: list[Comparison], others: list[Comparison]) -> list[Comparison]:
    """Return those of some that others lack, counting repeats."""
    left = list(others)
    found = []
    for one in some:
        if one in left:
            left.remove(one)
        else:
            found.append(one)
    return found


def _days_phrase(count: int, phrase: str) -> str:
    """Return the phrase, or the shorter one for a single day."""
    return _("today") if count == 1 else phrase


def _list(texts: Iterable[str], word: str) -> str:
    """Return "a, b or c"; of a long list the first few and how many more."""
    found = list(texts)
    if len(found) > SHOWN_VALUES:
        more = len(found) - SHOWN_VALUES
        rest = ngettext("%(count)d more", "%(count)d more", more) % {"count": more}
        found = [*found[:SHOWN_VALUES], rest]
    if len(found) == 1:
        return found[0]
    return pgettext("list", "%(first)s %(word)s %(last)s") % {
        "first": pgettext("list", ", ").join(found[:-1]),
        "word": word,
        "last": found[-1],
    }
