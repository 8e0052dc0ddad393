"""Recording orders and returns with all they bring: one transaction a batch, one result or refusal each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from troth.access.actors import Actor
from troth.activity import queries as activity_queries
from troth.activity import services as activity
from troth.activity.orders import NewOrder, NewReturn, Outcome, Recorded
from troth.customers import queries as customers
from troth.events import services as events
from troth.events.services import NewEvent
from troth.kit.errors import TrothError
from troth.rewards import queries as rewards
from troth.rewards.operations import Redeem, Reverse, use_key

from . import awarding, paying, repeating, steps, unwinding
from .answers import Sold
from .attempts import in_parts, without_refused
from .awarding import NewSale
from .baskets import came_back, is_gone
from .coupons import codes_of
from .models import Cause
from .moving import Moves
from .paying import Paid
from .repeating import First
from .unwinding import Unwound


def record_orders(orders: Sequence[NewOrder], *, actor: Actor, now: datetime) -> list[Sold]:
    """See `services.record_orders`."""
    return in_parts(orders, lambda part: _record_orders(part, actor, now))


def record_returns(returns: Sequence[NewReturn], *, actor: Actor, now: datetime) -> list[Sold]:
    """See `services.record_returns`."""
    return in_parts(returns, lambda part: _record_returns(part, actor, now))


def _record_orders(orders: Sequence[NewOrder], actor: Actor, now: datetime) -> list[Sold]:
    with customers.groups_remembered():
        return without_refused(orders, lambda chosen: _Orders(actor, now).record(chosen), _refused)


def _record_returns(returns: Sequence[NewReturn], actor: Actor, now: datetime) -> list[Sold]:
    with customers.groups_remembered():
        return without_refused(returns, lambda chosen: Returns(actor, now).record(chosen), _refused)


def _refused(error: TrothError) -> Sold:
    return Sold(Recorded(Outcome.REFUSED, error=error))


class _Batch:
    """One transaction: what was recorded, and what came of it."""

    def __init__(self, actor: Actor, now: datetime) -> None:
        self.actor = actor
        self.now = now
        self.moves = Moves()
        self.outcomes: list[awarding.Outcome] = []
        self._first: Mapping[int, First] = {}

    def settle(self) -> None:
        """Move everything and store the steps, with what is answered."""
        self.moves.post(actor=self.actor, now=self.now)
        by_place: dict[int, list[awarding.Outcome]] = defaultdict(list)
        for one in self.outcomes:
            by_place[one.place].append(one)
        self._first = {place: self._first_of(place, by_place.get(place, ())) for place in {*by_place, *self.moves.paid}}
        for place, outcomes in by_place.items():
            for index, one in enumerate(outcomes):
                one.step.answer = repeating.kept(one.standing, self._first[place] if index == 0 else None)
        steps.write((one.step for one in self.outcomes), now=self.now)
        events.append_many(self._unwound_events(), actor=self.actor, now=self.now)

    def answers(self, recorded: Sequence[Recorded], order_ids: Sequence[UUID | None]) -> list[Sold]:
        """Return the result of each; what was known before answers with its first result."""
        known = {
            result.document_id: order_id
            for result, order_id in zip(recorded, order_ids, strict=True)
            if result.outcome is Outcome.UNCHANGED and result.document_id is not None and order_id is not None
        }
        before = self.first_results(known) if known else {}
        found = []
        for place, (result, order_id) in enumerate(zip(recorded, order_ids, strict=True)):
            is_repeat = result.outcome is Outcome.UNCHANGED and result.document_id is not None
            first = before.get(result.document_id) if is_repeat and result.document_id else self._first.get(place)
            first = first or First()
            found.append(Sold(result, order_id, first.brought, first.balances, first.points_paid, first.pools))
        return found

    def first_results(self, known: Mapping[UUID, UUID]) -> Mapping[UUID, First]:
        """Return what documents that are known answered first. known: document → the order it is about."""
        raise NotImplementedError

    def _first_of(self, place: int, outcomes: Sequence[awarding.Outcome]) -> First:
        paid, pools, balances = paying.answer(paying.settled(self.moves.paid.get(place, ())))
        balances |= {code: after for one in outcomes for code, after in one.account.balances.items()}
        return First(tuple(one.brought() for one in outcomes), balances, paid, pools)

    def _unwound_events(self) -> Iterable[NewEvent]:
        for one in self.outcomes:
            if one.step.cause is Cause.ORDER:
                continue
            moved: dict[str, int] = defaultdict(int)
            for posting in one.account.postings:
                moved[posting.code] += posting.amount
            data = {
                "order": str(one.step.order_id),
                "return": str(one.step.source_id) if one.step.cause is Cause.RETURN else None,
                "programme": one.step.programme,
                "moved": dict(moved),
            }
            yield NewEvent("sales.order.unwound", one.step.owner_id, data, one.account.taken_at)

    def _use_coupons(self, place: int, order: NewOrder, codes: Iterable[str]) -> None:
        for code in codes:
            operation = Redeem(
                key=use_key(order.source, order.external_id, code),
                code=code,
                customer_id=order.customer_id,
                occurred_at=order.occurred_at,
                currency=order.currency,
                source=order.source,
                order_ref=order.external_id,
            )
            self.moves.use_coupon(place, operation)

    def _give_back_coupons(self, place: int, order: NewOrder, codes: Iterable[str], happened_at: datetime) -> None:
        for code in codes:
            key = use_key(order.source, order.external_id, code)
            self.moves.use_coupon(place, Reverse(key=key, customer_id=order.customer_id, occurred_at=happened_at))


class _Orders(_Batch):
    """Orders: new ones are awarded, changed ones corrected by the difference."""

    def first_results(self, known: Mapping[UUID, UUID]) -> Mapping[UUID, First]:
        """See `_Batch`."""
        return repeating.of_orders(known.keys())

    def record(self, orders: Sequence[NewOrder]) -> list[Sold]:
        """Record the orders with all they bring."""
        recorded = activity.record_orders(orders, actor=self.actor, now=self.now)
        new, changed = (
            {place: result.document_id for place, result in enumerate(recorded) if result.outcome is wanted}
            for wanted in (Outcome.CREATED, Outcome.CHANGED)
        )
        self._award({place: order_id for place, order_id in new.items() if order_id}, orders)
        tags_before = {place: recorded[place].tags_before or {} for place in changed}
        self._correct({place: order_id for place, order_id in changed.items() if order_id}, tags_before)
        self.settle()
        return self.answers(recorded, [result.document_id for result in recorded])

    def _award(self, new: Mapping[int, UUID], orders: Sequence[NewOrder]) -> None:
        earning = {place: order_id for place, order_id in new.items() if not orders[place].is_history}
        if not earning:
            return
        groups = customers.canonical_ids({orders[place].customer_id for place in earning})
        sales = [
            NewSale(place, order_id, orders[place], groups[orders[place].customer_id])
            for place, order_id in earning.items()
        ]
        self.outcomes += awarding.award(sales, self.moves, actor=self.actor, now=self.now)
        for sale in sales:
            self._use_coupons(sale.place, sale.order, codes_of(sale.order))
        paid = (
            Paid(one.place, one.order_id, one.order, Cause.ORDER, one.order_id, one.order.occurred_at) for one in sales
        )
        paying.settle(paid, self.moves)

    def _correct(self, changed: Mapping[int, UUID], tags_before: Mapping[int, Mapping[str, Any]]) -> None:
        if not changed:
            return
        orders = activity_queries.new_orders(changed.values())
        returned = activity_queries.returned_lines(changed.values())
        owners = {order.customer_id for order in orders.values()}
        groups, known = customers.canonical_ids(owners), steps.of_orders(orders.keys(), owners)
        items = [
            Unwound(
                place=place,
                order_id=order_id,
                order=orders[order_id],
                group=groups[orders[order_id].customer_id],
                cause=Cause.CORRECTION,
                source_id=order_id,
                returned=[line for _return_id, lines in returned.get(order_id, ()) for line in lines],
                happened_at=self.now,
            )
            for place, order_id in changed.items()
        ]
        self.outcomes += unwinding.unwind(items, known, self.moves, actor=self.actor, now=self.now)
        self._correct_coupons(items)
        paying.settle((_paid(item, tags_before[item.place]) for item in items), self.moves)

    def _correct_coupons(self, items: Sequence[Unwound]) -> None:
        """Redeem the codes that the order names now, and give back those that it no longer names."""
        earning = [item for item in items if not item.order.is_history]
        used = defaultdict(list)
        for use in rewards.uses_of_orders((item.order.source, item.order.external_id) for item in earning):
            used[use.source, use.order_ref].append(use.operation_key)
        for item in earning:
            order = item.order
            codes = codes_of(order)
            self._use_coupons(item.place, order, codes)
            named = {use_key(order.source, order.external_id, code) for code in codes}
            for key in used[order.source, order.external_id]:
                if key not in named:
                    operation = Reverse(key=key, customer_id=order.customer_id, occurred_at=self.now)
                    self.moves.use_coupon(item.place, operation)


class Returns(_Batch):
    """Returns: each order is evaluated again without what came back."""

    def first_results(self, known: Mapping[UUID, UUID]) -> Mapping[UUID, First]:
        """See `_Batch`."""
        return repeating.of_returns(known)

    def record(self, returns: Sequence[NewReturn]) -> list[Sold]:
        """Record the returns and undo what their orders brought for the goods."""
        recorded = activity.record_returns(returns, actor=self.actor, now=self.now)
        places = {
            result.document_id: place
            for place, result in enumerate(recorded)
            if result.outcome is Outcome.CREATED and returns[place].order_id is not None
        }
        order_ids = {returns[place].order_id for place in places.values()} - {None}
        if order_ids:
            happened = [one.occurred_at for one in returns]
            self.unwind_orders(places, happened, [order_id for order_id in order_ids if order_id])
        self.settle()
        return self.answers(recorded, [new.order_id for new in returns])

    def unwind_orders(
        self, places: Mapping[UUID | None, int], happened: Sequence[datetime], order_ids: list[UUID]
    ) -> None:
        """Undo what recorded returns take from these orders. places: return → place; happened: when, by place."""
        orders = activity_queries.new_orders(order_ids)
        returned = activity_queries.returned_lines(order_ids)
        owners = {order.customer_id for order in orders.values()}
        groups, known = customers.canonical_ids(owners), steps.of_orders(order_ids, owners)
        items = []
        for order_id, order in orders.items():
            so_far = []
            for return_id, lines in returned[order_id]:
                so_far += lines
                if return_id not in places:
                    continue
                place = places[return_id]
                item = Unwound(
                    place=place,
                    order_id=order_id,
                    order=order,
                    group=groups[order.customer_id],
                    cause=Cause.RETURN,
                    source_id=return_id,
                    returned=list(so_far),
                    happened_at=happened[place],
                )
                items.append(item)
        self.outcomes += unwinding.unwind(items, known, self.moves, actor=self.actor, now=self.now)
        for item in items:
            if not item.order.is_history and is_gone(item.order, came_back(item.order, item.returned)):
                self._give_back_coupons(item.place, item.order, codes_of(item.order), item.happened_at)
        paying.settle(map(_paid, items), self.moves)


def _paid(item: Unwound, tags_before: Mapping[str, Any] | None = None) -> Paid:
    returned, before = tuple(item.returned), tags_before or {}
    return Paid(item.place, item.order_id, item.order, item.cause, item.source_id, item.happened_at, returned, before)
