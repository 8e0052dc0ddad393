"""One customer: what matters at the top; history, orders, figures, data and merges in tabs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.activity import queries as activity
from troth.activity.models import CancelReason, ServiceCost
from troth.console.guard import ConsoleRequest, requires
from troth.customers import queries as customers
from troth.customers.models import ConsentChannel, ConsentPurpose
from troth.kit.clock import utc_now
from troth.messaging import queries as messaging
from troth.segments import queries as segments
from troth.staff import queries as staff

from . import forms, page, people, profile
from .forms import plain
from .history import KINDS, history_of

P = Permission
ORDERS_PAGE = 20
COSTS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class CostRow:
    """A cost to serve, what cancelled it, and the name of the question that cancels it."""

    cost: ServiceCost
    counter: ServiceCost | None
    dialog: str


@require_safe
@requires(P.CUSTOMERS_VIEW)
def customer(request: ConsoleRequest, customer_id: UUID) -> HttpResponse:
    """Show how the customer stands and what happened lately."""
    shown = page.profile_of(request, customer_id)
    if shown.customer.id != customer_id:
        return redirect("customers:customer", shown.customer.id)
    kind = request.GET.get("kind", "")
    past = history_of(shown.records, request.actor, kind=kind, before=_moment(request.GET.get("before", "")))
    company = staff.company()
    may_see_orders = request.actor.may(P.ORDERS_VIEW)
    context = page.context_of(request, shown, "customer") | {
        "history": past,
        "kind": kind,
        "kinds": [
            ("", _("All")),
            *((key, label) for key, label in KINDS.items() if may_see_orders or key == "events"),
        ],
        "figures": profile.figures_of(shown.score, shown.currency) if shown.score else [],
        "silence": profile.silence(shown.score) if shown.score else None,
        "months": profile.months_card(shown.records, company.today(utc_now()), shown.currency)
        if may_see_orders
        else None,
        "consents": customers.consents_of(shown.customer.id),
        "household": customers.household_of(shown.customer.id),
        **_segments(request, shown),
        "attributes": forms.attribute_texts(customers.attributes_of(shown.customer.id)),
        "cards": page.cards_of(request, shown),
    }
    if request.htmx and request.GET.get("part") == "history":
        return render(request, "console/customers/history.html", context)
    return render(request, "console/customers/customer.html", context)


@require_safe
@requires(P.CUSTOMERS_VIEW, P.ORDERS_VIEW)
def orders(request: ConsoleRequest, customer_id: UUID) -> HttpResponse:
    """Show the orders with their lines."""
    shown = page.profile_of(request, customer_id)
    rows = activity.orders(shown.records).select_related("store")
    found = Paginator(rows, ORDERS_PAGE).get_page(request.GET.get("page"))
    lines = activity.lines_of(order.id for order in found)
    context = page.context_of(request, shown, "orders") | {
        "page": found,
        "orders": [(order, [(line, plain(line.quantity)) for line in lines.get(order.id, [])]) for order in found],
        "costs": _costs(shown.records),
        "cancel_reasons": CancelReason.choices,
        "may_record": request.actor.may(P.ORDERS_RECORD),
    }
    return render(request, "console/customers/orders.html", context)


@require_safe
@requires(P.CUSTOMERS_VIEW, P.INSIGHTS_VIEW)
def figures(request: ConsoleRequest, customer_id: UUID) -> HttpResponse:
    """Show what was measured, each figure with how it is meant, and why the customer stands here."""
    shown = page.profile_of(request, customer_id)
    context = page.context_of(request, shown, "figures")
    if shown.score:
        context |= {
            "rfm": profile.rfm_parts(shown.score),
            "measured": profile.standing_figures(shown.score, shown.currency),
        }
    return render(request, "console/customers/figures.html", context)


@require_safe
@requires(P.CUSTOMERS_VIEW)
def data(request: ConsoleRequest, customer_id: UUID) -> HttpResponse:
    """Show what is kept of the customer: identities, consent, attributes, tags, household."""
    shown = page.profile_of(request, customer_id)
    may_edit = request.actor.may(P.CUSTOMERS_EDIT)
    context = page.context_of(request, shown, "data") | {
        "consents": customers.consents_of(shown.customer.id),
        "waiting_consents": _waiting(shown.customer.id),
        "acts": customers.consent_acts_of(shown.customer.id)[:50],
        "attributes": forms.attribute_texts(customers.attributes_of(shown.customer.id)),
        "household": customers.household_of(shown.customer.id),
        "identity_form": forms.IdentityForm() if may_edit else None,
        "consent_form": forms.ConsentForm() if may_edit else None,
        "attribute_form": forms.AttributesForm(customer_id=shown.customer.id) if may_edit and shown.is_open else None,
    }
    return render(request, "console/customers/data.html", context)


@require_safe
@requires(P.CUSTOMERS_VIEW)
def merges(request: ConsoleRequest, customer_id: UUID) -> HttpResponse:
    """Show which records were merged into this customer, and undo it."""
    shown = page.profile_of(request, customer_id)
    rows = list(customers.merges_of(shown.customer.id))
    names = customers.customer_names([row.merged_id for row in rows] + [row.owner_id for row in rows])
    masked = names if shown.is_open else {key: customers.mask_name(name) for key, name in names.items()}
    context = page.context_of(request, shown, "merges") | {
        "merges": [(row, masked.get(row.merged_id, ""), masked.get(row.owner_id, "")) for row in rows],
        "open_duplicates": _suspicions(request, shown),
    }
    return render(request, "console/customers/merges.html", context)


def _segments(request: ConsoleRequest, shown: profile.Profile) -> dict[str, Any]:
    """Return the segments that the customer is in, and the published ones that they are not in."""
    if not request.actor.may(P.SEGMENTS_VIEW):
        return {}
    inside = list(segments.segments_of(shown.customer.id))
    others = segments.segments().filter(version_number__gt=0).exclude(id__in=[one.id for one in inside])
    return {"segments": inside, "other_segments": [] if shown.customer.erased_at else others}


def _costs(records: Sequence[UUID]) -> list[CostRow]:
    """Return the newest costs to serve, each with its counter entry if it was cancelled."""
    newest = list(activity.costs(records)[:COSTS_SHOWN])
    counters = {row.cancels_id: row for row in newest if row.cancels_id}
    return [CostRow(row, counters.get(row.id), f"cost-{row.id}") for row in newest if row.cancels_id is None]


def _kinds(may_see_orders: bool) -> list[tuple[str, Any]]:
    return [(key, label) for key, label in KINDS.items() if may_see_orders or key == "events"]


def _suspicions(request: ConsoleRequest, shown: profile.Profile) -> list[tuple[Any, str]]:
    rows = list(customers.open_duplicates_of(shown.customer.id))
    others = [row.right_id if row.left_id in shown.records else row.left_id for row in rows]
    found = {other: customers.customer_or_none(other) for other in others}
    return [
        (row, people.shown_name(person, shown.is_open) if (person := found[other]) else "")
        for row, other in zip(rows, others, strict=True)
    ]


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def _waiting(customer_id: UUID) -> list[tuple[str, datetime]]:
    """Return what the customer was asked to confirm, as words, with until when they may."""
    return [
        (f"{ConsentPurpose(one.purpose).label} · {ConsentChannel(one.channel).label}", one.expires_at)
        for one in messaging.waiting_consents(customer_id, utc_now())
    ]
