"""Texts of documents as forms send them."""

MAX_TEXT = 500_000


def clean(text: str) -> str:
    """Return a text from a form: lines end as in files, no sign that no database takes."""
    return text.replace("\r\n", "\n").replace("\x00", "")[:MAX_TEXT]
