"""What pydantic found wrong with a request, in our words and in the language asked for."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

Context = dict[str, Any]


def sentence(kind: str, message: str, context: Context) -> str:
    """Return why a value was refused.

    Args:
        kind: pydantic's name of the broken rule.
        message: its English sentence, for rules that we have no words for.
        context: the figures of the rule.
    """
    if kind in ("value_error", "assertion_error"):
        # Raised by a schema of ours, which speaks the language already; pydantic puts "Value error, " before it.
        return str(context.get("error", "")) or message
    say = _SENTENCES.get(kind)
    try:
        return say(context) if say else message
    except KeyError:  # a figure that this version of pydantic does not give
        return message


_SENTENCES: dict[str, Callable[[Context], str]] = {
    "missing": lambda _context: _("is missing and must be there"),
    "extra_forbidden": lambda _context: _("is not known here; leave it out"),
    "none_required": lambda _context: _("must be null"),
    "string_type": lambda _context: _("must be a text"),
    "string_too_short": lambda found: _("must have at least %(limit)s characters") % {"limit": found["min_length"]},
    "string_too_long": lambda found: _("must have at most %(limit)s characters") % {"limit": found["max_length"]},
    "string_pattern_mismatch": lambda found: _("must match the pattern %(pattern)s") % {"pattern": found["pattern"]},
    "int_type": lambda _context: _("must be a whole number"),
    "int_parsing": lambda _context: _("must be a whole number"),
    "int_from_float": lambda _context: _("must be a whole number"),
    "bool_type": lambda _context: _("must be true or false"),
    "bool_parsing": lambda _context: _("must be true or false"),
    "float_type": lambda _context: _("must be a number"),
    "float_parsing": lambda _context: _("must be a number"),
    "greater_than": lambda found: _("must be more than %(limit)s") % {"limit": found["gt"]},
    "greater_than_equal": lambda found: _("must be at least %(limit)s") % {"limit": found["ge"]},
    "less_than": lambda found: _("must be less than %(limit)s") % {"limit": found["lt"]},
    "less_than_equal": lambda found: _("must be at most %(limit)s") % {"limit": found["le"]},
    "uuid_type": lambda _context: _("must be an id (UUID)"),
    "uuid_parsing": lambda _context: _("must be an id (UUID)"),
    "enum": lambda found: _("must be one of %(allowed)s") % {"allowed": found["expected"]},
    "literal_error": lambda found: _("must be one of %(allowed)s") % {"allowed": found["expected"]},
    "list_type": lambda _context: _("must be a list"),
    "dict_type": lambda _context: _("must be an object"),
    "model_type": lambda _context: _("must be an object"),
    "model_attributes_type": lambda _context: _("must be an object"),
    "too_short": lambda found: _("must hold at least %(limit)s entries") % {"limit": found["min_length"]},
    "too_long": lambda found: _("must hold at most %(limit)s entries") % {"limit": found["max_length"]},
}
