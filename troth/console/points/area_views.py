"""The ledger as a whole: what ends when, what waits for a second person, what is held, its proof."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from troth.access import queries as access
from troth.access.permissions import Permission
from troth.console import formats
from troth.console.components import Tab
from troth.console.customers.people import shown_name
from troth.console.guard import ConsoleRequest, requires
from troth.customers import queries as customers
from troth.jobs import queries as job_queries
from troth.jobs import services as jobs
from troth.kit.clock import day_start, utc_now
from troth.ledger import queries as ledger
from troth.ledger import services
from troth.ledger.models import AdjustmentRequest, ExpiryChange
from troth.ledger.proofs import PROOFS
from troth.ledger.sweeping import PROVE
from troth.ledger.terms import ApprovalState

from . import overview
from .currency_views import preview_reasons
from .people import who
from .purse import currency_name, rule_sentence
from .said import Moved, reason_label

P = Permission
PAGE_SIZE = 40


@require_safe
@requires(P.POINTS_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show one currency: what members hold, when it ends, what moved by month."""
    known = list(ledger.currencies())
    wanted = request.GET.get("currency", "")
    default = next((one for one in known if one.unit_kind == "points"), known[0] if known else None)
    currency = next((one for one in known if one.code == wanted), default)
    context: dict[str, Any] = {
        "tabs": _tabs("index"),
        "currency": currency,
        "may_configure": request.actor.may(P.POINTS_CONFIGURE),
    }
    if currency is not None:
        ending = ledger.ending(currency, utc_now())
        moved = ledger.moved_by_month(currency, day_start(overview.first_month(utc_now()), currency.time_zone))
        context |= {
            "currency_tabs": [Tab(currency_name(one), f"?currency={one.code}", one is currency) for one in known]
            if len(known) > 1
            else [],
            "name": currency_name(currency),
            "figures": overview.figures(currency, ending, moved, utc_now()),
            "ending": overview.ending_card(currency, ending),
            "movement": overview.movement_card(currency, moved),
            "rules": overview.rules(currency),
        }
    return render(request, "console/points/index.html", context)


@require_safe
@requires(P.POINTS_VIEW)
def requests(request: ConsoleRequest) -> HttpResponse:
    """Show adjustments that wait for a second person, or those decided."""
    is_waiting = request.GET.get("show") != "decided"
    page = Paginator(ledger.adjustment_requests(is_waiting=is_waiting), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "tabs": _tabs("requests"),
        "page": page,
        "rows": _request_rows(request, list(page)),
        "changes": _change_rows(request, is_waiting=is_waiting),
        "is_waiting": is_waiting,
        "may_approve": request.actor.may(P.POINTS_APPROVE),
    }
    return render(request, "console/points/requests.html", context)


@require_POST
@requires(P.POINTS_VIEW)
def decide(request: ConsoleRequest, request_id: UUID) -> HttpResponse:
    """Approve an adjustment that somebody else asked for, or turn it down."""
    if request.POST.get("act") == "approve":
        services.approve_adjustment(actor=request.actor, now=utc_now(), request_id=request_id)
        messages.success(request, _("Approved; the points moved."))
    else:
        services.reject_adjustment(actor=request.actor, now=utc_now(), request_id=request_id)
        messages.success(request, _("Turned down; nothing moved."))
    return redirect("points:requests")


@require_safe
@requires(P.POINTS_VIEW)
def holds(request: ConsoleRequest) -> HttpResponse:
    """Show everything that is set aside, what times out first on top."""
    page = Paginator(ledger.holds(), PAGE_SIZE).get_page(request.GET.get("page"))
    names = _names(request, {one.owner_id for one in page})
    rows = [(one, names.get(one.owner_id, "")) for one in page]
    return render(request, "console/points/holds.html", {"tabs": _tabs("holds"), "page": page, "rows": rows})


@require_safe
@requires(P.POINTS_VIEW)
def proof(request: ConsoleRequest) -> HttpResponse:
    """Show what the nightly proof claims, and how its last run went."""
    last = job_queries.latest(name=PROVE).first()
    context = {
        "tabs": _tabs("proof"),
        "claims": [(one.code, one.claim) for one in PROOFS],
        "last": last,
        "may_run": request.actor.may(P.JOBS_CONTROL),
        "may_see_jobs": request.actor.may(P.JOBS_VIEW),
    }
    return render(request, "console/points/proof.html", context)


@require_POST
@requires(P.POINTS_VIEW, P.JOBS_VIEW, P.JOBS_CONTROL)
def prove(request: ConsoleRequest) -> HttpResponse:
    """Prove the ledger now, in the background."""
    job = jobs.enqueue(PROVE, actor=request.actor, now=utc_now(), unique_key="prove")
    return redirect("jobs:detail", job.id)


def _tabs(active: str) -> list[Tab]:
    waiting = ledger.adjustment_requests().count() + len(_changes(is_waiting=True))
    entries = [
        ("index", _("Overview"), ""),
        ("requests", _("Waiting for approval"), formats.count(waiting) if waiting else ""),
        ("holds", _("Set aside"), ""),
        ("proof", pgettext("ledger", "Proof"), ""),
    ]
    return [Tab(label, reverse(f"points:{name}"), name == active, number) for name, label, number in entries]


def _request_rows(request: ConsoleRequest, found: Sequence[AdjustmentRequest]) -> list[dict[str, Any]]:
    names = _names(request, {one.owner_id for one in found})
    return [
        {
            "request": one,
            "name": names.get(one.owner_id, ""),
            "reason": reason_label(Moved("adjust", one.reason, {})),
            "asked_by": who(one.requested_by),
            "decided_by": who(one.decided_by) if one.decided_by else "",
            "is_own": access.is_same_person(one.requested_by, request.actor.code),
            "may_see_note": request.actor.may(P.CUSTOMERS_VIEW_PERSONAL) or request.actor.may(P.POINTS_APPROVE),
        }
        for one in found
    ]


def _changes(*, is_waiting: bool) -> list[ExpiryChange]:
    found = (one for currency in ledger.currencies() for one in ledger.expiry_changes(currency))
    return [one for one in found if (one.state == ApprovalState.WAITING) == is_waiting]


def _change_rows(request: ConsoleRequest, *, is_waiting: bool) -> list[dict[str, Any]]:
    names = {one.pk: one for one in ledger.currencies()}
    return [
        {
            "change": one,
            "name": currency_name(names[one.currency_id]),
            "rule": rule_sentence(one.expiry_kind, one.expiry_count),
            "preview": preview_reasons(one.preview, names[one.currency_id]),
            "asked_by": who(one.requested_by),
            "decided_by": who(one.decided_by) if one.decided_by else "",
            "is_own": access.is_same_person(one.requested_by, request.actor.code),
        }
        for one in _changes(is_waiting=is_waiting)
    ]


def _names(request: ConsoleRequest, owner_ids: set[UUID]) -> dict[UUID, str]:
    if not request.actor.may(P.CUSTOMERS_VIEW):
        return {}
    is_open = request.actor.may(P.CUSTOMERS_VIEW_PERSONAL)
    return {key: shown_name(one, is_open) for key, one in customers.records(owner_ids).items()}
