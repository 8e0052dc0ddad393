"""Finds the console's areas: each sub-package with a `urls.py` is one. No list is kept."""

from functools import cache
from importlib import import_module
from pathlib import Path

from django.urls import URLResolver, include, path

ROOT = Path(__file__).parent


@cache
def names() -> tuple[str, ...]:
    """Return the areas' names, sorted."""
    return tuple(sorted(found.parent.name for found in ROOT.glob("*/urls.py")))


def url_patterns() -> list[URLResolver]:
    """Return one include per area; each area writes its own full paths and its own `app_name`."""
    return [path("", include(f"troth.console.{name}.urls")) for name in names()]


def load_registrations() -> None:
    """Import each area's `nav`, `search` and `customer_page`, which register themselves."""
    for name in names():
        for topic in ("nav", "search", "customer_page"):
            if (ROOT / name / f"{topic}.py").exists():
                import_module(f"troth.console.{name}.{topic}")
