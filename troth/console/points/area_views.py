"""The ledger as a whole: what ends when, what waits for a second person, what is held, its proof."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from troth.access.permissions import Permission
from troth.console import charts, formats
from troth.console.components import ChartCard, Column, Figure, Tab, Table
from troth.console.customers.people import shown_name
from troth.console.guard import ConsoleRequest, requires
from troth.customers import queries as customers
from troth.jobs import queries as job_queries
from troth.jobs import services as jobs
from troth.kit.clock import day_start, utc_now
from troth.kit.money import from_stored
from troth.ledger import queries as ledger
from troth.ledger import services
from troth.ledger.models import AdjustmentRequest, PointCurrency
from troth.ledger.proofs import PROOFS
from troth.ledger.queries import EndingMonth
from troth.ledger.sweeping import PROVE
from troth.ledger.terms import Purpose

from .people import who
from .purse import currency_name, expiry_sentence
from .said import Moved, reason_label

P = Permission
PAGE_SIZE = 40
MONTHS = 13


@require_safe
@requires(P.POINTS_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show one currency: what members hold, when it ends, what moved by month."""
    known = list(ledger.currencies())
    wanted = request.GET.get("currency", "")
    default = next((one for one in known if one.unit_kind == "points"), known[0] if known else None)
    currency = next((one for one in known if one.code == wanted), default)
    context: dict[str, Any] = {"tabs": _tabs("index"), "currency": currency}
    if currency is not None:
        ending = ledger.ending(currency)
        moved = ledger.moved_by_month(currency, day_start(_first_month(), currency.time_zone))
        context |= {
            "currency_tabs": [Tab(currency_name(one), f"?currency={one.code}", one is currency) for one in known]
            if len(known) > 1
            else [],
            "name": currency_name(currency),
            "figures": _figures(currency, ending, moved),
            "ending": _ending_card(currency, ending),
            "movement": _movement_card(currency, moved),
            "rules": _rules(currency),
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
    waiting = ledger.adjustment_requests().count()
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
            "is_own": one.requested_by == request.actor.code,
            "may_see_note": request.actor.may(P.CUSTOMERS_VIEW_PERSONAL) or request.actor.may(P.POINTS_APPROVE),
        }
        for one in found
    ]


def _names(request: ConsoleRequest, owner_ids: set[UUID]) -> dict[UUID, str]:
    if not request.actor.may(P.CUSTOMERS_VIEW):
        return {}
    is_open = request.actor.may(P.CUSTOMERS_VIEW_PERSONAL)
    return {key: shown_name(one, is_open) for key, one in customers.records(owner_ids).items()}


def _first_month() -> date:
    today = timezone.localdate()
    months = today.year * 12 + today.month - MONTHS
    return date(months // 12, months % 12 + 1, 1)


def _figures(currency: PointCurrency, ending: Sequence[EndingMonth], moved: dict[date, dict[str, int]]) -> list[Figure]:
    open_points = sum(one.points for one in ending)
    costs: dict[str, int] = {}
    for one in ending:
        if one.cost_currency:
            costs[one.cost_currency] = costs.get(one.cost_currency, 0) + one.cost
    liability = ", ".join(formats.money(from_stored(cost), code) for code, cost in costs.items())
    issued = -sum(month.get(Purpose.ISSUED, 0) for month in moved.values())
    redeemed = sum(month.get(Purpose.REDEEMED, 0) for month in moved.values())
    expired = sum(month.get(Purpose.EXPIRED, 0) for month in moved.values())
    costed = sum(one.costed for one in ending)
    note = _("at what a point costs, of %(amount)s") % {"amount": formats.units(costed, currency)} if costed else ""
    period = _("in %(months)s months") % {"months": MONTHS}
    return [
        Figure(
            _("Held by members"),
            formats.units(open_points, currency),
            icon="coins",
            note=_("what ended goes with the nightly run"),
        ),
        Figure(_("Liability"), liability or "–", note=note or _("no programme states what a point costs")),
        Figure(_("Redeemed of what was issued"), formats.percent(redeemed / issued if issued else 0), note=period),
        Figure(
            _("Breakage"),
            formats.percent(expired / issued if issued else 0),
            note=period,
            help=_("Points that expired, as a share of those issued in the same months."),
        ),
    ]


def _ending_card(currency: PointCurrency, ending: Sequence[EndingMonth]) -> ChartCard:
    by_month: dict[date | None, int] = {}
    for one in ending:
        by_month[one.month] = by_month.get(one.month, 0) + one.points
    labels = [formats.month(month) if month else pgettext("points", "never") for month in by_month]
    scale = 10**currency.decimals
    return ChartCard(
        id="ending",
        title=_("What ends when"),
        subtitle=_("Points that members hold, by the month in which they end."),
        height="sm",
        option=charts.bars(labels, {currency_name(currency): [value / scale for value in by_month.values()]})
        if by_month
        else None,
        table=Table(
            [_("Month"), Column(currency_name(currency), is_number=True)],
            [[label, formats.units(value, currency)] for label, value in zip(labels, by_month.values(), strict=True)],
        ),
        empty=_("Nobody holds any of it."),
    )


def _movement_card(currency: PointCurrency, moved: dict[date, dict[str, int]]) -> ChartCard:
    heads = {
        _("Issued"): (Purpose.ISSUED, -1),
        _("Redeemed"): (Purpose.REDEEMED, 1),
        _("Expired"): (Purpose.EXPIRED, 1),
    }
    scale = 10**currency.decimals
    values = {
        label: [sign * month.get(purpose, 0) for month in moved.values()] for label, (purpose, sign) in heads.items()
    }
    labels = [formats.month(month) for month in moved]
    series = {label: [one / scale for one in numbers] for label, numbers in values.items()}
    return ChartCard(
        id="movement",
        title=_("Issued, redeemed, expired"),
        subtitle=_("By month; what a return took back counts against what was issued."),
        height="sm",
        option=charts.bars(labels, series) if moved else None,
        table=Table(
            [_("Month"), *(Column(label, is_number=True) for label in heads)],
            [
                [label, *(formats.units(numbers[place], currency) for numbers in values.values())]
                for place, label in enumerate(labels)
            ],
        ),
        empty=_("Nothing has moved yet."),
    )


def _rules(currency: PointCurrency) -> list[tuple[str, str]]:
    limit = currency.adjust_approval_limit
    return [
        (_("Kind"), currency.get_unit_kind_display()),
        (_("Points earned now end"), expiry_sentence(currency)),
        (_("If more is taken back than is there"), currency.get_shortfall_display()),
        (_("Adjusted by one person"), _("up to %(limit)s") % {"limit": formats.units(limit, currency)})
        if limit is not None
        else (_("Adjusted by one person"), _("without limit")),
        (_("Transfers"), currency.get_transfer_rule_display()),
    ]
