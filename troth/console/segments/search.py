"""Segments in the search palette."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.console import formats
from troth.console.search import SearchHit, SearchSource, register
from troth.segments import queries as segments


def find(query: str, actor: Actor, limit: int) -> list[SearchHit]:
    """Return the segments in use whose name, in either language, contains the query."""
    if not query.strip():
        return []
    wanted = query.strip()
    found = segments.segments().filter(Q(name__icontains=wanted) | Q(name_zh__icontains=wanted))
    return [
        SearchHit(
            title=str(one),
            url=reverse("segments:detail", args=[one.id]),
            note="" if one.member_count is None else formats.count(one.member_count),
            icon="users-group",
        )
        for one in found[:limit]
    ]


register(
    SearchSource(
        key="segments",
        label=_("Segments"),
        icon="users-group",
        find=find,
        permission=Permission.SEGMENTS_VIEW,
        order=40,
    )
)
