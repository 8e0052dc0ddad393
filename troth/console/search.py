"""Ctrl-K: areas register what can be found; the palette asks each source that the person may see."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from troth.access.actors import Actor
from troth.access.permissions import Permission

SOURCE_LIMIT = 6
"""How many hits one source shows; the list page behind it has the rest."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One thing found: what it is called, what tells it from others, where it is."""

    title: str
    url: str
    note: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class SearchSource:
    """A kind of thing that can be found; `find(query, actor, limit)` returns hits, best first."""

    key: str
    label: str | Promise
    icon: str
    find: Callable[[str, Actor, int], list[SearchHit]]
    permission: Permission | None = None
    order: int = 50


@dataclass(frozen=True, slots=True)
class SearchGroup:
    """The hits of one source."""

    label: str | Promise
    icon: str
    hits: list[SearchHit]


_sources: dict[str, SearchSource] = {}


def register(source: SearchSource) -> None:
    """Add a source.

    Raises:
        ValueError: another source has the key.
    """
    if source.key in _sources and _sources[source.key] != source:
        raise ValueError(f"search has a source named {source.key} already")
    _sources[source.key] = source


def find(query: str, actor: Actor) -> list[SearchGroup]:
    """Return the groups with hits for the query, in the sources' order; an empty query finds only pages.

    What is called exactly as was typed goes first: who types the name of a page means the page.
    """
    allowed = (s for s in _sources.values() if s.permission is None or actor.may(s.permission))
    found = [
        SearchGroup(label=source.label, icon=source.icon, hits=source.find(query, actor, SOURCE_LIMIT))
        for source in sorted(allowed, key=lambda source: (source.order, source.key))
        if query or source.key == "pages"
    ]
    return sorted((group for group in found if group.hits), key=lambda group: not _is_named(group, query))


def _is_named(group: SearchGroup, query: str) -> bool:
    return any(hit.title.casefold() == query.strip().casefold() for hit in group.hits)
