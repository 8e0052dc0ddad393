"""What pydantic found wrong with a document's shape, in our words: what stands there, what may, and the way out."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from .source import Path

Details = Mapping[str, Any]


def sentence(error: Details, path: Path) -> str:
    """Return what is wrong as a sentence in the language in force."""
    given = str(error.get("input"))[:60]
    about = {"key": path[-1] if path else "", "given": given, **error.get("ctx", {})}
    say = _SENTENCES.get(str(error["type"]))
    return say(about) if say else _("“%(given)s” is not possible here") % about


def _one_of(about: Details) -> str:
    return _("“%(given)s” is not possible here; choose one of %(expected)s") % about


def _tag(about: Details) -> str:
    return _("there is no “type: %(tag)s”; choose one of %(expected_tags)s") % about


_SENTENCES: Mapping[str, Callable[[Details], str]] = {
    "missing": lambda about: _("“%(key)s” is missing; add it") % about,
    "extra_forbidden": lambda about: _("“%(key)s” is no key of this part; remove it, or look for a slip") % about,
    "union_tag_not_found": lambda about: _("say what it does: add “type:”") % about,
    "union_tag_invalid": _tag,
    "literal_error": _one_of,
    "enum": _one_of,
    "string_pattern_mismatch": lambda about: (
        _("“%(given)s” cannot be a code here; it has to match %(pattern)s, for example gold-2026") % about
    ),
    "string_type": lambda about: _("“%(given)s” is no text; put it into quotes") % about,
    "string_too_short": lambda about: _("give a text of at least %(min_length)d characters") % about,
    "string_too_long": lambda about: _("the text is too long; at most %(max_length)d characters") % about,
    "int_type": lambda about: _("“%(given)s” is no whole number") % about,
    "int_parsing": lambda about: _("“%(given)s” is no whole number") % about,
    "int_from_float": lambda about: _("“%(given)s” is no whole number") % about,
    "decimal_type": lambda about: _("“%(given)s” is no number; write it like 12.5") % about,
    "decimal_parsing": lambda about: _("“%(given)s” is no number; write it like 12.5") % about,
    "decimal_max_places": lambda about: _("at most %(decimal_places)d decimal places; round it") % about,
    "decimal_max_digits": lambda about: _("at most %(max_digits)d digits") % about,
    "decimal_whole_digits": lambda about: _("at most %(whole_digits)d digits before the point") % about,
    "greater_than": lambda about: _("%(given)s is too small; it has to be more than %(gt)s") % about,
    "greater_than_equal": lambda about: _("%(given)s is too small; at least %(ge)s") % about,
    "less_than_equal": lambda about: _("%(given)s is too large; at most %(le)s") % about,
    "bool_type": lambda about: _("write true or false, not “%(given)s”") % about,
    "bool_parsing": lambda about: _("write true or false, not “%(given)s”") % about,
    "dict_type": lambda about: _("“%(key)s” is a list of “key: value”, indented below it") % about,
    "model_type": lambda about: _("“%(key)s” is a list of “key: value”, indented below it") % about,
    "model_attributes_type": lambda about: _("“%(key)s” is a list of “key: value”, indented below it") % about,
    "tuple_type": lambda about: _("“%(key)s” is a list; begin each entry with “- ”") % about,
    "too_short": lambda about: _("“%(key)s” needs at least %(min_length)d entry") % about,
    "too_long": lambda about: _("“%(key)s” has %(actual_length)s entries; at most %(max_length)d are allowed") % about,
    "date_type": lambda about: _("“%(given)s” is not a day; write it like 2026-03-15") % about,
    "date_parsing": lambda about: _("“%(given)s” is not a day; write it like 2026-03-15") % about,
    "date_from_datetime_parsing": lambda about: _("“%(given)s” is not a day; write it like 2026-03-15") % about,
    "date_from_datetime_inexact": lambda about: _("“%(given)s” is not a day; write it like 2026-03-15") % about,
    "time_type": lambda about: _("“%(given)s” is not a time; write it like 17:30") % about,
    "time_parsing": lambda about: _("“%(given)s” is not a time; write it like 17:30") % about,
}
