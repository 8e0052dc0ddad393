"""Orders: stored once, changed by revision, refused with document, line, field and way out."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.activity import checks, queries, services
from troth.activity.content import order_content
from troth.activity.errors import OrderRefusedError
from troth.activity.models import DocumentKey, Order, OrderLine
from troth.activity.orders import NewLine, NewOrder, Outcome
from troth.customers import services as customers
from troth.events.models import Event

from .conftest import ACTOR, NOW, SOLD_AT

pytestmark = pytest.mark.django_db


def record(*orders, now=NOW):
    return services.record_orders(orders, actor=ACTOR, now=now)


def counts():
    return (
        Order.objects.count(),
        OrderLine.objects.count(),
        DocumentKey.objects.count(),
        Event.objects.filter(name__startswith="activity.").count(),
    )


def test_an_order_is_stored_with_its_sums_and_its_event(an_order, customer):
    (result,) = record(an_order())
    assert (result.outcome, result.revision, result.error) == (Outcome.CREATED, 1, None)
    order = queries.order_by_key("web", "8812")
    assert order.id == result.document_id
    assert (order.owner_id, order.net_amount, order.full_price_amount) == (
        customer.id,
        Decimal("29.5"),
        Decimal("34.5"),
    )
    assert (order.costed_amount, order.cost_amount, order.line_count) == (Decimal(25), Decimal("12.4"), 2)
    assert order.order_date == date(2026, 3, 2)  # 18:00 in London is past midnight in Shanghai
    assert order.tags == {"payment": "wechat"}
    tea, nut = queries.lines_of([order.id])[order.id]
    assert (tea.sku, tea.quantity, tea.unit_cost, tea.attributes) == ("TEA", Decimal(2), Decimal("6.2"), None)
    assert (nut.sku, nut.quantity, nut.unit_cost, nut.attributes) == (
        "NUT",
        Decimal("0.5"),
        None,
        {"bio": True},
    )
    event = Event.objects.get(name="activity.order.recorded")
    assert (event.owner_id, event.occurred_at, event.recorded_at) == (customer.id, SOLD_AT, NOW)
    assert event.data == {
        "order": str(order.id),
        "amount": "29.5000",
        "currency": "CNY",
        "line_count": 2,
        "is_history": False,
    }


def test_the_same_order_again_changes_nothing(an_order):
    (first,) = record(an_order())
    before = list(Order.objects.values())
    (again,) = record(an_order(lines=tuple(reversed(an_order().lines))), now=NOW + timedelta(days=1))
    assert (again.outcome, again.document_id, again.revision) == (Outcome.UNCHANGED, first.document_id, 1)
    assert list(Order.objects.values()) == before
    assert counts() == (1, 2, 1, 1)


def test_a_changed_order_replaces_its_lines_and_raises_its_revision(an_order):
    (first,) = record(an_order())
    later = NOW + timedelta(hours=1)
    (changed,) = record(an_order(lines=an_order().lines[:1], channel="store"), now=later)
    assert (changed.outcome, changed.document_id, changed.revision) == (Outcome.CHANGED, first.document_id, 2)
    order = queries.order(first.document_id)
    assert (order.net_amount, order.line_count, order.channel) == (Decimal(25), 1, "store")
    assert (order.recorded_at, order.updated_at) == (NOW, later)
    assert counts() == (1, 1, 1, 2)
    assert Event.objects.get(name="activity.order.changed").data["revision"] == 2


def test_two_sources_may_use_the_same_number(an_order):
    results = record(an_order(), an_order(source="till"))
    assert [result.outcome for result in results] == [Outcome.CREATED, Outcome.CREATED]
    assert counts() == (2, 4, 2, 2)


def test_an_order_does_not_change_hands(an_order, other_customer):
    record(an_order())
    (result,) = record(an_order(customer_id=other_customer.id))
    assert (result.outcome, result.error.code) == (Outcome.REFUSED, "document_of_other_customer")
    assert (
        str(result.error)
        == "order 8812 of web is stored as another customer's. Merge the two customers if they are one."
    )
    assert counts() == (1, 2, 1, 1)


def test_an_order_stays_with_its_record_when_the_customer_is_merged(an_order, customer, other_customer):
    record(an_order())
    customers.merge(actor=ACTOR, now=NOW, canonical_id=other_customer.id, merged_id=customer.id)
    again, changed = record(an_order(customer_id=other_customer.id)) + record(
        an_order(customer_id=other_customer.id, channel="store")
    )
    assert (again.outcome, changed.outcome) == (Outcome.UNCHANGED, Outcome.CHANGED)
    assert queries.order_by_key("web", "8812").owner_id == customer.id


def test_an_order_twice_in_a_batch_is_stored_once_or_refused(an_order):
    results = record(an_order(), an_order(), an_order(channel="store"))
    assert [result.outcome for result in results] == [Outcome.CREATED, Outcome.UNCHANGED, Outcome.REFUSED]
    assert results[1].document_id == results[0].document_id
    assert "stands twice in this batch" in str(results[2].error)
    assert counts() == (1, 2, 1, 1)


def test_one_refused_order_holds_up_no_other(an_order):
    results = record(an_order(external_id="1"), an_order(external_id="2", currency="yuan"), an_order(external_id="3"))
    assert [result.outcome for result in results] == [Outcome.CREATED, Outcome.REFUSED, Outcome.CREATED]
    assert sorted(Order.objects.values_list("external_id", flat=True)) == ["1", "3"]


LINE = NewLine(1, Decimal(1), Decimal(1), Decimal(1))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"external_id": " "}, "order   of web: external_id: must not be empty"),
        ({"source": "x" * 65}, "has more than 64 characters"),
        ({"external_id": "a\0b"}, "holds characters that cannot be stored"),
        ({"channel": "\ud800"}, "holds characters that cannot be stored"),
        ({"currency": "cny"}, "order 8812 of web: currency cny: must be a three-letter ISO code such as CNY"),
        ({"occurred_at": NOW + timedelta(days=2)}, "must lie after 1970 and not in the future"),
        ({"occurred_at": datetime(1969, 12, 31, tzinfo=UTC)}, "must lie after 1970"),
        ({"tags": {"a": {"b": 1}}}, "tags a: must be a short code with a text"),
        ({"tags": {"a": 0.5}}, "tags a: must be a short code with a text"),
        ({"tags": {"a": 2**53}}, "send larger ones as text"),
        ({"tags": {str(n): n for n in range(51)}}, "holds more than 50 entries"),
        ({"lines": ()}, "an order has 1 to 1000 lines"),
        ({"lines": tuple(replace(LINE, line_no=n) for n in range(1, 1002))}, "an order has 1 to 1000 lines"),
        ({"lines": (LINE, LINE)}, "line_no 1: must be a whole number from 1, each once"),
        ({"lines": (replace(LINE, line_no=0),)}, "line_no 0: must be a whole number"),
        (
            {"lines": (replace(LINE, line_no=3, quantity=Decimal(-2)),)},
            "web: line 3: quantity -2: must be at least 0; goods that come back go through returns",
        ),
        ({"lines": (replace(LINE, quantity=Decimal("NaN")),)}, "quantity NaN: must be at least 0"),
        ({"lines": (replace(LINE, quantity=Decimal("0.00001")),)}, "has more than four decimal places"),
        ({"lines": (replace(LINE, quantity=Decimal(10**7)),)}, "quantity 10000000: must be at most 1000000"),
        ({"lines": (replace(LINE, net_amount=Decimal("-0.01")),)}, "net_amount -0.01: must be at least 0"),
        (
            {"lines": (replace(LINE, unit_price=Decimal("Infinity")),)},
            "unit_price Infinity: must be a number up to",
        ),
        ({"lines": (replace(LINE, unit_cost=Decimal("1E+11")),)}, "unit_cost 1E+11: must be a number up to"),
        ({"lines": (replace(LINE, sku="x" * 81),)}, "has more than 80 characters"),
        ({"lines": (replace(LINE, attributes={"": 1}),)}, "must be a short code"),
        (
            {"lines": (replace(LINE, quantity=Decimal(10**6), unit_cost=Decimal(10**10)),)},
            "add up to more than can be stored",
        ),
    ],
)
def test_a_value_that_breaks_its_rule_is_refused_and_nothing_is_stored(an_order, changes, sentence):
    (result,) = record(an_order(**changes))
    assert (result.outcome, result.error.code) == (Outcome.REFUSED, "order_refused")
    assert sentence in str(result.error)
    assert counts() == (0, 0, 0, 0)


def test_an_unknown_customer_is_refused(an_order):
    (result,) = record(an_order(customer_id=uuid4()))
    assert result.error.code == "customer_unknown"
    assert counts() == (0, 0, 0, 0)


def test_an_empty_batch_is_fine(company):
    assert record() == []


amounts = st.decimals(min_value=0, max_value=10**6, places=4)
lines = st.builds(
    NewLine,
    line_no=st.integers(1, 99),
    quantity=st.decimals(min_value="0.0001", max_value=10**4, places=4),
    unit_price=amounts,
    net_amount=amounts,
    discount_amount=amounts,
    unit_cost=st.none() | amounts,
    sku=st.text(max_size=5),
    attributes=st.none() | st.dictionaries(st.text(min_size=1, max_size=3), st.booleans(), max_size=2),
)


@pytest.mark.slow
@given(st.lists(lines, min_size=1, max_size=4, unique_by=lambda line: line.line_no), st.randoms())
def test_a_fingerprint_ignores_the_order_of_lines_and_the_writing_of_numbers(order_lines, random):
    order = NewOrder("web", "1", uuid4(), SOLD_AT, "CNY", tuple(order_lines))
    shuffled = [replace(line, net_amount=line.net_amount.normalize() + Decimal("0.0000")) for line in order_lines]
    random.shuffle(shuffled)
    same = replace(order, external_id="2", source="till", is_history=True, lines=tuple(shuffled))
    assert order_content(order).fingerprint == order_content(same).fingerprint
    first, *rest = order_lines
    more = replace(first, net_amount=first.net_amount + Decimal("0.0001"))
    assert order_content(order).fingerprint != order_content(replace(order, lines=(more, *rest))).fingerprint


odd_numbers = st.decimals(allow_nan=True, allow_infinity=True) | st.sampled_from(
    [Decimal(0), Decimal("-0.01"), Decimal("0.00001"), Decimal(10) ** 6 + 1, Decimal(10) ** 10 + 1, Decimal("sNaN")]
)
odd_texts = st.text(max_size=3) | st.sampled_from(["\0", "\ud800", "x" * 81, "茶" * 120, "茶" * 121])


@pytest.mark.slow
@given(
    st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(("quantity", "unit_price", "discount_amount", "net_amount"), odd_numbers),
            "unit_cost": st.none() | odd_numbers,
            **dict.fromkeys(("sku", "name", "category", "brand"), odd_texts),
            "attributes": st.none() | st.just({}) | st.just({"a": [1]}),
        },
    )
)
def test_what_looks_usual_at_a_glance_breaks_no_rule(values):
    usual = {"line_no": 1, "quantity": Decimal(1), "unit_price": Decimal(9), "net_amount": Decimal(9)}
    line = NewLine(**{**usual, **values})
    if checks._is_usual(line):
        checks._check_order_line(checks.Checker(OrderRefusedError, "order"), line)


def test_a_common_line_looks_usual_and_an_odd_one_does_not():
    line = NewLine(line_no=1, quantity=Decimal("1.5"), unit_price=Decimal("9.99"), net_amount=Decimal(9), name="龙井")
    assert checks._is_usual(line)
    odd = [{"quantity": Decimal("sNaN")}, {"net_amount": Decimal(-1)}, {"name": "\0"}, {"attributes": {"size": "L"}}]
    assert [checks._is_usual(replace(line, **one)) for one in odd] == [False] * 4
