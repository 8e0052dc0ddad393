"""Goods that come back: which lines, then what the return would undo, then the return itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from troth.access.permissions import Permission
from troth.activity import queries as activity
from troth.activity.models import Order, OrderLine
from troth.activity.orders import NewReturn, NewReturnLine
from troth.console import formats
from troth.console.components import Reason
from troth.console.customers import page
from troth.console.customers.forms import plain
from troth.console.guard import ConsoleRequest, requires
from troth.console.numbers import decimal
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.kit.ids import new_id
from troth.kit.money import minor_unit_places
from troth.ledger import queries as ledger
from troth.programs.outcomes import AwardKind
from troth.sales import services as sales
from troth.sales.answers import Sold
from troth.sales.postings import Posting

from .purse import currency_name
from .said import Narrator

P = Permission


@dataclass(frozen=True, slots=True)
class LineLeft:
    """A line of an order, with what of it has not come back yet. wanted: what the form asks for."""

    line: OrderLine
    left: Decimal
    left_amount: Decimal
    wanted: str
    amount: Decimal

    @property
    def left_text(self) -> str:
        """Return the quantity left without needless zeros."""
        return plain(self.left)


@require_http_methods(["GET", "POST"])
@requires(P.CUSTOMERS_VIEW, P.ORDERS_VIEW, P.ORDERS_RECORD)
def order_return(request: ConsoleRequest, customer_id: UUID, order_id: UUID) -> HttpResponse:
    """Choose what comes back, see what that undoes, record it."""
    shown = page.profile_of(request, customer_id)
    order = activity.orders(shown.records).filter(id=order_id).select_related("store").first()
    if order is None:
        raise Http404(_("This customer has no such order."))
    rows = lines_left(order, request.POST)
    context = page.context_of(request, shown, "orders") | {
        "order": order,
        "rows": rows,
        "reason": request.POST.get("reason", "")[:80],
        "key": request.POST.get("key") or f"console-{new_id()}",
        "is_gone": not any(row.left for row in rows),
    }
    if request.method == "GET":
        return render(request, "console/points/return.html", context)
    now = utc_now()
    wanted = _wanted(order, rows, context["reason"], str(context["key"])[:100], now)
    if wanted is None:
        return render(request, "console/points/return.html", context | {"error": _("Say how much of which line.")})
    if request.POST.get("act") == "record":
        (sold,) = sales.record_returns([wanted], actor=request.actor, now=now)
        if sold.error is not None:
            raise sold.error
        messages.success(request, _("The return was recorded, and what the order brought for it was undone."))
        return redirect("points:customer", customer_id)
    (sold,) = sales.evaluate_returns([wanted], actor=request.actor, now=now)
    return render(request, "console/points/return.html", context | _effect(sold, wanted))


def lines_left(order: Order, given: Mapping[str, Any]) -> list[LineLeft]:
    """Return the lines of an order with what is left of each after earlier returns."""
    back: dict[int, tuple[Decimal, Decimal]] = {}
    for _return_id, lines in activity.returned_lines([order.id]).get(order.id, []):
        for gone in lines:
            if gone.order_line_no is not None:
                quantity, amount = back.get(gone.order_line_no, (Decimal(0), Decimal(0)))
                back[gone.order_line_no] = (quantity + gone.quantity, amount + gone.net_amount)
    found = []
    for line in activity.lines_of([order.id]).get(order.id, []):
        quantity, amount = back.get(line.line_no, (Decimal(0), Decimal(0)))
        left, left_amount = max(line.quantity - quantity, Decimal(0)), max(line.net_amount - amount, Decimal(0))
        wanted = str(given.get(f"line-{line.line_no}", ""))
        found.append(LineLeft(line, left, left_amount, wanted, _paid_back(order, line, left, left_amount, wanted)))
    return found


def _paid_back(order: Order, line: OrderLine, left: Decimal, left_amount: Decimal, wanted: str) -> Decimal:
    """Return the money for the quantity: its share of what was paid, the last piece takes the rest."""
    quantity = _quantity(wanted)
    if not quantity or quantity > left:
        return Decimal(0)
    if quantity == left:
        return left_amount
    cent = Decimal(1).scaleb(-minor_unit_places(order.currency))
    return min((line.net_amount * quantity / line.quantity).quantize(cent, ROUND_HALF_UP), left_amount)


def _quantity(text: str) -> Decimal:
    return max(decimal(text) or Decimal(0), Decimal(0))


def _wanted(order: Order, rows: Sequence[LineLeft], reason: str, key: str, now: datetime) -> NewReturn | None:
    chosen = [row for row in rows if 0 < _quantity(row.wanted) <= row.left]
    if not chosen or any(_quantity(row.wanted) > row.left for row in rows):
        return None
    lines = tuple(
        NewReturnLine(
            line_no=number,
            quantity=_quantity(row.wanted),
            net_amount=row.amount,
            order_line_no=row.line.line_no,
            unit_cost=row.line.unit_cost,
            sku=row.line.sku,
            name=row.line.name,
            category=row.line.category,
            brand=row.line.brand,
        )
        for number, row in enumerate(chosen, start=1)
    )
    return NewReturn(
        source="console",
        external_id=key,
        customer_id=order.owner_id,
        occurred_at=now,
        currency=order.currency,
        lines=lines,
        order_id=order.id,
        store_id=order.store_id,
        reason=reason,
    )


def _effect(sold: Sold, wanted: NewReturn) -> dict[str, Any]:
    paid = sum((line.net_amount for line in wanted.lines), Decimal(0))
    context: dict[str, Any] = {"paid_back": formats.money(paid, wanted.currency), "is_shown": True}
    error: TrothError | None = sold.error
    if error is not None:
        return context | {"refusal": str(error)}
    names = Narrator([])
    currencies = {one.code: one for one in ledger.currencies()}
    effects: list[Reason] = []
    for brought in sold.brought:
        for one in brought.postings:
            rule = names.rule_name(brought.programme, one.rule) or _("Goods came back")
            effects.append(_posting(one, rule, currencies))
        standing = brought.standing
        if standing is not None and standing.tier != standing.tier_before:
            said = {"before": standing.tier_before, "after": standing.tier}
            effects.append(Reason(_("The tier changes from %(before)s to %(after)s.") % said, "", "warn"))
    effects += _given_back(sold, currencies)
    balances = [
        (currency_name(currencies[code]), formats.units(after.balance, currencies[code]), after.arrears)
        for code, after in sold.balances.items()
        if code in currencies
    ]
    return context | {"effects": effects, "balances": balances}


def _given_back(sold: Sold, currencies: Mapping[str, Any]) -> Iterator[Reason]:
    own = dict(sold.points_paid)
    for one in sold.pools:
        own[one.currency] -= one.points
        points = formats.signed_units(-one.points, currencies[one.currency])
        yield Reason(_("Points that paid for it go back to the household's pool"), points)
    for code, amount in own.items():
        if amount:
            yield Reason(_("Points that paid for it go back"), formats.signed_units(-amount, currencies[code]))


def _posting(one: Posting, rule: str, currencies: Mapping[str, Any]) -> Reason:
    if one.kind is AwardKind.COUPON:
        if one.refused:
            return Reason(_("%(rule)s: the coupon was used already and stays so.") % {"rule": rule}, "", "warn")
        text = _("%(rule)s: the coupon is withdrawn.") if one.amount < 0 else _("%(rule)s: a coupon is given.")
        return Reason(text % {"rule": rule}, "", "warn" if one.amount < 0 else "good")
    currency = currencies.get(one.code)
    amount = formats.signed_units(one.amount, currency) if currency is not None else str(one.amount)
    detail = _detail(one.detail or {}, currency)
    return Reason(f"{rule}{' – ' + detail if detail else ''}", amount, "bad" if one.amount < 0 else "good")


def _detail(detail: Mapping[str, int], currency: Any) -> str:
    """Return where taking back came to more than a smaller lot."""
    texts = {
        "from_other_lots": _("%(amount)s from other points, for these are spent"),
        "already_expired": _("%(amount)s had expired already"),
        "arrears_made": _("%(amount)s will be owed"),
        "written_off": _("%(amount)s are written off"),
    }
    said = [
        text % {"amount": formats.units(detail[name], currency)}
        for name, text in texts.items()
        if currency is not None and detail.get(name)
    ]
    return "; ".join(said)
