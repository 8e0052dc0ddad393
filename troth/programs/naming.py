"""Names in two languages."""

from django.utils.translation import get_language

from .document.shapes import Name


def shown(name: Name) -> str:
    """Return a name in the language in force."""
    return name.zh if (get_language() or "").startswith("zh") and name.zh else name.en
