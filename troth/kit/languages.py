"""Texts that a company wrote in both languages."""

from django.utils.translation import get_language


def in_language(english: str, chinese: str) -> str:
    """Return the text in the language in force, the other one where it is missing."""
    is_chinese = (get_language() or "").startswith("zh")
    return (chinese or english) if is_chinese else (english or chinese)
