"""Points that an order is paid with: spent when it is recorded, given back for what comes back of it.

An order names them in the tag `points_paid`, as `currency:points`, or `currency:points:key` where a hold set them aside
under that key; several stand separated by spaces, and what is too long for one tag goes on in `points_paid_2` to
`points_paid_5`. `currency@household:points` takes them from the pool of a household, of which the customer is to be a
member who may spend. The tag `points_amount` says how much money they paid; that part earns nothing. What moved is
read from the ledger by keys that begin with the order, so that new, changed and returned orders follow one rule: what
should be paid, less what is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from troth.activity.models import Order
from troth.activity.orders import NewOrder, NewReturnLine
from troth.kit.errors import TrothError
from troth.ledger import queries as ledger
from troth.ledger.operations import Capture, Operation, Owner, Posted, Reason, Reverse, Spend

from .answers import BalanceAfter, PaidFromPool
from .attempts import RefusedAtLastError
from .baskets import came_back, is_gone
from .errors import PaymentRefusedError
from .models import Cause
from .moving import Moves

TAG = "points_paid"
TAGS = (TAG, *(f"{TAG}_{number}" for number in range(2, 6)))
MONEY_TAG = "points_amount"
MAX_TAG = 200
HOUSEHOLD = "household"


@dataclass(frozen=True, slots=True)
class Payment:
    """Points of one currency that pay for an order.

    hold: the key under which they were set aside, "" for none; household_id: whose pool they come from, None: they are
    the customer's own.
    """

    currency: str
    points: int
    hold: str = ""
    household_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Paid:
    """An order that may be paid with points. place: in the batch; returned: all that came back of it so far.

    source_id: the return, else the order; happened_at: when points are taken or given back; tags_before: what a
    changed order said before.
    """

    place: int
    order_id: UUID
    order: NewOrder
    cause: Cause
    source_id: UUID
    happened_at: datetime
    returned: Sequence[NewReturnLine] = ()
    tags_before: Mapping[str, Any] = field(default_factory=dict)


_Purse = tuple[str, UUID | None]
"""What pays: a point currency, and the household from whose pool it comes, None: the customer's own."""


@dataclass(slots=True)
class _Standing:
    """One movement that paid for an order, with what of it still stands."""

    key: str
    purse: _Purse
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
            ledgers[item.order_id] = _Ledger(item, wanted)
        for operation in ledgers[item.order_id].operations(item, wanted):
            moves.pay(item.place, operation)
    if errors:
        raise RefusedAtLastError(errors)


@dataclass(frozen=True, slots=True)
class Settled:
    """A movement that paid for an order. household_id: whose pool, None: the customer's own; points: < 0 came back."""

    currency: str
    household_id: UUID | None
    points: int
    after: BalanceAfter


def settled(done: Iterable[tuple[Operation, Posted]]) -> list[Settled]:
    """Return what was posted just now to pay for an order."""
    return [
        Settled(
            operation.currency,
            operation.owner.id if operation.owner.kind == HOUSEHOLD else None,
            -posted.amount if isinstance(operation, Reverse) else posted.amount,
            BalanceAfter(posted.balance, posted.available, posted.arrears),
        )
        for operation, posted in done
    ]


def settled_before(order: Order, return_id: UUID | None) -> list[Settled]:
    """Return what was posted to pay for an order as it stands, or back for a return of it, as the ledger keeps it."""
    pools = {one.household_id for text in _texts(order.tags) if (one := _read(text)) and one.household_id}
    rows = ledger.moved_under([order.owner_id, *sorted(pools)], _prefix(order.id))
    cause = Cause.RETURN if return_id else Cause.ORDER if order.revision == 1 else Cause.CORRECTION
    wanted = [row for row in rows if row.reason == _reason(cause)]
    if return_id:
        wanted = [row for row in wanted if row.reason_data.get("return") == str(return_id)]
    elif cause is Cause.CORRECTION:
        wanted = [row for row in wanted if row.recorded_at == order.updated_at]
    return [
        Settled(
            row.currency,
            row.owner_id if row.owner_id in pools else None,
            row.amount,
            BalanceAfter(row.balance, row.available, row.arrears),
        )
        for row in wanted
    ]


def answer(found: Iterable[Settled]) -> tuple[dict[str, int], tuple[PaidFromPool, ...], dict[str, BalanceAfter]]:
    """Return what an order was paid with, negative where it went back, and the customer's balances after it.

    In the middle: how much of it pools paid.
    """
    paid: dict[str, int] = {}
    pools: dict[tuple[UUID, str], PaidFromPool] = {}
    balances: dict[str, BalanceAfter] = {}
    for one in found:
        paid[one.currency] = paid.get(one.currency, 0) + one.points
        if one.household_id is not None:
            pool = one.household_id, one.currency
            before = pools[pool].points if pool in pools else 0
            pools[pool] = PaidFromPool(*pool, before + one.points, one.after.available)
        else:
            balances[one.currency] = one.after
    return paid, tuple(pools.values()), balances


def _concerned(items: Sequence[Paid]) -> list[Paid]:
    """Return the orders that name points, or did so until now."""
    earning = (item for item in items if not item.order.is_history)
    return [item for item in earning if _texts(item.order.tags) or _texts(item.tags_before)]


def _texts(tags: Mapping[str, Any]) -> list[str]:
    return [text for tag in TAGS if (marks := tags.get(tag)) for text in str(marks).split()]


def is_paid(tags: Mapping[str, Any]) -> bool:
    """Tell whether an order's tags name points that pay for it."""
    return bool(_texts(tags))


