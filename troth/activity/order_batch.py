"""A batch of orders: new ones are written in bulk, changed ones line by line anew, repeats not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from troth.customers import queries as customers
from troth.events.services import NewEvent
from troth.kit import clock, rows
from troth.kit.errors import TrothError
from troth.kit.money import SCALE, from_stored

from .checks import Checker, check_order, order_name, plain
from .content import LINE_COLUMNS, OrderContent, order_content
from .errors import AlreadyReturnedError, OrderRefusedError, OtherCustomerError
from .models import Order, OrderLine
from .orders import NewOrder, Outcome, Recorded
from .recording import Batch, claim_keys, refused
from .returned import Returned, returned_of

_ORDER_COLUMNS = (
    "id", "owner_id", "source", "external_id", "occurred_at", "order_date", "currency", "net_amount",
    "full_price_amount", "costed_amount", "cost_amount", "line_count", "store_id", "staff_member_id", "channel",
    "tags", "is_history", "fingerprint", "import_id", "revision", "recorded_at", "updated_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Rows:
    """What is to be written: orders and lines, as `rows.insert` takes them."""

    orders: list[tuple[Any, ...]]
    lines: list[tuple[Any, ...]]


class OrderBatch(Batch[NewOrder]):
    """Orders of one transaction."""

    def check(self, document: NewOrder) -> None:
        check_order(document, self.now)

    def name(self, document: NewOrder) -> str:
        return order_name(document.source, document.external_id)

    def fingerprint(self, document: NewOrder) -> str:
        return order_content(document).fingerprint

    def repeated(self, document: NewOrder) -> TrothError:
        checker = Checker(OrderRefusedError, self.name(document))
        return checker.refuse("external_id", "", _("stands twice in this batch, with different content"))

    def store(self, documents: Sequence[NewOrder]) -> list[Recorded]:
        ids, new = claim_keys("order", {(order.source, order.external_id): order.customer_id for order in documents})
        known = {key: ids[key] for key in ids.keys() - new}
        stored = Order.objects.select_for_update().order_by("id").in_bulk(list(known.values())) if known else {}
        returned = returned_of(stored) if stored else {}
        owners = [row.owner_id for row in stored.values()]
        standing = customers.canonical_ids({*owners, *(order.customer_id for order in documents)}) if stored else {}
        written = _Rows([], [])
        results: list[Recorded] = []
        for order in documents:
            order_id = ids[order.source, order.external_id]
            if row := stored.get(order_id):
                same = self.for_owner(order, row.owner_id, standing)
                results.append(self._update(row, same, returned.get(order_id), written))
                continue
            self._add(order_id, order, written)
            results.append(Recorded(Outcome.CREATED, document_id=order_id, revision=1))
        rows.insert(Order, _ORDER_COLUMNS, written.orders)
        rows.insert(OrderLine, ("order_id", "owner_id", *LINE_COLUMNS), written.lines)
        return results

    def _add(self, order_id: UUID, order: NewOrder, written: "_Rows") -> None:
        """Write down a new order, its lines and its event."""
        content = order_content(order)
        id_text, owner_text = str(order_id), str(order.customer_id)
        written.orders.append(
            (
                id_text,
                owner_text,
                order.source,
                order.external_id,
                order.occurred_at,
                clock.business_date(order.occurred_at, self.zone),
                order.currency,
                content.net_amount,
                content.full_price_amount,
                content.costed_amount,
                content.cost_amount,
                len(content.lines),
                order.store_id,
                order.staff_member_id,
                order.channel,
                content.tags,
                order.is_history,
                content.fingerprint,
                order.import_id,
                1,
                self.now,
                self.now,
            )
        )
        written.lines.extend((id_text, owner_text, *line) for line in content.lines)
        data = self._money(content, order.currency) | {"order": id_text, "is_history": order.is_history}
        self.events.append(NewEvent("activity.order.recorded", order.customer_id, data, order.occurred_at))

    def _update(self, row: Order, order: NewOrder, returned: Returned | None, written: "_Rows") -> Recorded:
        """Bring a stored order to the new content; its new lines are added to those to be written."""
        content = order_content(order)
        if row.fingerprint == content.fingerprint:
            return Recorded(Outcome.UNCHANGED, document_id=row.id, revision=row.revision)
        if row.owner_id != order.customer_id:
            return refused(OtherCustomerError(self.name(order)))
        if returned is not None and (shortage := _shortage(order, returned)):
            return refused(AlreadyReturnedError(f"{self.name(order)}: {shortage}", document=self.name(order)))
        tags_before = dict(row.tags)
        self._fill(row, order, content)
        row.revision += 1
        row.save()
        OrderLine.objects.filter(owner_id=row.owner_id, order_id=row.id).delete()
        written.lines.extend((row.id, row.owner_id, *line) for line in content.lines)
        data = self._money(content, order.currency) | {"order": str(row.id), "revision": row.revision}
        self.events.append(NewEvent("activity.order.changed", row.owner_id, data, order.occurred_at))
        return Recorded(Outcome.CHANGED, document_id=row.id, revision=row.revision, tags_before=tags_before)

    def _fill(self, row: Order, order: NewOrder, content: OrderContent) -> None:
        row.occurred_at = order.occurred_at
        row.order_date = clock.business_date(order.occurred_at, self.zone)
        row.currency = order.currency
        row.net_amount = from_stored(content.net_amount)
        row.full_price_amount = from_stored(content.full_price_amount)
        row.costed_amount = from_stored(content.costed_amount)
        row.cost_amount = from_stored(content.cost_amount)
        row.line_count = len(content.lines)
        row.store_id = order.store_id
        row.staff_member_id = order.staff_member_id
        row.channel = order.channel
        row.tags = dict(order.tags)
        row.fingerprint = content.fingerprint
        row.updated_at = self.now

    def _money(self, content: OrderContent, currency: str) -> dict[str, Any]:
        amount = f"{content.net_amount // SCALE}.{content.net_amount % SCALE:04}"
        return {"amount": amount, "currency": currency, "line_count": len(content.lines)}


def _shortage(order: NewOrder, returned: Returned) -> str:
    """Say what came back already and would be missing from the changed order; empty if nothing."""
    quantities = {line.line_no: line.quantity for line in order.lines}
    for line_no, quantity in sorted(returned.quantities.items()):
        left = quantities.get(line_no, Decimal(0))
        if quantity > left:
            names = {"line": line_no, "returned": plain(quantity), "left": plain(left)}
            return _("line %(line)s: %(returned)s came back already, the change leaves %(left)s") % names
    net_amount = sum((line.net_amount for line in order.lines), Decimal(0))
    if returned.net_amount > net_amount:
        names = {"returned": plain(returned.net_amount), "left": plain(net_amount)}
        return _("%(returned)s was paid back already, the change leaves %(left)s") % names
    return ""
