"""Programmes in the search palette."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.console.search import SearchHit, SearchSource, register
from troth.programs import queries as programs


def find(query: str, actor: Actor, limit: int) -> list[SearchHit]:
    """Return the programmes in use whose code, or name in either language, contains the query."""
    wanted = query.strip()
    if not wanted:
        return []
    found = programs.programmes().filter(
        Q(code__icontains=wanted) | Q(name__icontains=wanted) | Q(name_zh__icontains=wanted)
    )
    return [
        SearchHit(title=str(one), url=reverse("programmes:detail", args=[one.id]), note=one.code, icon="stars")
        for one in found[:limit]
    ]


register(
    SearchSource(
        key="programmes",
        label=_("Programmes"),
        icon="stars",
        find=find,
        permission=Permission.PROGRAMS_VIEW,
        order=50,
    )
)
