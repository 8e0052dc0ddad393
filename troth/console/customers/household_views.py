"""Households: the list, one with its people and totals, and the acts on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.console import formats
from troth.console.components import Figure
from troth.console.guard import ConsoleRequest, requires
from troth.customers import queries as customers
from troth.customers import services
from troth.customers.models import Customer, Household, HouseholdMember
from troth.insights.models import CustomerScore
from troth.kit.clock import utc_now
from troth.staff import queries as staff

from . import people, scores

P = Permission
PAGE_SIZE = 25
HITS = 8


@dataclass(frozen=True, slots=True)
class Member:
    """One person of a household, as the actor may see them."""

    customer: Customer
    place: HouseholdMember
    name: str
    contact: str
    score: CustomerScore | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A household with its people and what they bring together; without scores the sums are None."""

    household: Household
    name: str
    members: list[Member]
    revenue: Decimal | None
    window_revenue: Decimal | None
    purchases: int | None
    last_purchase_date: date | None


@require_safe
@requires(P.CUSTOMERS_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show the households, a page at a time."""
    page = Paginator(customers.households(), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": _shown(list(page), request.actor), **_rights(request.actor)}
    return render(request, "console/customers/households.html", context)


@require_safe
@requires(P.CUSTOMERS_VIEW)
def household(request: ConsoleRequest, household_id: UUID) -> HttpResponse:
    """Show one household, and who could be added to it."""
    found = customers.household_or_none(household_id)
    if found is None:
        raise Http404(_("There is no such household."))
    shown = _shown([found], request.actor)[0]
    context = {"shown": shown, **_rights(request.actor), **_search(request, shown)}
    context["figures"] = _figures(shown, str(context["currency"])) if shown.revenue is not None else []
    return render(request, "console/customers/household.html", context)


@require_POST
@requires(P.CUSTOMERS_VIEW, P.CUSTOMERS_EDIT)
def make(request: ConsoleRequest, customer_id: UUID) -> HttpResponse:
    """Make a household with the customer at its head."""
    made = services.make_household(
        actor=request.actor, now=utc_now(), head_id=customer_id, name=request.POST.get("name", "")
    )
    messages.success(request, _("The household was made. Add who else belongs to it."))
    return redirect("customers:household", made.id)


@require_POST
@requires(P.CUSTOMERS_VIEW, P.CUSTOMERS_VIEW_PERSONAL, P.CUSTOMERS_EDIT)
def rename(request: ConsoleRequest, household_id: UUID) -> HttpResponse:
    """Give the household another name."""
    services.rename_household(
        actor=request.actor, now=utc_now(), household_id=household_id, name=request.POST.get("name", "")
    )
    messages.success(request, _("The changes were saved."))
    return redirect("customers:household", household_id)


@require_POST
@requires(P.CUSTOMERS_VIEW, P.CUSTOMERS_EDIT)
def join(request: ConsoleRequest, household_id: UUID, customer_id: UUID) -> HttpResponse:
    """Put somebody into the household."""
    services.join_household(
        actor=request.actor,
        now=utc_now(),
        customer_id=customer_id,
        household_id=household_id,
        role=request.POST.get("role", "member"),
    )
    messages.success(request, _("Added."))
    return redirect("customers:household", household_id)


@require_POST
@requires(P.CUSTOMERS_VIEW, P.CUSTOMERS_EDIT)
def head(request: ConsoleRequest, household_id: UUID, customer_id: UUID) -> HttpResponse:
    """Let a member be the head."""
    services.make_head(actor=request.actor, now=utc_now(), customer_id=customer_id)
    messages.success(request, _("The changes were saved."))
    return redirect("customers:household", household_id)


@require_POST
@requires(P.CUSTOMERS_VIEW, P.CUSTOMERS_EDIT)
def leave(request: ConsoleRequest, household_id: UUID, customer_id: UUID) -> HttpResponse:
    """Take somebody out; with the last one the household is gone."""
    services.leave_household(actor=request.actor, now=utc_now(), customer_id=customer_id)
    if customers.household_or_none(household_id) is None:
        messages.success(request, _("Nobody is left, so the household is gone."))
        return redirect("customers:customer", customer_id)
    messages.success(request, _("Removed."))
    return redirect("customers:household", household_id)


def _shown(households: Sequence[Household], actor: Actor) -> list[Shown]:
    """Return the households with their people; a fixed number of queries for all of them."""
    belonging = customers.household_members([found.id for found in households])
    ids = [person.id for members in belonging.values() for person, _place in members]
    faces = people.Faces(actor, ids)
    measured = scores.of_many(ids) if actor.may(P.INSIGHTS_VIEW) else None
    return [_one(found, belonging[found.id], faces, measured) for found in households]


def _one(
    found: Household,
    belonging: list[tuple[Customer, HouseholdMember]],
    faces: people.Faces,
    measured: dict[UUID, CustomerScore] | None,
) -> Shown:
    members = [
        Member(person, place, faces.name(person), faces.contact(person), (measured or {}).get(person.id))
        for person, place in belonging
    ]
    known = [member.score for member in members if member.score]
    is_told = measured is not None
    return Shown(
        household=found,
        name=_name(found, members, faces.is_open),
        members=members,
        revenue=sum((score.revenue for score in known), Decimal(0)) if is_told else None,
        window_revenue=sum((score.window_revenue for score in known), Decimal(0)) if is_told else None,
        purchases=sum(score.purchases for score in known) if is_told else None,
        last_purchase_date=max((score.last_purchase_date for score in known), default=None),
    )


def _name(found: Household, members: Sequence[Member], is_open: bool) -> str:
    if found.name and is_open:
        return found.name
    return _("Household of %(name)s") % {"name": members[0].name} if members else _("Household")


def _figures(shown: Shown, currency: str) -> list[Figure]:
    assert shown.revenue is not None
    assert shown.window_revenue is not None
    last = formats.day(shown.last_purchase_date) if shown.last_purchase_date else "–"
    return [
        Figure(_("Members"), formats.count(len(shown.members))),
        Figure(_("Revenue so far"), formats.money(shown.revenue, currency)),
        Figure(_("Revenue, 12 months"), formats.money(shown.window_revenue, currency)),
        Figure(_("Purchases"), formats.count(shown.purchases or 0), note=_("last: %(day)s") % {"day": last}),
    ]


def _rights(actor: Actor) -> dict[str, object]:
    company = staff.company_or_none()
    return {
        "may_edit": actor.may(P.CUSTOMERS_EDIT),
        "sees_personal": actor.may(P.CUSTOMERS_VIEW_PERSONAL),
        "sees_figures": actor.may(P.INSIGHTS_VIEW),
        "sees_points": actor.may(P.POINTS_VIEW),
        "currency": company.currency if company else "CNY",
    }


def _search(request: ConsoleRequest, shown: Shown) -> dict[str, object]:
    """Return who a search finds that is not in the household yet."""
    query = request.GET.get("q", "").strip()[:100].replace("\0", "")
    found = customers.find(query, limit=HITS, sees_personal=request.actor.may(P.CUSTOMERS_VIEW_PERSONAL))
    here = {member.customer.id for member in shown.members}
    others = [person for person in found if person.id not in here]
    faces = people.Faces(request.actor, [person.id for person in others])
    return {"q": query, "hits": [(person, faces.name(person), faces.contact(person)) for person in others]}
