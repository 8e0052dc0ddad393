import datetime as dt
from decimal import Decimal
from uuid import uuid4

import polars as pl
import pytest
from django.db import IntegrityError

from troth.access.actors import system_actor
from troth.activity import bulk, queries, services
from troth.activity.models import DocumentKey, Order, OrderLine, Return, ReturnLine
from troth.activity.orders import NewLine, NewOrder, NewReturn, NewReturnLine
from troth.customers.models import Customer
from troth.events.models import Event
from troth.staff.models import Company, Store

NOW = dt.datetime(2024, 5, 1, 8, tzinfo=dt.UTC)
AT = dt.datetime(2024, 3, 1, 2, 30, 0, 250_000, tzinfo=dt.UTC)
ACTOR = system_actor("test")
IMPORT = uuid4()

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer():
    Company.objects.create(name="Test", time_zone="Asia/Shanghai")
    return Customer.objects.create(created_at=NOW, updated_at=NOW)


def orders_frame(customer, *external_ids, **fields):
    rows = [
        {
            "external_id": external_id,
            "owner_id": str(customer.id),
            "occurred_at": AT,
            "order_date": dt.date(2024, 3, 1),
            "currency": "CNY",
            "store_id": None,
            "staff_member_id": None,
            "channel": "shop",
            "tags": '{"payment":"现金"}',
            **fields,
        }
        for external_id in external_ids
    ]
    types = {"store_id": pl.Int64, "staff_member_id": pl.String, "occurred_at": pl.Datetime("us", "UTC")}
    return pl.DataFrame(rows, schema_overrides=types)


LINE = {
    "line_no": 1,
    "sku": 'S-1 "x"',
    "name": "红茶, 250g",
    "category": "",
    "brand": "B",
    "quantity": 25_000,
    "unit_price": 40_000,
    "discount_amount": 10_000,
    "net_amount": 90_000,
    "unit_cost": 13_333,
}
PLAIN = LINE | {
    "line_no": 2,
    "quantity": 10_000,
    "discount_amount": 0,
    "net_amount": 40_000,
    "unit_cost": None,
}


def lines_frame(external_id, *lines):
    return pl.DataFrame(
        [{"external_id": external_id, **line} for line in lines], schema_overrides={"unit_cost": pl.Int64}
    )


def as_new(customer, external_id):
    """Return the same order as the API would bring it."""
    return NewOrder(
        source="pos",
        external_id=external_id,
        customer_id=customer.id,
        occurred_at=AT,
        currency="CNY",
        channel="shop",
        tags={"payment": "现金"},
        is_history=True,
        import_id=IMPORT,
        lines=(
            NewLine(
                1,
                Decimal("2.5"),
                Decimal(4),
                Decimal(9),
                Decimal(1),
                Decimal("1.3333"),
                LINE["sku"],
                LINE["name"],
                "",
                "B",
            ),
            NewLine(2, Decimal(1), Decimal(4), Decimal(4), Decimal(0), None, LINE["sku"], LINE["name"], "", "B"),
        ),
    )


def record(customer, *external_ids):
    lines = pl.concat([lines_frame(external_id, PLAIN, LINE) for external_id in external_ids])
    orders = bulk.with_order_content(orders_frame(customer, *external_ids), lines)
    bulk.record_orders(orders, lines, source="pos", import_id=IMPORT, actor=ACTOR, now=NOW)
    return orders


def stored(model, **where):
    order = "line_no" if issubclass(model, OrderLine | ReturnLine) else "id"
    skipped = {"id", "order_id", "external_id", "document_id", "return_id", "data"}
    return [
        {
            field.attname: getattr(row, field.attname)
            for field in row._meta.concrete_fields
            if field.attname not in skipped
        }
        for row in model.objects.filter(**where).order_by(order)
    ]


