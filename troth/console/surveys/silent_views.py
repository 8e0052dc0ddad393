"""Who was asked and did not answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.console.customers.people import Faces
from troth.console.guard import ConsoleRequest, requires
from troth.customers import queries as customers
from troth.insights.models import Band
from troth.voice.models import Invitation
from troth.voice.surveys import narrowing, queries

from . import filters
from .frame import frame

PAGE = 50


@dataclass(frozen=True, slots=True)
class SilentRow:
    """Somebody who was asked: customer_id is None for who may not see customers."""

    invitation: Invitation
    name: str
    customer_id: UUID | None
    band: str


@require_safe
@requires(Permission.SURVEYS_VIEW)
def silent(request: ConsoleRequest, survey_id: UUID) -> HttpResponse:
    """Show whom an invitation reached that was not answered, as far as the filters speak of invitations."""
    survey = queries.survey(survey_id)
    document = queries.document(survey)
    if document is None:
        return redirect("surveys:edit", survey_id)
    narrow = filters.read(request.GET)
    page = Paginator(narrowing.silent(survey_id, narrow), PAGE).get_page(request.GET.get("page"))
    context = frame(request, survey, "results") | {
        "page": page,
        "rows": _rows(request, list(page)),
        "selects": filters.selects(request.GET, survey_id),
        "narrowed": filters.said(narrow, document),
    }
    return render(request, "console/surveys/silent.html", context)


def _rows(request: ConsoleRequest, found: Sequence[Invitation]) -> list[SilentRow]:
    canonical = customers.canonical_ids({one.owner_id for one in found})
    people = customers.records(canonical.values())
    faces = Faces(request.actor, people) if request.actor.may(Permission.CUSTOMERS_VIEW) else None
    rows = []
    for one in found:
        person = people[canonical[one.owner_id]]
        name = faces.name(person) if faces else _("A customer")
        band = str(Band(one.band).label) if one.band in Band.values else ""
        rows.append(SilentRow(one, name, person.id if faces else None, band))
    return rows
