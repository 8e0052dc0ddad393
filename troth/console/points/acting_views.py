"""What people do with a customer's points by hand: adjust, spend, hold, release, grant a tier."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from troth.access.permissions import Permission
from troth.console import formats
from troth.console.customers import page
from troth.console.guard import ConsoleRequest, requires
from troth.kit.clock import utc_now
from troth.ledger import queries as ledger_queries
from troth.ledger import services as ledger
from troth.ledger.operations import (
    Adjust,
    Capture,
    HoldPoints,
    Operation,
    Outcome,
    Owner,
    Posted,
    Reason,
    Release,
    Spend,
)
from troth.programs import services as programs

from . import forms, tier

P = Permission
MAX_KEY = 100


@require_POST
@requires(P.CUSTOMERS_VIEW, P.POINTS_VIEW, P.POINTS_ADJUST)
def adjust(request: ConsoleRequest, customer_id: UUID, code: str) -> HttpResponse:
    """Correct the balance at once, or ask a second person where the currency wants one."""
    currency = ledger_queries.currency(code)
    form = forms.AdjustForm(request.POST, currency=currency)
    if not form.is_valid():
        return _refused(request, form, customer_id, code)
    now = utc_now()
    operation = Adjust(amount=form.units(), **_head(request, customer_id, code, form.cleaned_data["reason"], now))
    posted, waiting = ledger.request_adjustment(
        actor=request.actor, now=now, operation=operation, note=form.cleaned_data["note"]
    )
    if posted is not None:
        _tell(request, posted, _("%(amount)s adjusted.") % {"amount": formats.signed_units(posted.amount, currency)})
    elif waiting is not None:
        limit = formats.units(currency.adjust_approval_limit or 0, currency)
        text = _("Above %(limit)s a second person decides. The request waits under Points, Waiting for approval.")
        messages.info(request, text % {"limit": limit})
    return _back(customer_id, code)


@require_POST
@requires(P.CUSTOMERS_VIEW, P.POINTS_VIEW, P.POINTS_SPEND)
def spend(request: ConsoleRequest, customer_id: UUID, code: str) -> HttpResponse:
    """Take points without a reward of the catalogue."""
    currency = ledger_queries.currency(code)
    form = forms.SpendForm(request.POST, currency=currency)
    if not form.is_valid():
        return _refused(request, form, customer_id, code)
    now = utc_now()
    operation = Spend(amount=form.units(), **_head(request, customer_id, code, form.cleaned_data["reason"], now))
    posted = _post(request, operation, now)
    _tell(request, posted, _("%(amount)s taken.") % {"amount": formats.units(posted.amount, currency)})
    return _back(customer_id, code)


@require_POST
@requires(P.CUSTOMERS_VIEW, P.POINTS_VIEW, P.POINTS_SPEND)
def hold(request: ConsoleRequest, customer_id: UUID, code: str) -> HttpResponse:
    """Set points aside for some days."""
    currency = ledger_queries.currency(code)
    form = forms.HoldForm(request.POST, currency=currency)
    if not form.is_valid():
        return _refused(request, form, customer_id, code)
    now = utc_now()
    operation = HoldPoints(
        amount=form.units(),
        expires_at=now + timedelta(days=form.cleaned_data["days"]),
        **_head(request, customer_id, code, form.cleaned_data["reason"], now),
    )
    posted = _post(request, operation, now)
    _tell(request, posted, _("%(amount)s set aside.") % {"amount": formats.units(posted.amount, currency)})
    return _back(customer_id, code)


@require_POST
@requires(P.CUSTOMERS_VIEW, P.POINTS_VIEW, P.POINTS_SPEND)
def close_hold(request: ConsoleRequest, customer_id: UUID, code: str, hold_id: UUID) -> HttpResponse:
    """Spend what is set aside, or let it go."""
    now = utc_now()
    is_spent = request.POST.get("act") == "spend"
    found = ledger_queries.holds().filter(id=hold_id, currency__code=code).first()
    owner_id = found.owner_id if found is not None else customer_id
    head = _head(request, owner_id, code, "desk", now) | {"key": f"console:close:{hold_id}:{request.POST.get('act')}"}
    operation = Capture(of=hold_id, **head) if is_spent else Release(of=hold_id, **head)
    posted = _post(request, operation, now)
    text = _("%(amount)s spent.") if is_spent else _("%(amount)s can be spent again.")
    _tell(request, posted, text % {"amount": formats.units(posted.amount, ledger_queries.currency(code))})
    return _back(customer_id, code)


@require_POST
@requires(P.CUSTOMERS_VIEW, P.POINTS_VIEW, P.PROGRAMS_VIEW, P.PROGRAMS_GRANT)
def grant(request: ConsoleRequest, customer_id: UUID, programme_id: UUID) -> HttpResponse:
    """Give the customer a tier until a day, or take a given one back."""
    shown, now = page.profile_of(request, customer_id), utc_now()
    if request.POST.get("act") == "revoke":
        programs.revoke_grant(customer_id=customer_id, programme_id=programme_id, actor=request.actor, now=now)
        messages.success(request, _("The granted tier ended; what was earned stays."))
        return redirect("points:customer", customer_id)
    mine = tier.tiers_of(customer_id, shown.records, now)
    choices = next((one.choices for one in mine if one.programme_id == programme_id), [])
    form = forms.GrantForm(request.POST, choices=choices)
    if not form.is_valid():
        return _refused(request, form, customer_id, "")
    given = form.cleaned_data
    programs.grant_tier(
        customer_id=customer_id,
        programme_id=programme_id,
        tier=given["tier"],
        until=timezone.make_aware(datetime.combine(given["until"] + timedelta(days=1), time.min)),
        is_match=given["is_match"],
        note=given["note"],
        reason="console",
        actor=request.actor,
        now=now,
    )
    said = {"tier": dict(choices)[given["tier"]], "day": formats.day(given["until"])}
    messages.success(request, _("%(tier)s is granted until %(day)s.") % said)
    return redirect("points:customer", customer_id)


def _head(request: ConsoleRequest, customer_id: UUID, code: str, reason: str, now: datetime) -> dict[str, Any]:
    """Return what every operation says. The key came with the form: pressing twice acts once."""
    return {
        "key": request.POST.get("key", "")[:MAX_KEY],
        "owner": Owner("customer", customer_id),
        "currency": code,
        "occurred_at": now,
        "reason": Reason(reason),
    }


def _post(request: ConsoleRequest, operation: Operation, now: datetime) -> Posted:
    (posted,) = ledger.post([operation], actor=request.actor, now=now)
    if posted.error is not None:
        raise posted.error
    return posted


def _tell(request: ConsoleRequest, posted: Posted, text: str) -> None:
    if posted.error is not None:
        raise posted.error
    if posted.outcome is Outcome.REPEATED:
        messages.info(request, _("That was done already."))
    else:
        messages.success(request, text)


def _refused(request: ConsoleRequest, form: Form, customer_id: UUID, code: str) -> HttpResponse:
    for name, errors in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        messages.error(request, f"{label}: {errors[0]}" if label else str(errors[0]))
    return _back(customer_id, code)


def _back(customer_id: UUID, code: str) -> HttpResponse:
    query: Mapping[str, str] = {"currency": code} if code else {}
    return redirect(reverse("points:customer", args=[customer_id], query=query))