def payment_tags(payments: Iterable[Payment]) -> dict[str, str]:
    """Return the tags that name these payments."""
    found: list[str] = []
    for one in payments:
        purse = f"{one.currency}@{one.household_id}" if one.household_id else one.currency
        text = f"{purse}:{one.points}{':' + one.hold if one.hold else ''}"
        if found and len(found[-1]) + 1 + len(text) <= MAX_TAG:
            found[-1] = f"{found[-1]} {text}"
        else:
            found.append(text)
    return dict(zip(TAGS, found, strict=False))


def payments_of(order: NewOrder) -> list[Payment]:
    """Return what an order is paid with.

    Raises:
        PaymentRefusedError: the tag cannot be read, or nothing says how much money the points paid.
    """
    texts = _texts(order.tags)
    found = [_payment(order, text) for text in texts]
    if len({(one.currency, one.household_id) for one in found}) < len(found):
        raise _refuse(order, " ".join(texts), _("each currency may stand once, and once for each household"))
    if found and not order.tags.get(MONEY_TAG):
        raise _refuse(order, " ".join(texts), _("say in the tag points_amount how much money they paid"))
    return found


def _payment(order: NewOrder, text: str) -> Payment:
    found = _read(text)
    if found is None:
        way_out = _("write currency:points, currency:points:key of a hold, or currency@household:points for a pool")
        raise _refuse(order, text, way_out)
    return found


def _read(text: str) -> Payment | None:
    """Return the payment that a part of the tag names, None if it cannot be read."""
    purse, _mark, rest = text.partition(":")
    points, _mark, hold = rest.partition(":")
    currency, at, household = purse.partition("@")
    household_id = _uuid(household)
    is_known = bool(currency) and (household_id is not None) == bool(at)
    if not is_known or not points.isdecimal() or not 0 < len(points) <= 15 or not int(points):
        return None
    return Payment(currency, int(points), hold, household_id)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


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

    def __init__(self, item: Paid, payments: Sequence[Payment]) -> None:
        self._prefix = _prefix(item.order_id)
        self._number = 0
        self._stands: list[_Standing] = []
        if item.cause is not Cause.ORDER:
            self._read(item, payments)

    def _read(self, item: Paid, payments: Sequence[Payment]) -> None:
        """Find what paid until now: of the customer's own, and of the pools that are or were named."""
        pools = {one.household_id for one in (*payments, *_before(item)) if one.household_id}
        spent, keys = ledger.spent_under([item.order.customer_id, *sorted(pools)], self._prefix)
        numbers = (key.removeprefix(self._prefix) for key in keys)
        self._number = max((int(number) for number in numbers if number.isdecimal()), default=0)
        for one in spent:
            purse = one.currency, one.owner_id if one.owner_id in pools else None
            self._stands.append(_Standing(one.key, purse, one.left))

    def operations(self, item: Paid, payments: Sequence[Payment]) -> list[Operation]:
        """Return what takes the order from what is paid to what should be, points that go back first."""
        share = share_back(item.order, item.returned)
        named: dict[_Purse, Payment] = {(one.currency, one.household_id): one for one in payments}
        given: list[Operation] = []
        taken: list[Operation] = []
        for purse in sorted({*named, *(one.purse for one in self._stands)}, key=_in_order):
            payment = named.get(purse)
            wanted = payment.points - int(payment.points * share) if payment else 0
            missing = wanted - sum(one.left for one in self._stands if one.purse == purse)
            if missing < 0:
                given += self._give_back(item, purse, -missing)
            elif missing and item.cause is not Cause.RETURN:  # what was given back by hand is not taken again
                taken.append(self._take(item, purse, missing, payment.hold if payment else ""))
        return [*given, *taken]

    def _take(self, item: Paid, purse: _Purse, amount: int, hold: str) -> Operation:
        head = self._head(item, purse, item.order.occurred_at)
        is_first = not any(one.purse == purse for one in self._stands)
        self._stands.append(_Standing(head["key"], purse, amount))
        if hold and is_first:
            return Capture(**head, of=hold, amount=amount)
        return Spend(**head, amount=amount, spender_id=item.order.customer_id if purse[1] else None)

    def _give_back(self, item: Paid, purse: _Purse, amount: int) -> Iterable[Operation]:
        for one in reversed(self._stands):
            part = min(one.left, amount) if one.purse == purse else 0
            if part > 0:
                one.left -= part
                amount -= part
                yield Reverse(**self._head(item, purse, item.happened_at), of=one.key, amount=part)

    def _head(self, item: Paid, purse: _Purse, happened_at: datetime) -> dict[str, Any]:
        self._number += 1
        currency, household_id = purse
        subject = {"order": str(item.order_id)}
        if item.cause is Cause.RETURN:
            subject["return"] = str(item.source_id)
        return {
            "key": f"{self._prefix}{self._number}",
            "owner": Owner(HOUSEHOLD, household_id) if household_id else Owner("customer", item.order.customer_id),
            "currency": currency,
            "occurred_at": happened_at,
            "reason": Reason(_reason(item.cause), subject),
        }


def _prefix(order_id: UUID) -> str:
    """Return how the keys of all that paid for an order begin."""
    return f"order:{order_id}:paid:"


def _reason(cause: Cause) -> str:
    return f"payment.{cause}"


def _before(item: Paid) -> list[Payment]:
    """Return what a changed order was paid with before; it was read then, so it can be read now."""
    return [_payment(item.order, text) for text in _texts(item.tags_before)]


def _in_order(purse: _Purse) -> tuple[str, str]:
    currency, household_id = purse
    return currency, str(household_id or "")