def test_bulk_and_services_store_the_same(customer):
    record(customer, "A-1")
    (single,) = services.record_orders([as_new(customer, "A-2")], actor=ACTOR, now=NOW)
    assert single.error is None
    in_bulk, one_by_one = queries.order_by_key("pos", "A-1"), queries.order_by_key("pos", "A-2")
    assert stored(Order, external_id="A-1") == stored(Order, external_id="A-2")
    assert stored(OrderLine, order_id=in_bulk.id) == stored(OrderLine, order_id=one_by_one.id)
    assert stored(DocumentKey, external_id="A-1") == stored(DocumentKey, external_id="A-2")
    first, second = Event.objects.filter(name="activity.order.recorded").order_by("id")
    assert (first.owner_id, first.occurred_at, first.actor) == (
        second.owner_id,
        second.occurred_at,
        second.actor,
    )
    assert first.data | {"order": "", "amount": ""} == second.data | {"order": "", "amount": ""}
    assert Decimal(first.data["amount"]) == Decimal(second.data["amount"]) == 13


def test_sums_are_exact(customer):
    record(customer, "A-1")
    order = queries.order_by_key("pos", "A-1")
    assert (order.net_amount, order.full_price_amount) == (Decimal(13), Decimal(14))
    # 2.5 × 1.3333 = 3.33325, half up
    assert (order.costed_amount, order.cost_amount) == (Decimal(9), Decimal("3.3333"))
    assert order.line_count == 2
    assert order.tags == {"payment": "现金"}


def test_api_repeats_what_a_file_brought(customer):
    record(customer, "A-1")
    (again,) = services.record_orders([as_new(customer, "A-1")], actor=ACTOR, now=NOW)
    assert again.outcome == "unchanged"


def test_known_orders_are_found_by_source_and_number(customer):
    orders = record(customer, "A-1", "A-2")
    known = bulk.known_orders("pos", pl.Series(["A-2", "A-3"]))
    assert known.rows() == [
        ("A-2", str(queries.order_by_key("pos", "A-2").id), str(customer.id), orders["fingerprint"][1])
    ]
    assert bulk.known_orders("other", pl.Series(["A-2"])).is_empty()


def test_a_number_that_is_taken_changes_nothing(customer):
    record(customer, "A-1")
    with pytest.raises(IntegrityError):
        record(customer, "A-2", "A-1")
    assert Order.objects.count() == 1
    assert OrderLine.objects.count() == 2
    assert Event.objects.count() == 1


def test_store_and_empty_tags(customer):
    store = Store.objects.create(code="S1", name="S1")
    lines = lines_frame("A-1", LINE)
    orders = bulk.with_order_content(orders_frame(customer, "A-1", store_id=store.id, tags=""), lines)
    bulk.record_orders(orders, lines, source="pos", import_id=IMPORT, actor=ACTOR, now=NOW)
    order = queries.order_by_key("pos", "A-1")
    assert (order.store, order.tags) == (store, {})


def test_returns_are_stored_as_services_would(customer):
    lines = lines_frame("R-1", LINE).drop("unit_price", "discount_amount")
    returns = orders_frame(customer, "R-1").select(
        "external_id",
        "owner_id",
        "occurred_at",
        pl.col("order_date").alias("return_date"),
        "currency",
        "store_id",
        reason=pl.lit(""),
    )
    returns = bulk.with_return_content(returns, lines)
    bulk.record_returns(returns, lines, source="pos", import_id=IMPORT, actor=ACTOR, now=NOW)
    line = NewReturnLine(1, Decimal("2.5"), Decimal(9), None, Decimal("1.3333"), LINE["sku"], LINE["name"], "", "B")
    same = NewReturn("pos", "R-2", customer.id, AT, "CNY", (line,), is_history=True, import_id=IMPORT)
    (single,) = services.record_returns([same], actor=ACTOR, now=NOW)
    assert single.error is None
    assert stored(Return, external_id="R-1") == stored(Return, external_id="R-2")
    rows = Return.objects.order_by("external_id")
    assert stored(ReturnLine, return_id=rows[0].id) == stored(ReturnLine, return_id=rows[1].id)
    assert list(bulk.known_returns("pos", pl.Series(["R-1"]))["external_id"]) == ["R-1"]
    assert Event.objects.filter(name="activity.return.recorded").count() == 2
