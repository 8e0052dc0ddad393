"""Past orders in the form that rules read, without the detour through Decimals where no tag needs it."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from troth.activity.orders import NewLine, NewOrder
from troth.activity.past import PastOrder
from troth.kit.money import from_stored
from troth.programs.baskets import DEDUCTIONS, Basket, BasketLine, basket_of


class PastBaskets:
    """Makes baskets; knows the stores: id → (zone or "", city)."""

    def __init__(self, stores: Mapping[int, tuple[str, str]]) -> None:
        self._stores = {store_id: (ZoneInfo(zone) if zone else None, city) for store_id, (zone, city) in stores.items()}

    def basket(self, order: PastOrder, zone: ZoneInfo) -> Basket:
        """Return the order in its store's zone, else in `zone`, the programme's.

        Raises:
            BasketRefusedError: a tag of `DEDUCTIONS` is not an amount.
        """
        own, city = self._stores.get(order.store_id or 0, (None, ""))
        if order.tags and any(order.tags.get(tag) for tag in DEDUCTIONS):
            return basket_of(_new_order(order), zone=own or zone, store_city=city)
        return Basket(
            occurred_at=order.occurred_at,
            local_at=order.occurred_at.astimezone(own or zone),
            currency=order.currency,
            lines=tuple(
                [
                    BasketLine(
                        line.line_no,
                        line.sku,
                        line.category,
                        line.brand,
                        line.quantity,
                        line.unit_price,
                        line.net_amount,
                        line.discount_amount,
                        line.attributes,
                    )
                    for line in order.lines
                ]
            ),
            store_id=order.store_id,
            store_city=city,
            channel=order.channel,
            tags=order.tags,
        )


def _new_order(order: PastOrder) -> NewOrder:
    lines = tuple(
        NewLine(
            line_no=line.line_no,
            quantity=from_stored(line.quantity),
            unit_price=from_stored(line.unit_price),
            net_amount=from_stored(line.net_amount),
            discount_amount=from_stored(line.discount_amount),
            sku=line.sku,
            category=line.category,
            brand=line.brand,
            attributes=line.attributes,
        )
        for line in order.lines
    )
    return NewOrder(
        source="",
        external_id=str(order.id),
        customer_id=order.owner_id,
        occurred_at=order.occurred_at,
        currency=order.currency,
        lines=lines,
        store_id=order.store_id,
        channel=order.channel,
        tags=order.tags,
    )
