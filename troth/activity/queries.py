"""Reading orders, returns, visits and costs; a customer is asked for with the records merged into it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import TypeVar
from uuid import UUID

from django.db.models import Max, Min, QuerySet

from troth.customers import queries as customers

from .errors import OrderNotFoundError, ReturnNotFoundError
from .models import DocumentKey, Order, OrderLine, OrderMoment, Return, ReturnLine, ServiceCost, Visit
from .orders import NewLine, NewOrder, NewReturnLine

T = TypeVar("T", Order, Return, Visit)


def order(order_id: UUID) -> Order:
    """Return one order.

    Raises:
        OrderNotFoundError: no such order.
    """
    found = Order.objects.filter(id=order_id).first()
    if found is None:
        raise OrderNotFoundError
    return found


def orders_by_id(order_ids: Iterable[UUID]) -> list[Order]:
    """Return those of these orders that exist."""
    return list(Order.objects.filter(id__in=list(order_ids)))


def first_and_last_orders(owners: Collection[UUID], until: date) -> dict[UUID, tuple[date, date]]:
    """Return the days of each canonical customer's first and last order up to a day, over all merged records."""
    groups = customers.record_groups(owners)
    records = {record: owner for owner, group in groups.items() for record in group}
    orders = Order.objects.filter(owner_id__among=records, order_date__lte=until).order_by()
    days = orders.values_list("owner_id").annotate(first=Min("order_date"), last=Max("order_date"))
    found: dict[UUID, tuple[date, date]] = {}
    for record, first, last in days:
        owner = records[record]
        known = found.get(owner, (first, last))
        found[owner] = min(first, known[0]), max(last, known[1])
    return found


def order_by_key(source: str, external_id: str) -> Order:
    """Return the order that its source calls so.

    Raises:
        OrderNotFoundError: no such order.
    """
    key = DocumentKey.objects.filter(document_kind="order", source=source, external_id=external_id).first()
    if key is None:
        raise OrderNotFoundError
    return order(key.document_id)


def orders_by_number(external_id: str) -> list[Order]:
    """Return the orders that any source calls so."""
    keys = DocumentKey.objects.filter(document_kind="order", external_id=external_id)
    return orders_by_id(keys.values_list("document_id", flat=True))


def order_ids_by_key(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
    """Return the ids of the orders among these (source, external id) that exist."""
    wanted = set(keys)
    rows = DocumentKey.objects.filter(
        document_kind="order", external_id__in={external_id for _source, external_id in wanted}
    ).values_list("source", "external_id", "document_id")
    return {(source, external_id): found for source, external_id, found in rows if (source, external_id) in wanted}


def return_(return_id: UUID) -> Return:
    """Return one return.

    Raises:
        ReturnNotFoundError: no such return.
    """
    found = Return.objects.filter(id=return_id).first()
    if found is None:
        raise ReturnNotFoundError
    return found


def orders(customer_ids: Iterable[UUID] | None = None) -> QuerySet[Order]:
    """Return orders, of these records only if given, newest first."""
    return _newest_first(Order.objects.all(), customer_ids)


def returns(customer_ids: Iterable[UUID] | None = None) -> QuerySet[Return]:
    """Return returns, of these records only if given, newest first."""
    return _newest_first(Return.objects.all(), customer_ids)


def visits(customer_ids: Iterable[UUID] | None = None) -> QuerySet[Visit]:
    """Return visits, of these records only if given, newest first."""
    return _newest_first(Visit.objects.all(), customer_ids)


def moments(order_id: UUID) -> QuerySet[OrderMoment]:
    """Return the moments of an order, in the order in which they came."""
    return OrderMoment.objects.filter(order_id=order_id).order_by("occurred_at", "id")


def costs(customer_ids: Iterable[UUID]) -> QuerySet[ServiceCost]:
    """Return the costs to serve of these records, newest first."""
    return ServiceCost.objects.filter(owner_id__in=list(customer_ids)).order_by("-cost_date", "-id")


def lines_of(order_ids: Iterable[UUID]) -> dict[UUID, list[OrderLine]]:
    """Return the lines of each order by their numbers; an order without lines gets an empty list."""
    lines: dict[UUID, list[OrderLine]] = defaultdict(list)
    for line in OrderLine.objects.filter(order_id__in=list(order_ids)).order_by("order_id", "line_no"):
        lines[line.order_id].append(line)
    return lines


def product_names(skus: Iterable[str]) -> dict[str, str]:
    """Return the name of each of these products, as an order line has it; one without a name is left out.

    Reads all lines: for background work.
    """
    wanted = set(skus)
    named = OrderLine.objects.exclude(sku="").exclude(name="").values_list("sku").annotate(shown=Max("name"))
    return {sku: name for sku, name in named.order_by().iterator() if sku in wanted}


def new_orders(order_ids: Iterable[UUID]) -> dict[UUID, NewOrder]:
    """Return the orders as they were brought last, so that they can be judged anew; two queries."""
    ids = list(order_ids)
    lines = lines_of(ids)
    return {row.id: _new_order(row, lines[row.id]) for row in Order.objects.filter(id__in=ids)}


def returned_lines(order_ids: Iterable[UUID]) -> dict[UUID, list[tuple[UUID, list[NewReturnLine]]]]:
    """Return for each order what came back of it: (return id, lines) in the order in which it was recorded."""
    found: dict[UUID, list[tuple[UUID, list[NewReturnLine]]]] = defaultdict(list)
    returns = Return.objects.filter(order_id__in=list(order_ids)).order_by("recorded_at", "id")
    pairs = list(returns.values_list("id", "order_id"))
    lines = lines_of_returns(return_id for return_id, _order_id in pairs)
    for return_id, order_id in pairs:
        if order_id is not None:
            found[order_id].append((return_id, [_new_return_line(line) for line in lines[return_id]]))
    return found


def lines_of_returns(return_ids: Iterable[UUID]) -> dict[UUID, list[ReturnLine]]:
    """Return the lines of each return by their numbers."""
    lines: dict[UUID, list[ReturnLine]] = defaultdict(list)
    for line in ReturnLine.objects.filter(return_id__in=list(return_ids)).order_by("return_id", "line_no"):
        lines[line.return_id].append(line)
    return lines


def _new_order(row: Order, lines: Iterable[OrderLine]) -> NewOrder:
    return NewOrder(
        source=row.source,
        external_id=row.external_id,
        customer_id=row.owner_id,
        occurred_at=row.occurred_at,
        currency=row.currency,
        lines=tuple(_new_line(line) for line in lines),
        store_id=row.store_id,
        staff_member_id=row.staff_member_id,
        channel=row.channel,
        tags=row.tags,
        is_history=row.is_history,
        import_id=row.import_id,
    )


def _new_line(line: OrderLine) -> NewLine:
    return NewLine(
        line_no=line.line_no,
        quantity=line.quantity,
        unit_price=line.unit_price,
        net_amount=line.net_amount,
        discount_amount=line.discount_amount,
        unit_cost=line.unit_cost,
        sku=line.sku,
        name=line.name,
        category=line.category,
        brand=line.brand,
        attributes=line.attributes,
    )


def _new_return_line(line: ReturnLine) -> NewReturnLine:
    return NewReturnLine(
        line_no=line.line_no,
        quantity=line.quantity,
        net_amount=line.net_amount,
        order_line_no=line.order_line_no,
    )


def _newest_first(found: QuerySet[T], customer_ids: Iterable[UUID] | None) -> QuerySet[T]:
    rows = found if customer_ids is None else found.filter(owner_id__in=list(customer_ids))
    return rows.order_by("-occurred_at", "-id")
