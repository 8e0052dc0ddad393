"""Names in two languages."""

from troth.kit.languages import in_language

from .document.shapes import Name


def shown(name: Name) -> str:
    """Return a name in the language in force."""
    return in_language(name.en, name.zh)
