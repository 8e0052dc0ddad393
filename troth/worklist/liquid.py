"""Liquid for call scripts: the few tags and filters that a script needs, each within limits.

Staff write scripts, so one may be a mistake or malice: no files, no includes, nothing that makes much of little. A
range joined to a text would fill the memory; so filters that walk a list take short lists only. A number multiplied by
itself has a million digits after twenty times; so numbers and texts stay as long as people read them.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache, wraps
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from liquid import Environment, Mode
from liquid.exceptions import FilterArgumentError, LiquidError
from liquid.template import BoundTemplate
from liquid.undefined import Undefined

from troth.kit.liquid_loops import BoundedForTag, refuse_stray_braces, refuse_stray_ranges

from .errors import ScriptRefusedError

MOST_SOURCE = 8_000
MOST_TEXT = 20_000
MOST_ITEMS = 100
MOST_DIGITS = 15  # before the point; after it twice as many
GAP = "____"
"""Stands in a script where a fact is not known, so that nobody reads out half a sentence."""

TAGS = frozenset(
    {"assign", "break", "case", "comment", "continue", "for", "if", "unless", "content", "output", "illegal", "#"}
)
ARITHMETIC = frozenset({"abs", "divided_by", "minus", "plus", "round", "times"})
FILTERS = ARITHMETIC | {
    "append", "capitalize", "default", "downcase", "first", "last", "prepend", "size", "strip", "truncate", "upcase",
}  # fmt: skip


class _Gap(Undefined):
    """A fact that is not known."""

    __slots__ = ()

    def __str__(self) -> str:
        return GAP


class _Limited(Environment):
    """The engine, within bounds."""

    block_nesting_limit = 10
    context_depth_limit = 20
    loop_iteration_limit = 500
    local_namespace_limit = 50_000
    output_stream_limit = MOST_TEXT


def _joined(items: Any, between: Any = ", ") -> str:
    if not isinstance(items, Sequence) or isinstance(items, str | range) or len(items) > MOST_ITEMS:
        return str(items)
    return str(between).join(str(one) for one in items)


def _replaced(given: Any, old: Any, new: Any = "") -> str:
    text, before, after = str(given), str(old), str(new)
    if not before:
        return text
    if len(text) + text.count(before) * (len(after) - len(before)) > MOST_TEXT:
        raise FilterArgumentError(f"a text is longer than {MOST_TEXT} characters", token=None)
    return text.replace(before, after)


def _money(amount: Any, currency: Any = "") -> Any:
    number = _number_of(amount)
    if number is None:
        return amount
    if not isinstance(currency, str) or not currency:
        return format_decimal(number, locale=_locale())
    return format_currency(number, currency[:3], locale=_locale())


def _day(given: Any) -> Any:
    if isinstance(given, str):
        try:
            given = datetime.fromisoformat(given)
        except ValueError:
            return given
    if not isinstance(given, date):
        return given
    return format_date(given, "yyyy年M月d日" if _locale() == "zh_Hans" else "d MMMM yyyy", locale=_locale())


def _number(given: Any) -> Any:
    number = _number_of(given)
    return given if number is None else format_decimal(number, locale=_locale())


def _number_of(given: Any) -> Decimal | None:
    if isinstance(given, Undefined | bool):
        return None
    try:
        number = Decimal(str(given)[:40])
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 10**15 else None


def _locale() -> str:
    return "zh_Hans" if (get_language() or "").startswith("zh") else "en"


OWN_FILTERS: Mapping[str, Callable[..., Any]] = {
    "join": _joined, "money": _money, "day": _day, "number": _number, "replace": _replaced
}  # fmt: skip


def _bounded(function: Callable[..., Any], *, is_arithmetic: bool) -> Callable[..., Any]:
    """Return a filter that neither takes nor makes what nobody reads: it could be made of itself again and again."""

    @wraps(function)
    def bounded(*given: Any, **named: Any) -> Any:
        for one in given:
            _refuse_huge(one, is_number=is_arithmetic)
        found = function(*given, **named)
        _refuse_huge(found, is_number=is_arithmetic)
        return found

    return bounded


def _refuse_huge(value: Any, *, is_number: bool) -> None:
    if isinstance(value, str) and len(value) > MOST_TEXT:
        raise FilterArgumentError(f"a text is longer than {MOST_TEXT} characters", token=None)
    if is_number and _is_huge(value):
        raise FilterArgumentError(f"a number has more than {MOST_DIGITS} digits", token=None)


def _is_huge(value: Any) -> bool:
    if isinstance(value, int):
        return abs(value) >= int(10**MOST_DIGITS)
    try:
        number = Decimal(str(value)) if isinstance(value, str | float | Decimal) else Decimal(0)
    except InvalidOperation:  # no number
        return False
    if not number.is_finite():
        return True
    places = abs(int(number.as_tuple().exponent))
    return number.adjusted() >= MOST_DIGITS or places > 2 * MOST_DIGITS


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = _Limited(tolerance=Mode.STRICT, undefined=_Gap, strict_filters=True)
    made.tags = {name: tag for name, tag in made.tags.items() if name in TAGS}
    made.add_tag(BoundedForTag)
    chosen = {name: found for name, found in made.filters.items() if name in FILTERS} | dict(OWN_FILTERS)
    made.filters = {name: _bounded(found, is_arithmetic=name in ARITHMETIC) for name, found in chosen.items()}
    return made


@lru_cache(maxsize=256)
def parsed(source: str) -> BoundTemplate:
    """Return the template of a source.

    Raises:
        ScriptRefusedError: it is too long or no Liquid that scripts may use.
    """
    if len(source) > MOST_SOURCE:
        limits = {"limit": MOST_SOURCE, "count": len(source)}
        raise ScriptRefusedError(_("Write at most %(limit)d characters, not %(count)d.") % limits, field="body")
    try:
        refuse_stray_braces(source)
        template = _environment().from_string(source)
        refuse_stray_ranges(template)
        unknown = sorted(template.analyze().filters.keys() - FILTERS - OWN_FILTERS.keys())
    except (LiquidError, RecursionError, ValueError) as error:
        raise ScriptRefusedError(_said(error), field="body") from error
    if unknown:
        names = {"names": ", ".join(unknown), "known": ", ".join(sorted(FILTERS | OWN_FILTERS.keys()))}
        raise ScriptRefusedError(_("There is no filter “%(names)s”; there are: %(known)s.") % names, field="body")
    return template


def variables(source: str) -> frozenset[str]:
    """Return the facts that a source asks for, such as "customer.name".

    Raises:
        ScriptRefusedError: see `parsed`.
    """
    return frozenset(parsed(source).global_variable_paths())


def rendered(source: str, facts: Mapping[str, Any]) -> str:
    """Return the source with the facts filled in: plain text, to be escaped where it is shown.

    Raises:
        ScriptRefusedError: it cannot be read, or grew beyond its limits.
    """
    template = parsed(source)
    try:
        text = template.render(**facts)
    except (LiquidError, ArithmeticError, RecursionError, TypeError, ValueError) as error:
        raise ScriptRefusedError(_said(error), field="body") from error
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def is_known(path: str, facts: Mapping[str, Any]) -> bool:
    """Tell whether the facts hold something under a path such as "customer.name"."""
    found: Any = facts
    for part in path.replace("[", ".").replace("]", "").split("."):
        if not isinstance(found, Mapping) or part not in found:
            return isinstance(found, Sequence) and not isinstance(found, str)
        found = found[part]
    return found not in (None, "")


def _said(error: Exception) -> str:
    """Say where the mistake is; what Liquid itself says is English, and exact."""
    token = getattr(error, "token", None)
    source, start = getattr(token, "source", ""), getattr(token, "start_index", 0)
    line = source.count("\n", 0, max(start, 0)) + 1 if source else 0
    reason = str(getattr(error, "message", "") or error).split("\n")[0][:200]
    if not line:
        return _("The script cannot be filled in: %(reason)s.") % {"reason": reason}
    return _("The script cannot be filled in, line %(line)d: %(reason)s.") % {"line": line, "reason": reason}
