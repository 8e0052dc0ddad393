"""A household's pool: what is in it, who may spend how much of it."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from troth.access.permissions import Permission
from troth.console import formats
from troth.console.customers.people import Faces
from troth.console.guard import ConsoleRequest, requires
from troth.console.numbers import DecimalField
from troth.customers import queries as customers
from troth.kit.clock import utc_now
from troth.kit.ids import new_id
from troth.ledger import queries as ledger
from troth.ledger import services
from troth.ledger.models import PointCurrency, PoolMember, PoolPeriod, TransferRule
from troth.ledger.operations import Outcome, Owner, Reason, Spend

from .forms import SpendForm
from .purse import currency_name
from .said import Narrator

P = Permission
SHOWN = 30


class PoolForm(forms.Form):
    """Whether a member may spend from the pool, and how much in a calendar period."""

    may_spend = forms.BooleanField(label=gettext_lazy("May spend"), required=False)
    limit = DecimalField(label=gettext_lazy("At most"), min_value=0, required=False)
    period = forms.ChoiceField(label=gettext_lazy("In each"), choices=PoolPeriod.choices)


@require_safe
@requires(P.CUSTOMERS_VIEW, P.POINTS_VIEW)
def pool(request: ConsoleRequest, household_id: UUID) -> HttpResponse:
    """Show the household's pool in one currency."""
    known = [one for one in ledger.currencies() if one.transfer_rule != TransferRule.NONE]
    home = customers.household_or_none(household_id)
    if home is None:
        raise Http404(_("There is no such household."))
    wanted = request.GET.get("currency", "")
    currency = next((one for one in known if one.code == wanted), known[0] if known else None)
    belonging = [person for person, _place in customers.household_members([household_id])[household_id]]
    faces = Faces(request.actor, [one.id for one in belonging])
    head = faces.name(belonging[0]) if belonging else ""
    context: dict[str, Any] = {
        "home": home,
        "title": home.name if home.name and faces.is_open else _("Household of %(name)s") % {"name": head},
        "currency": currency,
        "currencies": [(one, currency_name(one)) for one in known],
        "may_configure": request.actor.may(P.POINTS_CONFIGURE),
        "may_spend": request.actor.may(P.POINTS_SPEND),
    }
    if currency is not None:
        rules = {one.member_id: one for one in ledger.pool_members(household_id) if one.currency_id == currency.pk}
        lines = ledger.statement(household_id, currency.code, limit=SHOWN)
        narrator = Narrator(lines)
        context |= {
            "name": currency_name(currency),
            "balance": ledger.balances([household_id], currency.code, now=utc_now())[household_id],
            "members": [(one, faces.name(one), _rule(rules.get(one.id), currency)) for one in belonging],
            "spenders": [(one, faces.name(one)) for one in belonging if _may_spend(rules.get(one.id))],
            "periods": PoolPeriod.choices,
            "rows": [(one, narrator.say(one)) for one in lines],
            "spend_form": SpendForm(currency=currency),
            "key": f"console:{new_id()}",
        }
    return render(request, "console/points/pool.html", context)


@require_POST
@requires(P.CUSTOMERS_VIEW, P.POINTS_VIEW, P.POINTS_CONFIGURE)
def set_member(request: ConsoleRequest, household_id: UUID, code: str, customer_id: UUID) -> HttpResponse:
    """Say how much of the pool a member may spend."""
    currency, form = ledger.currency(code), PoolForm(request.POST)
    belonging = customers.household_members([household_id])[household_id]
    if not any(person.id == customer_id for person, _place in belonging):
        raise Http404(_("This person does not belong to the household."))
    if not form.is_valid():
        messages.error(request, " ".join(str(one) for errors in form.errors.values() for one in errors))
        return redirect("points:pool", household_id)
    limit = form.cleaned_data["limit"]
    services.set_pool_member(
        actor=request.actor,
        now=utc_now(),
        household_id=household_id,
        member_id=customer_id,
        currency=code,
        may_spend=form.cleaned_data["may_spend"],
        limit=None if limit is None else int(limit.scaleb(currency.decimals)),
        period=form.cleaned_data["period"],
    )
    messages.success(request, _("The changes were saved."))
    return redirect("points:pool", household_id)


@require_POST
@requires(P.CUSTOMERS_VIEW, P.POINTS_VIEW, P.POINTS_SPEND)
def spend(request: ConsoleRequest, household_id: UUID, code: str) -> HttpResponse:
    """Take points from the pool for one of its members, within that member's limit."""
    currency, now = ledger.currency(code), utc_now()
    form = SpendForm(request.POST, currency=currency)
    belonging = [person.id for person, _place in customers.household_members([household_id])[household_id]]
    spender = next((one for one in belonging if str(one) == request.POST.get("member", "")), None)
    if not form.is_valid() or spender is None:
        messages.error(request, _("Say who spends how much."))
        return redirect("points:pool", household_id)
    operation = Spend(
        key=request.POST.get("key", "")[:100],
        owner=Owner("household", household_id),
        currency=code,
        occurred_at=now,
        reason=Reason(form.cleaned_data["reason"]),
        amount=form.units(),
        spender_id=spender,
    )
    (posted,) = services.post([operation], actor=request.actor, now=now)
    if posted.error is not None:
        raise posted.error
    if posted.outcome is Outcome.REPEATED:
        messages.info(request, _("That was done already."))
    else:
        messages.success(request, _("%(amount)s taken.") % {"amount": formats.units(posted.amount, currency)})
    return redirect("points:pool", household_id)


def _may_spend(rule: PoolMember | None) -> bool:
    return rule is not None and rule.may_spend


def _rule(rule: PoolMember | None, currency: PointCurrency) -> dict[str, Any]:
    if rule is None:
        return {"may_spend": False, "limit": "", "period": PoolPeriod.MONTH, "is_set": False}
    limit = "" if rule.limit is None else f"{rule.limit / 10**currency.decimals:.{currency.decimals}f}"
    return {"may_spend": rule.may_spend, "limit": limit, "period": rule.period, "is_set": True}
