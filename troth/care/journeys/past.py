"""What happened in the past, as events: from the log; and orders, also those of which the log knows nothing."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from troth.activity import queries as activity
from troth.activity.models import Order
from troth.events import queries as events

ORDERED = "activity.order.recorded"


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of the past."""

    id: UUID
    owner_id: UUID
    occurred_at: datetime
    recorded_at: datetime
    data: dict[str, Any]


def happened(event: str, since: datetime, until: datetime) -> Iterator[Happened]:
    """Yield the events of a name between two moments."""
    if event == ORDERED:
        orders = activity.orders().filter(occurred_at__gte=since, occurred_at__lt=until)
        yield from (_of_order(row) for row in orders.order_by("occurred_at", "id").iterator())
        return
    found = events.after(None, names=[event]).filter(occurred_at__gte=since, occurred_at__lt=until)
    for row in found.order_by("occurred_at", "id").iterator():
        if row.customer_id is not None:
            yield Happened(row.id, row.owner_id, row.occurred_at, row.recorded_at, row.data)


def of_people(
    event: str, records: Mapping[UUID, tuple[UUID, ...]], since: datetime, until: datetime
) -> dict[UUID, list[Happened]]:
    """Return the events of a name of these people, all records of each, by person and oldest first."""
    owners = {record: person for person, group in records.items() for record in group}
    found: dict[UUID, list[Happened]] = defaultdict(list)
    if event == ORDERED:
        orders = activity.orders().filter(owner_id__among=list(owners), occurred_at__gte=since, occurred_at__lte=until)
        for order in orders.order_by("occurred_at", "id"):
            found[owners[order.owner_id]].append(_of_order(order))
        return found
    rows = events.of_customers(owners, names=[event]).filter(occurred_at__gte=since, occurred_at__lte=until)
    for row in rows.order_by("occurred_at", "id"):
        found[owners[row.owner_id]].append(Happened(row.id, row.owner_id, row.occurred_at, row.recorded_at, row.data))
    return found


def _of_order(row: Order) -> Happened:
    data = {
        "order": str(row.id),
        "is_history": False,
        "amount": format(row.net_amount, "f"),
        "currency": row.currency,
        "line_count": row.line_count,
    }
    return Happened(row.id, row.owner_id, row.occurred_at, row.recorded_at, data)
