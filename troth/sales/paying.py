"""Points that an order is paid with: spent when it is recorded, given back for what comes back of it.

An order names them in the tag `points_paid`, as `currency:points`, or `currency:points:key` where a hold set them aside
under that key; several stand separated by spaces. The tag `points_amount` says how much money they paid; that part
earns nothing. What moved is read from the ledger by keys that begin with the order, so that new, changed and returned
orders follow one rule: what should be paid, less what is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from troth.activity.orders import NewOrder, NewReturnLine
from troth.kit.errors import TrothError
from troth.ledger import queries as ledger
from troth.ledger.operations import Capture, Operation, Owner, Posted, Reason, Reverse, Spend

from .answers import BalanceAfter
from .attempts import RefusedAtLastError
from .baskets import came_back, is_gone
from .errors import PaymentRefusedError
from .models import Cause
from .moving import Moves

TAG = "points_paid"
MONEY_TAG = "points_amount"


@dataclass(frozen=True, slots=True)
class Payment:
    """Points of one currency that pay for an order. hold: the key under which they were set aside, "" for none."""

    currency: str
    points: int
    hold: str = ""


@dataclass(frozen=True, slots=True)
class Paid:
    """An order that may be paid with points. place: in the batch; returned: all that came back of it so far.

    source_id: the return, else the order; happened_at: when points are taken or given back.
    """

    place: int
    order_id: UUID
    order: NewOrder
    cause: Cause
    source_id: UUID
    happened_at: datetime
    returned: Sequence[NewReturnLine] = ()


@dataclass(slots=True)
class _Standing:
    """One movement that paid for an order, with what of it still stands."""

    key: str
    currency: str
    left: int


def settle(items: Iterable[Paid], moves: Moves) -> None:
    """Note what is to be spent or given back, so that what is paid is what should be paid for what is left.

    Raises:
        RefusedAtLastError: a tag cannot be read.
    """
    ledgers: dict[UUID, _Ledger] = {}
    errors: dict[int, TrothError] = {}
    for item in _concerned(list(items)):
        try:
            wanted = payments_of(item.order)
        except PaymentRefusedError as error:
            errors[item.place] = error
            continue
        if item.order_id not in ledgers:
            ledgers[item.order_id] = _Ledger(item)
        for operation in ledgers[item.order_id].operations(item, wanted):
            moves.pay(item.place, operation)
    if errors:
        raise RefusedAtLastError(errors)


def answer(done: Iterable[tuple[Operation, Posted]]) -> tuple[dict[str, int], dict[str, BalanceAfter]]:
    """Return what an order was paid with just now, negative where it went back, and the balances after it."""
    paid: dict[str, int] = {}
    balances: dict[str, BalanceAfter] = {}
    for operation, posted in done:
        amount = -posted.amount if isinstance(operation, Reverse) else posted.amount
        paid[operation.currency] = paid.get(operation.currency, 0) + amount
        balances[operation.currency] = BalanceAfter(posted.balance, posted.available, posted.arrears)
    return paid, balances


def _concerned(items: Sequence[Paid]) -> list[Paid]:
    """Return the orders that name points, or were paid with some: one question for the batch, none for new orders."""
    earning = [item for item in items if not item.order.is_history]
    asked = [item for item in earning if item.cause is not Cause.ORDER and not item.order.tags.get(TAG)]
    known: set[str] = set()
    if asked:
        known = ledger.keys_known({item.order.customer_id for item in asked}, {_key(item, 1) for item in asked})
    return [item for item in earning if item.order.tags.get(TAG) or _key(item, 1) in known]


def _key(item: Paid, number: int) -> str:
    """Return the key of an order's first, second … movement; the first is there if there is any."""
    return f"order:{item.order_id}:paid:{number}"


def payments_of(order: NewOrder) -> list[Payment]:
    """Return what an order is paid with.

    Raises:
        PaymentRefusedError: the tag cannot be read, or nothing says how much money the points paid.
    """
    texts = str(order.tags.get(TAG) or "").split()
    found = [_payment(order, text) for text in texts]
    if len({one.currency for one in found}) < len(found):
        raise _refuse(order, " ".join(texts), _("each currency may stand once"))
    if found and not order.tags.get(MONEY_TAG):
        raise _refuse(order, " ".join(texts), _("say in the tag points_amount how much money they paid"))
    return found


