"""Customers in a real browser: the walk of finding, looking, merging; axe; the edges of the screen."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from troth.access.actors import system_actor
from troth.activity import services as activity
from troth.activity.orders import NewLine, NewOrder
from troth.customers import services as customers

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
ACTOR = system_actor("test")


def add(name, **identities):
    given = [customers.NewIdentity(kind, value) for kind, value in identities.items()]
    return customers.create_customer(
        actor=ACTOR,
        now=NOW,
        identities=given,
        on_taken="suggest",
        name=name,
        city="上海",
        birth_date=date(1988, 4, 12),
    )


@pytest.fixture
def people(open_page):
    """王小明 with an order, a tag and a consent; 王晓明, for whom the same phone was given."""
    wang = add("王小明", phone="13812345678", email="wang.x@qq.com")
    twin = add("王晓明", phone="13812345678", card="C1")
    customers.add_tag(actor=ACTOR, now=NOW, customer_id=wang.id, name="VIP")
    customers.record_consent(
        actor=ACTOR, now=NOW, customer_id=wang.id, purpose="marketing", is_given=True, source="till", proof="7"
    )
    line = NewLine(1, Decimal(2), Decimal("9.90"), Decimal("19.80"), name="面包")
    order = NewOrder("till", "A1", wang.id, NOW, "CNY", (line,))
    [recorded] = activity.record_orders([order], actor=ACTOR, now=NOW)
    assert recorded.error is None
    return wang, twin


def test_finding_looking_merging_and_undoing(open_page, people):
    page = open_page("/customers/")
    page.get_by_role("searchbox", name="Search").first.fill("wxm")
    expect(page.locator("#results tbody tr")).to_have_count(2)
    page.get_by_role("link", name="王小明").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("王小明")
    expect(page.get_by_text("Bought for ¥19.80")).to_be_visible()

    page.goto("/customers/duplicates/")
    expect(page.get_by_text("The same was given for both: Phone")).to_be_visible()
    page.get_by_role("button", name="Same person: merge").click()
    expect(page.get_by_text("No pair waits for you")).to_be_visible()

    page.goto(f"/customers/{people[1].id}/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("王小明")  # who has the order stayed
    page.get_by_role("link", name="Records").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo the merge").click()
    expect(page.get_by_text("Undone: both records are customers again.")).to_be_visible()
