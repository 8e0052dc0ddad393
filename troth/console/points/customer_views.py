"""One customer's points: what there is, why each point moved, what ends when."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from troth.access.permissions import Permission
from troth.console.components import Tab
from troth.console.customers import page
from troth.console.customers.profile import Profile
from troth.console.guard import ConsoleRequest, requires
from troth.kit.clock import utc_now
from troth.kit.ids import new_id
from troth.ledger import queries as ledger
from troth.ledger.errors import TransactionUnknownError
from troth.ledger.models import TransferRule
from troth.ledger.queries import Line

from . import explaining, forms, past, tier
from .purse import Purse, currency_name, endings, expiry_sentence, figures, lot_state, purses
from .said import Narrator, Said, uuid_of

P = Permission
PAGE_SIZE = 40


@require_safe
@requires(P.CUSTOMERS_VIEW, P.POINTS_VIEW)
def points(request: ConsoleRequest, customer_id: UUID) -> HttpResponse:
    """Show what the customer has in one currency, and the newest movements with their reasons."""
    shown = page.profile_of(request, customer_id)
    if shown.customer.id != customer_id:
        return redirect("points:customer", shown.customer.id)
    now = utc_now()
    mine = purses(customer_id, now)
    purse = _chosen(request, mine)
    context = page.context_of(request, shown, "points") | {
        "purse": purse,
        "purses": mine,
        "currency_tabs": _currency_tabs(mine, purse),
        "tiers": tier.tiers_of(customer_id, shown.records, now) if request.actor.may(P.PROGRAMS_VIEW) else [],
    }
    if purse is None:
        return render(request, "console/points/customer.html", context)
    context |= _statement(request, customer_id, purse)
    if request.htmx and request.GET.get("before"):
        return render(request, "console/points/statement_rows.html", context)
    context |= {
        "figures": figures(purse),
        "endings": endings(purse, now),
        "later": max(0, len(purse.endings) - 6),
        "expiry": expiry_sentence(purse.currency),
        **_waiting(shown, purse),
        **_acts(request, shown, purse),
    }
    return render(request, "console/points/customer.html", context)


@require_safe
@requires(P.CUSTOMERS_VIEW, P.POINTS_VIEW)
def line(request: ConsoleRequest, customer_id: UUID, transaction_id: UUID) -> HttpResponse:
    """Explain one movement: why, where its points came from, what became of them."""
    shown = page.profile_of(request, customer_id)
    try:
        explained = explaining.explained(customer_id, transaction_id, may_see_orders=request.actor.may(P.ORDERS_VIEW))
    except TransactionUnknownError as missing:
        raise Http404(str(missing)) from missing
    return render(request, "console/points/line.html", page.context_of(request, shown, "points") | {"line": explained})


@require_safe
@requires(P.CUSTOMERS_VIEW, P.POINTS_VIEW)
def lots(request: ConsoleRequest, customer_id: UUID) -> HttpResponse:
    """Show the customer's lots: what is left of each, and when it ends."""
    shown = page.profile_of(request, customer_id)
    now = utc_now()
    mine = purses(customer_id, now)
    purse = _chosen(request, mine)
    if purse is None:
        return redirect("points:customer", shown.customer.id)
    choice = request.GET.get("all", "")
    then = past.read(request.GET, purse.currency, now) if choice == "then" else None
    if then is not None:
        found = past.lots(customer_id, purse.currency, then, now)
    else:
        found = ledger.lots(customer_id, purse.currency.code, now=now, is_open=choice != "1")
    narrator = explaining.narrator_of_lots(found)
    base = f"?currency={purse.currency.code}"
    context = page.context_of(request, shown, "points") | {
        "purse": purse,
        "rows": [(one, explaining.of_lot(narrator, one), lot_state(one)) for one in found],
        "lot_tabs": [
            Tab(pgettext("points", "Open"), base, choice not in ("1", "then")),
            Tab(_("All"), f"{base}&all=1", choice == "1"),
            Tab(_("At a moment"), f"{base}&all=then", choice == "then"),
        ],
        "then": then,
        "then_figures": past.figures(customer_id, purse, then) if then is not None else [],
    }
    return render(request, "console/points/lots.html", context)


def _chosen(request: ConsoleRequest, mine: list[Purse]) -> Purse | None:
    """Return the purse that the address names, else the one with most in it."""
    wanted = request.GET.get("currency", "")
    found = next((one for one in mine if one.currency.code == wanted), None)
    return found or max(mine, key=lambda one: (not one.is_empty, one.balance.balance), default=None)


def _currency_tabs(mine: list[Purse], chosen: Purse | None) -> list[Tab]:
    if len(mine) < 2:
        return []
    return [Tab(one.name, f"?currency={one.currency.code}", one is chosen) for one in mine]


def _statement(request: ConsoleRequest, customer_id: UUID, purse: Purse) -> dict[str, Any]:
    found = ledger.statement(
        customer_id, purse.currency.code, limit=PAGE_SIZE + 1, before=_cursor(request.GET.get("before", ""))
    )
    older = ""
    if len(found) > PAGE_SIZE:
        last = found[PAGE_SIZE - 1]
        cursor = f"{last.occurred_at.isoformat()}_{last.transaction_id}"
        older = "?" + urlencode({"currency": purse.currency.code, "before": cursor})
    narrator = Narrator(found[:PAGE_SIZE])
    rows: list[tuple[Line, Said]] = [(one, narrator.say(one)) for one in found[:PAGE_SIZE]]
    return {"rows": rows, "older": older}


def _cursor(text: str) -> Any:
    moment, _mark, code = text.partition("_")
    try:
        at = parse_datetime(moment)
    except ValueError:
        return None
    found = uuid_of(code)
    return (at, found) if at is not None and at.tzinfo is not None and found is not None else None


def _waiting(shown: Profile, purse: Purse) -> dict[str, Any]:
    """Return what is set aside, and what waits for a second person."""
    held = [one for one in ledger.holds(shown.records) if one.currency_id == purse.currency.id]
    asked = [one for one in ledger.adjustment_requests(shown.records) if one.currency_id == purse.currency.id]
    return {"holds": held, "requests": asked}


def _acts(request: ConsoleRequest, shown: Profile, purse: Purse) -> dict[str, Any]:
    """Return the forms of what this person may do here."""
    may, is_there = request.actor.may, shown.customer.erased_at is None
    may_spend = may(P.POINTS_SPEND) and is_there
    may_adjust = may(P.POINTS_ADJUST) and is_there
    return {
        "may_spend": may_spend,
        "may_adjust": may_adjust,
        "may_give": may_spend and purse.currency.transfer_rule != TransferRule.NONE,
        "may_grant": may(P.PROGRAMS_GRANT) and is_there,
        "adjust_form": forms.AdjustForm(currency=purse.currency) if may_adjust else None,
        "spend_form": forms.SpendForm(currency=purse.currency) if may_spend else None,
        "hold_form": forms.HoldForm(currency=purse.currency) if may_spend else None,
        "key": f"console:{new_id()}",
        "currency_name": currency_name(purse.currency),
        "rewards_url": reverse("rewards:customer", args=[shown.customer.id]) if may(P.REWARDS_VIEW) else "",
    }