def _payment(order: NewOrder, text: str) -> Payment:
    currency, _mark, rest = text.partition(":")
    points, _mark, hold = rest.partition(":")
    if not currency or not points.isdecimal() or not 0 < len(points) <= 15 or not int(points):
        raise _refuse(order, text, _("write currency:points, or currency:points:key of a hold"))
    return Payment(currency, int(points), hold)


def _refuse(order: NewOrder, value: str, way_out: str) -> PaymentRefusedError:
    names = {"number": order.external_id, "source": order.source, "value": value, "way_out": way_out}
    text = _("order %(number)s of %(source)s: points_paid %(value)s: %(way_out)s") % names
    return PaymentRefusedError(text, field=TAG, value=value)


def share_back(order: NewOrder, returned: Iterable[NewReturnLine]) -> Fraction:
    """Return how much of the order's worth came back: of each line its goods, or what was paid back if that is more."""
    back = came_back(order, returned)
    if not back:
        return Fraction(0)
    total = sum((Fraction(line.net_amount) for line in order.lines), Fraction(0))
    if is_gone(order, back) or not total:
        return Fraction(int(is_gone(order, back)))
    gone = Fraction(0)
    for line in order.lines:
        quantity, amount = back.get(line.line_no, (Decimal(0), Decimal(0)))
        worth = Fraction(line.net_amount)
        gone += min(worth, max(worth * Fraction(quantity) / Fraction(line.quantity or 1), Fraction(amount)))
    return gone / total


class _Ledger:
    """What paid for one order, as it stands in the ledger and after what this batch notes."""

    def __init__(self, item: Paid) -> None:
        self._number = 0
        spent: list[ledger.Spent] = []
        if item.cause is not Cause.ORDER:
            spent, self._number = ledger.spent_under([item.order.customer_id], f"order:{item.order_id}:paid:")
        self._stands = [_Standing(one.key, one.currency, one.left) for one in spent]

    def operations(self, item: Paid, payments: Sequence[Payment]) -> list[Operation]:
        """Return what takes the order from what is paid to what should be, points that go back first."""
        share = share_back(item.order, item.returned)
        wanted = {one.currency: one.points - int(one.points * share) for one in payments}
        holds = {one.currency: one.hold for one in payments}
        given: list[Operation] = []
        taken: list[Operation] = []
        for currency in sorted({*wanted, *(one.currency for one in self._stands)}):
            missing = wanted.get(currency, 0) - sum(one.left for one in self._stands if one.currency == currency)
            if missing < 0:
                given += self._give_back(item, currency, -missing)
            elif missing and item.cause is not Cause.RETURN:  # what was given back by hand is not taken again
                taken.append(self._take(item, currency, missing, holds.get(currency, "")))
        return [*given, *taken]

    def _take(self, item: Paid, currency: str, amount: int, hold: str) -> Operation:
        head = self._head(item, item.order.occurred_at)
        is_first = not any(one.currency == currency for one in self._stands)
        self._stands.append(_Standing(head["key"], currency, amount))
        if hold and is_first:
            return Capture(**head, currency=currency, of=hold, amount=amount)
        return Spend(**head, currency=currency, amount=amount)

    def _give_back(self, item: Paid, currency: str, amount: int) -> Iterable[Operation]:
        for one in reversed(self._stands):
            part = min(one.left, amount) if one.currency == currency else 0
            if part > 0:
                one.left -= part
                amount -= part
                yield Reverse(**self._head(item, item.happened_at), currency=currency, of=one.key, amount=part)

    def _head(self, item: Paid, happened_at: datetime) -> dict[str, Any]:
        self._number += 1
        subject = {"order": str(item.order_id)}
        if item.cause is Cause.RETURN:
            subject["return"] = str(item.source_id)
        return {
            "key": _key(item, self._number),
            "owner": Owner("customer", item.order.customer_id),
            "occurred_at": happened_at,
            "reason": Reason(f"payment.{item.cause}", subject),
        }
