"""A batch of orders: new ones are written in bulk, changed ones line by line anew, repeats not at all."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from troth.customers import queries as customers
from troth.events.services import NewEvent
from troth.kit import clock
from troth.kit.errors import TrothError

from .checks import Checker, check_order, order_name, plain
from .errors import AlreadyReturnedError, OrderRefusedError, OtherCustomerError
from .models import Order, OrderLine
from .orders import NewOrder, Outcome, Recorded, Totals, order_fingerprint, order_totals
from .recording import Batch, claim_keys, refused
from .returned import Returned, returned_of


class OrderBatch(Batch[NewOrder]):
    """Orders of one transaction."""

    def check(self, document: NewOrder) -> None:
        check_order(document, self.now)

    def name(self, document: NewOrder) -> str:
        return order_name(document.source, document.external_id)

    def fingerprint(self, document: NewOrder) -> str:
        return order_fingerprint(document)

    def repeated(self, document: NewOrder) -> TrothError:
        checker = Checker(OrderRefusedError, self.name(document))
        return checker.refuse("external_id", "", _("stands twice in this batch, with different content"))

    def store(self, documents: Sequence[NewOrder]) -> list[Recorded]:
        wanted = {(order.source, order.external_id): order.customer_id for order in documents}
        ids = claim_keys("order", wanted)
        stored = Order.objects.select_for_update().order_by("id").in_bulk(list(ids.values()))
        returned = returned_of(stored)
        standing = customers.canonical_ids({*wanted.values(), *(row.owner_id for row in stored.values())})
        new_orders: list[Order] = []
        new_lines: list[OrderLine] = []
        results: list[Recorded] = []
        for order in documents:
            order_id = ids[order.source, order.external_id]
            if row := stored.get(order_id):
                same = self.for_owner(order, row.owner_id, standing)
                results.append(self._update(row, same, returned.get(order_id), new_lines))
                continue
            new_orders.append(self._row(order_id, order))
            new_lines += line_rows(order_id, order)
            self._note("activity.order.recorded", new_orders[-1], is_history=order.is_history)
            results.append(Recorded(Outcome.CREATED, document_id=order_id, revision=1))
        Order.objects.bulk_create(new_orders)
        OrderLine.objects.bulk_create(new_lines)
        return results

    def _update(
        self, row: Order, order: NewOrder, returned: Returned | None, new_lines: list[OrderLine]
    ) -> Recorded:
        """Bring a stored order to the new content; its new lines are added to those to be written."""
        fingerprint = order_fingerprint(order)
        if row.fingerprint == fingerprint:
            return Recorded(Outcome.UNCHANGED, document_id=row.id, revision=row.revision)
        if row.owner_id != order.customer_id:
            return refused(OtherCustomerError(self.name(order)))
        if returned is not None and (shortage := _shortage(order, returned)):
            return refused(AlreadyReturnedError(f"{self.name(order)}: {shortage}", document=self.name(order)))
        self._fill(row, order, fingerprint)
        row.revision += 1
        row.save()
        OrderLine.objects.filter(owner_id=row.owner_id, order_id=row.id).delete()
        new_lines += line_rows(row.id, order)
        self._note("activity.order.changed", row, revision=row.revision)
        return Recorded(Outcome.CHANGED, document_id=row.id, revision=row.revision)

    def _row(self, order_id: UUID, order: NewOrder) -> Order:
        row = Order(
            id=order_id,
            owner_id=order.customer_id,
            source=order.source,
            external_id=order.external_id,
            is_history=order.is_history,
            import_id=order.import_id,
            recorded_at=self.now,
        )
        self._fill(row, order, order_fingerprint(order))
        return row

    def _fill(self, row: Order, order: NewOrder, fingerprint: str) -> None:
        totals: Totals = order_totals(order.lines)
        row.occurred_at = order.occurred_at
        row.order_date = clock.business_date(order.occurred_at, self.zone)
        row.currency = order.currency
        row.net_amount = totals.net_amount
        row.full_price_amount = totals.full_price_amount
        row.costed_amount = totals.costed_amount
        row.cost_amount = totals.cost_amount
        row.line_count = totals.line_count
        row.store_id = order.store_id
        row.staff_member_id = order.staff_member_id
        row.channel = order.channel
        row.tags = dict(order.tags)
        row.fingerprint = fingerprint
        row.updated_at = self.now

    def _note(self, name: str, row: Order, **data: object) -> None:
        amounts = {"amount": f"{row.net_amount:.4f}", "currency": row.currency, "line_count": row.line_count}
        self.events.append(
            NewEvent(
                name, row.owner_id, {"order": str(row.id), **amounts, **data}, occurred_at=row.occurred_at
            )
        )


def line_rows(order_id: UUID, order: NewOrder) -> list[OrderLine]:
    """Return an order's lines as rows, not yet written."""
    return [
        OrderLine(
            owner_id=order.customer_id,
            order_id=order_id,
            line_no=line.line_no,
            sku=line.sku,
            name=line.name,
            category=line.category,
            brand=line.brand,
            quantity=line.quantity,
            unit_price=line.unit_price,
            discount_amount=line.discount_amount,
            net_amount=line.net_amount,
            unit_cost=line.unit_cost,
            attributes=dict(line.attributes) if line.attributes else None,
        )
        for line in order.lines
    ]


def _shortage(order: NewOrder, returned: Returned) -> str:
    """Say what came back already and would be missing from the changed order; empty if nothing."""
    quantities = {line.line_no: line.quantity for line in order.lines}
    for line_no, quantity in sorted(returned.quantities.items()):
        left = quantities.get(line_no, Decimal(0))
        if quantity > left:
            names = {"line": line_no, "returned": plain(quantity), "left": plain(left)}
            return _("line %(line)s: %(returned)s came back already, the change leaves %(left)s") % names
    net_amount = order_totals(order.lines).net_amount
    if returned.net_amount > net_amount:
        names = {"returned": plain(returned.net_amount), "left": plain(net_amount)}
        return _("%(returned)s was paid back already, the change leaves %(left)s") % names
    return ""
