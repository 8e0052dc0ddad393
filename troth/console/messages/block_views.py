"""Blocked addresses: who is written to no more and why, and lifting a block with a reason."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from troth.access.permissions import Permission
from troth.console.components import Tone
from troth.console.customers.people import shown_identity, shown_name
from troth.console.guard import ConsoleRequest, requires
from troth.customers import queries as customers
from troth.customers.models import IdentityKind
from troth.kit.clock import utc_now
from troth.messaging import queries as messaging
from troth.messaging import services
from troth.messaging.services import SuppressionReason

from .shown import area_tabs

P = Permission
PAGE_SIZE = 50
TONES: dict[str, Tone] = {SuppressionReason.HARD_BOUNCE: "warn", SuppressionReason.COMPLAINT: "bad"}


@require_safe
@requires(P.MESSAGES_VIEW)
def blocked(request: ConsoleRequest) -> HttpResponse:
    """Show the addresses that nothing more is sent to, or those that were freed, the newest first."""
    is_lifted = request.GET.get("view") == "lifted"
    order = "-lifted_at" if is_lifted else "-created_at"
    page = Paginator(messaging.blocks(is_lifted=is_lifted).order_by(order, "-id"), PAGE_SIZE)
    shown = page.get_page(request.GET.get("page"))
    context = {"tabs": area_tabs("blocked"), "page": shown, "is_lifted": is_lifted, "rows": _rows(request, list(shown))}
    return render(request, "console/messages/blocked.html", context)


@require_POST
@requires(P.CUSTOMERS_VIEW, P.MESSAGES_VIEW, P.MESSAGES_SEND)
def lift(request: ConsoleRequest, customer_id: UUID, block_id: int) -> HttpResponse:
    """Allow sending to an address again."""
    note = request.POST.get("note", "")
    services.lift_suppression(block_id=block_id, customer_id=customer_id, note=note, actor=request.actor, now=utc_now())
    messages.success(request, _("The address is free again. Consents are as they were."))
    return redirect("messages:customer", customer_id)


def blocked_rows(request: ConsoleRequest, customer_id: UUID) -> list[dict[str, Any]]:
    """Return the blocked addresses of a customer, for the tab of their messages."""
    is_open = request.actor.may(P.CUSTOMERS_VIEW_PERSONAL)
    return [
        {
            "block": one.block,
            "address": shown_identity(one.block.address_kind, one.address, is_open),
            "tone": TONES.get(one.block.reason, "neutral"),
            "is_objection": one.is_objection,
        }
        for one in messaging.blocked_of(customer_id)
    ]


def _rows(request: ConsoleRequest, found: list[Any]) -> list[dict[str, Any]]:
    """Return the rows of the list: whose message showed it, or for whom it was lifted."""
    told = {one.id: one.owner_id for one in messaging.contacts().filter(id__in=[one.contact_id for one in found])}
    owners = {one.id: one.lifted_for or told.get(one.contact_id) for one in found}
    canonical = customers.canonical_ids({owner for owner in owners.values() if owner})
    people = customers.records(canonical.values())
    is_open = request.actor.may(P.CUSTOMERS_VIEW_PERSONAL)
    rows = []
    for one in found:
        who = people.get(canonical.get(owners[one.id], owners[one.id]))  # type: ignore[arg-type]  # None finds nobody
        rows.append(
            {
                "block": one,
                "kind": dict(IdentityKind.choices).get(one.address_kind, one.address_kind),
                "customer_id": who.id if who else None,
                "customer": shown_name(who, is_open) if who else "",
                "tone": TONES.get(one.reason, "neutral"),
                "note": one.lift_note if is_open else "",
            }
        )
    return rows
