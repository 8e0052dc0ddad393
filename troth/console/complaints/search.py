"""Complaints in the search palette: by their number, however it is typed."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.console.search import SearchHit, SearchSource, register
from troth.voice.complaints import queries as complaints
from troth.voice.complaints.errors import CaseNotFoundError


def find(query: str, actor: Actor, limit: int) -> list[SearchHit]:
    """Return the complaint of a number, if there is one."""
    try:
        case = complaints.case(query)
    except CaseNotFoundError:
        return []
    return [
        SearchHit(
            title=case.number,
            url=reverse("complaints:case", args=[case.number]),
            note=f"{case.category} · {case.get_state_display()}",
            icon="message-report",
        )
    ]


register(
    SearchSource(
        key="complaints",
        label=_("Complaints"),
        icon="message-report",
        find=find,
        permission=Permission.CASES_VIEW,
        order=20,
    )
)
