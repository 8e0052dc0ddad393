"""Which addresses there are, which of them only take forms, and which one answers a link."""

from collections.abc import Iterator
from inspect import getclosurevars
from typing import Any
from urllib.parse import urlsplit

from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

OF_MACHINES = "api/"


def routes() -> dict[str, URLPattern]:
    """Return every address of console and public pages, as the `urls.py`s write it."""
    return {route: found for route, found in _walk(get_resolver(), "") if not route.startswith(OF_MACHINES)}


def _walk(resolver: URLResolver, before: str) -> Iterator[tuple[str, URLPattern]]:
    for part in resolver.url_patterns:
        route = _written(before + str(part.pattern))
        if isinstance(part, URLPattern):
            yield route, part
        else:
            yield from _walk(part, route)


def route_of(url: str) -> str:
    """Return the route that answers an address of ours, "?" where none does."""
    try:
        return _written(resolve(urlsplit(url).path).route)
    except Resolver404:
        return "?"


def _written(route: str) -> str:
    return route.replace("^", "")


def is_plain(route: str) -> bool:
    """Return whether the route needs no value."""
    return "<" not in route


def methods(pattern: URLPattern) -> frozenset[str]:
    """Return the methods that the address says it takes; nothing where it does not say."""
    view: Any = pattern.callback
    while view is not None:
        allowed = getclosurevars(view).nonlocals.get("request_method_list") if hasattr(view, "__code__") else None
        if allowed is not None:
            return frozenset(allowed)
        view = getattr(view, "__wrapped__", None)
    return frozenset()


def is_act(pattern: URLPattern) -> bool:
    """Return whether the address only takes forms."""
    allowed = methods(pattern)
    return bool(allowed) and "GET" not in allowed
