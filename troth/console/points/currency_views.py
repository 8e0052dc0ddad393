"""Point currencies: made and changed, and a new end for points that members already hold."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from troth.access.permissions import Permission
from troth.console import formats
from troth.console.components import Reason
from troth.console.guard import ConsoleRequest, requires
from troth.console.refusals import at_its_field
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.ledger import queries as ledger
from troth.ledger import services
from troth.ledger.models import PointCurrency
from troth.staff import queries as staff

from .currency_forms import CurrencyForm, ExpiryForm, NewCurrencyForm
from .purse import currency_name, expiry_sentence, rule_sentence

P = Permission


@require_http_methods(["GET", "POST"])
@requires(P.POINTS_VIEW, P.POINTS_CONFIGURE)
def new(request: ConsoleRequest) -> HttpResponse:
    """Make a point currency."""
    form = NewCurrencyForm(request.POST or None, currency=PointCurrency())
    error: TrothError | None = None
    if request.method == "POST" and form.is_valid():
        code, rules = form.rules(staff.company().time_zone)
        try:
            made = services.create_currency(actor=request.actor, now=utc_now(), code=code, rules=rules)
        except TrothError as refusal:
            error = at_its_field(form, refusal, {})
        else:
            messages.success(request, _("%(name)s can be given by programmes now.") % {"name": currency_name(made)})
            return _overview(made.code)
    return _editor(request, form, error, None)


@require_http_methods(["GET", "POST"])
@requires(P.POINTS_VIEW, P.POINTS_CONFIGURE)
def edit(request: ConsoleRequest, code: str) -> HttpResponse:
    """Change a currency's rules, for what is posted from now on."""
    currency = ledger.currency(code)
    form = CurrencyForm(request.POST or None, currency=currency)
    error: TrothError | None = None
    if request.method == "POST" and form.is_valid():
        before = (currency.expiry_kind, currency.expiry_count)
        try:
            changed = services.change_currency(actor=request.actor, now=utc_now(), code=code, **form.changes())
        except TrothError as refusal:
            error = at_its_field(form, refusal, {})
        else:
            messages.success(request, _("Saved. Points that members already hold keep what they were promised."))
            if (changed.expiry_kind, changed.expiry_count) != before:
                return redirect("points:expiry", code)
            return _overview(code)
    return _editor(request, form, error, currency)


@require_http_methods(["GET", "POST"])
@requires(P.POINTS_VIEW, P.POINTS_CONFIGURE)
def expiry(request: ConsoleRequest, code: str) -> HttpResponse:
    """Show what another end would do to points that members hold, and ask a second person for it."""
    currency, now = ledger.currency(code), utc_now()
    initial = {"expiry_kind": currency.expiry_kind, "expiry_count": currency.expiry_count}
    form = ExpiryForm(request.POST or None, initial=initial)
    context: dict[str, Any] = {
        "form": form,
        "currency": currency,
        "name": currency_name(currency),
        "rule_now": expiry_sentence(currency),
    }
    if request.method == "POST" and form.is_valid():
        kind, count = form.rule()
        try:
            if request.POST.get("act") == "ask":
                services.request_expiry_change(
                    actor=request.actor, now=now, currency=code, expiry_kind=kind, expiry_count=count
                )
                messages.success(request, _("Asked for. Nothing changes before a second person approves it."))
                return redirect("points:requests")
            preview = ledger.preview_expiry_change(currency=code, expiry_kind=kind, expiry_count=count, now=now)
        except TrothError as refusal:
            context["error"] = at_its_field(form, refusal, {})
        else:
            context |= {"preview": preview_reasons(preview, currency), "rule_new": rule_sentence(kind, count)}
    status = 422 if form.errors or context.get("error") else 200
    return render(request, "console/points/expiry.html", context, status=status)


@require_POST
@requires(P.POINTS_VIEW)
def decide(request: ConsoleRequest, change_id: UUID) -> HttpResponse:
    """Approve a new end that somebody else asked for, or turn it down; one's own request may be taken back."""
    is_approved = request.POST.get("act") == "approve"
    services.decide_expiry_change(actor=request.actor, now=utc_now(), change_id=change_id, is_approved=is_approved)
    text = _("Approved; it is applied in the background.") if is_approved else _("Turned down; nothing changes.")
    messages.success(request, text)
    return redirect("points:requests")


def preview_reasons(preview: dict[str, int], currency: PointCurrency) -> list[Reason]:
    """Return what a new end does to points that members hold, the worst first."""
    said: tuple[tuple[str, str, Any], ...] = (
        ("at_once", _("end at once, with the next nightly run"), "bad"),
        ("sooner", _("end sooner"), "warn"),
        ("later", _("end later, or never"), "good"),
        ("same", _("end as before"), "neutral"),
    )
    return [
        Reason(text, formats.units(preview[f"{name}_points"], currency), tone)
        for name, text, tone in said
        if preview.get(f"{name}_lots")
    ]


def _editor(
    request: ConsoleRequest, form: CurrencyForm, error: TrothError | None, currency: PointCurrency | None
) -> HttpResponse:
    context = {
        "form": form,
        "parts": form.parts(),
        "error": error,
        "currency": currency,
        "name": currency_name(currency) if currency else "",
    }
    return render(request, "console/points/currency.html", context, status=422 if error or form.errors else 200)


def _overview(code: str) -> HttpResponse:
    return redirect(reverse("points:index", query={"currency": code}))
