"""The search source of pages: every entry of the navigation that the person may open."""

from django.utils.translation import gettext_lazy as _

from troth.access.actors import Actor

from . import navigation
from .search import SearchHit, SearchSource, register


def find(query: str, actor: Actor, limit: int) -> list[SearchHit]:
    """Return the pages whose name or group contains the query, the best first; all of them for an empty query."""
    wanted = query.casefold()
    hits = [
        SearchHit(title=str(item.label), url=item.url, note=_note(item), icon=item.icon)
        for item in navigation.items_for(actor)
        if wanted in f"{item.label} {navigation.FACES[item.pillar].label}".casefold()
    ]
    if not query:
        return hits
    return sorted(hits, key=lambda hit: (wanted not in hit.title.casefold(), hit.title.casefold().find(wanted)))[:limit]


def _note(item: navigation.NavItem) -> str:
    pillar = str(navigation.FACES[item.pillar].label)
    return "" if pillar == str(item.label) else pillar


register(SearchSource(key="pages", label=_("Pages"), icon="layout-dashboard", find=find, order=90))
