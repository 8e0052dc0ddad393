"""Journeys in the search palette."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.care.journeys import queries as journeys
from troth.care.models import JourneyState
from troth.console.search import SearchHit, SearchSource, register


def find(query: str, actor: Actor, limit: int) -> list[SearchHit]:
    """Return the journeys in use whose name, in either language, or code contains the query."""
    wanted = query.strip()
    if not wanted:
        return []
    named = Q(name__icontains=wanted) | Q(name_zh__icontains=wanted) | Q(code__icontains=wanted)
    return [
        SearchHit(
            title=str(one),
            url=reverse("journeys:detail", args=[one.id]),
            note=str(JourneyState(one.state).label),
            icon="route",
        )
        for one in journeys.journeys().filter(named)[:limit]
    ]


register(
    SearchSource(
        key="journeys",
        label=_("Journeys"),
        icon="route",
        find=find,
        permission=Permission.JOURNEYS_VIEW,
        order=45,
    )
)
