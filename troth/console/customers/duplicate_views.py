"""Suspected duplicates, side by side, for a person to decide; merging by hand, and undoing it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from troth.access.permissions import Permission
from troth.console import formats
from troth.console.components import Progress, Reason
from troth.console.guard import ConsoleRequest, requires
from troth.console.jobs.pictures import progress_of
from troth.customers import queries as customers
from troth.customers import services
from troth.customers.errors import MergeRefusedError
from troth.customers.models import Customer, DuplicateSuggestion
from troth.jobs import queries as jobs
from troth.jobs import services as job_services
from troth.kit.clock import utc_now

from . import people, scores
from .likeness import reasons_of

P = Permission
PAGE_SIZE = 10
SEARCH = "customers.search_duplicates"
RECENT = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two records, line by line: label, value, whether it is the same on both."""

    customer: Customer
    name: str
    lines: list[tuple[str, str, bool]]
    orders: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A suspicion with both sides; the first is the one proposed to stay."""

    suggestion: DuplicateSuggestion
    sides: tuple[Side, Side]
    probability: str
    is_likely: bool
    reasons: list[Reason]


@require_safe
@requires(P.CUSTOMERS_VIEW, P.CUSTOMERS_VIEW_PERSONAL, P.CUSTOMERS_MERGE)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show the pairs that wait for a decision, the most likely first."""
    page = Paginator(customers.open_duplicates(), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "pairs": _pairs(list(page)), "job": _progress()}
    return render(request, "console/customers/duplicates.html", context)


@require_POST
@requires(P.CUSTOMERS_MERGE)
def search(request: ConsoleRequest) -> HttpResponse:
    """Start comparing all people in the background."""
    job_services.enqueue(SEARCH, actor=request.actor, now=utc_now(), unique_key="all")
    messages.success(request, _("The search has started; it goes on when you leave this page."))
    return redirect("customers:duplicates")


@require_POST
@requires(P.CUSTOMERS_VIEW, P.CUSTOMERS_MERGE)
def dismiss(request: ConsoleRequest, suggestion_id: int) -> HttpResponse:
    """Judge a pair to be two customers."""
    services.dismiss_duplicate(actor=request.actor, now=utc_now(), suggestion_id=suggestion_id)
    messages.success(request, _("Remembered: these are two customers."))
    return redirect("customers:duplicates")


@require_POST
@requires(P.CUSTOMERS_VIEW, P.CUSTOMERS_MERGE)
def merge(request: ConsoleRequest) -> HttpResponse:
    """Merge two records; the answer offers to undo it."""
    canonical, merged = _id(request, "canonical"), _id(request, "merged")
    if canonical is None or merged is None:
        raise MergeRefusedError(_("Choose two records: paste the id or the address of the other customer."))
    services.merge(actor=request.actor, now=utc_now(), canonical_id=canonical, merged_id=merged)
    messages.success(request, _("Merged. It can be undone on the customer's page, under Records."))
    if request.POST.get("next") == "duplicates":
        return redirect("customers:duplicates")
    return redirect("customers:customer", canonical)


@require_POST
@requires(P.CUSTOMERS_VIEW, P.CUSTOMERS_MERGE)
def unmerge(request: ConsoleRequest, merge_id: UUID) -> HttpResponse:
    """Take a merge back."""
    row = services.unmerge(actor=request.actor, now=utc_now(), merge_id=merge_id)
    messages.success(request, _("Undone: both records are customers again."))
    return redirect("customers:merges", row.owner_id)


def _pairs(suggestions: list[DuplicateSuggestion]) -> list[Pair]:
    ids = [side for row in suggestions for side in (row.left_id, row.right_id)]
    found = {customer_id: customer for customer_id in ids if (customer := customers.customer_or_none(customer_id))}
    measured = scores.of_many(found)
    return [
        _pair(row, found[row.left_id], found[row.right_id], measured)
        for row in suggestions
        if row.left_id in found and row.right_id in found
    ]


def _pair(row: DuplicateSuggestion, left: Customer, right: Customer, measured: dict[UUID, Any]) -> Pair:
    """Propose that the record with more orders stays, then the older one."""
    sides = sorted((left, right), key=lambda side: (-_orders(side, measured), side.created_at))
    lines = [_lines(side) for side in sides]
    same = {key for key in lines[0] if lines[0][key] and lines[0][key] == lines[1][key]}
    first, second = (
        Side(
            customer=side,
            name=people.shown_name(side, is_open=True),
            lines=[(label, value, label in same) for label, value in shown.items()],
            orders=_orders(side, measured),
        )
        for side, shown in zip(sides, lines, strict=True)
    )
    return Pair(
        row, (first, second), formats.percent(min(row.probability, 0.999)), row.probability >= 0.5, reasons_of(row)
    )


def _lines(customer: Customer) -> dict[str, str]:
    identities = list(customers.identities_of(customer.id))
    by_kind = {
        kind: ", ".join(people.shown_identity(kind, row.value, True) for row in identities if row.identity_kind == kind)
        for kind in ("phone", "email", "card")
    }
    return {
        _("Phone"): by_kind["phone"],
        _("E-mail"): by_kind["email"],
        _("Card"): by_kind["card"],
        _("Birthday"): people.shown_birthday(customer.birth_date, is_open=True),
        _("Address"): people.shown_address(customer, is_open=True),
        _("Customer since"): formats.day(customer.joined_date) if customer.joined_date else "–",
    }


def _orders(customer: Customer, measured: dict[UUID, Any]) -> int:
    score = measured.get(customer.id)
    return int(score.orders) if score else 0


def _id(request: ConsoleRequest, name: str) -> UUID | None:
    """Return the id in a field: alone, or in a pasted address of a customer's page."""
    for part in reversed(request.POST.get(name, "").strip()[:300].split("/")):
        try:
            return UUID(part)
        except ValueError:
            continue
    return None


def _progress() -> Progress | None:
    """Return how far the latest search is, as long as it is of interest."""
    now = utc_now()
    job = jobs.latest(name=SEARCH).first()
    if job is None or (not job.is_active and now - job.created_at > RECENT):
        return None
    return progress_of(job, now)
