"""Points at the desk: a reward redeemed, an adjustment approved by a second person, a return, a campaign used."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.activity.orders import NewLine, NewOrder
from troth.customers import services as customers
from troth.kit.clock import utc_now
from troth.ledger import queries as ledger_queries
from troth.ledger import services as ledger
from troth.programs import services as programs
from troth.rewards import services as rewards
from troth.rewards.models import CouponUse, FulfilmentKind, Redemption, RewardKind
from troth.sales import services as sales
from troth.staff import queries as staff

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ACTOR = system_actor("test")
PROGRAMME = """
programme: club
name: {en: Club, zh: 会员俱乐部}
currency: %s
points: points
rules:
  - {code: base, name: {en: One each, zh: 每元一分}, effect: {type: points_per_amount, points: 1}}
"""
LOOKS = [("en", "light", 1440), ("zh-hans", "dark", 390)]


def member() -> tuple[UUID, UUID]:
    """Return somebody who bought two mugs for 200 and so has 200 points, and the order; a mug costs 80 of them."""
    now, money = utc_now(), staff.company().currency
    rules = ledger.CurrencyRules(name="Points", name_zh="积分", shortfall="arrears", adjust_approval_limit=100)
    ledger.create_currency(actor=ACTOR, now=now, code="points", rules=rules)
    start = now - timedelta(days=60)
    programs.establish(actor=ACTOR, now=now, text=PROGRAMME % money, effective_at=start, reviewed_by="user:reviewer")
    found = customers.create_customer(actor=ACTOR, now=now, name="王小明")
    line = NewLine(1, Decimal(2), Decimal(100), Decimal(200), name="Mug")
    order = NewOrder("pos", "A1", found.id, now - timedelta(days=3), money, (line,))
    (sold,) = sales.record_orders([order], actor=ACTOR, now=now)
    assert sold.order_id is not None
    price = rewards.PriceFields(points=80, point_currency="points", option="points")
    mug = rewards.RewardFields(
        code="mug", name="Mug", reward_kind=RewardKind.GOODS, prices=(price,), fulfilment=FulfilmentKind.INSTANT
    )
    made = rewards.create_reward(actor=ACTOR, now=now, fields=mug)
    rewards.offer_reward(actor=ACTOR, now=now, reward_id=made.id)
    return found.id, sold.order_id


def available(customer_id: UUID) -> int:
    return ledger_queries.balances([customer_id], "points", now=utc_now())[customer_id].available


SENTENCE_HAS_COME = """() => [...document.querySelectorAll("[hx-post][hx-trigger*=segment-changed]")].every((one) =>
  performance.getEntriesByName(new URL(one.getAttribute("hx-post"), location.href).href).length > 0)"""


def settled(page: Any) -> None:
    """Wait until the editor of conditions has drawn itself, and its sentence has faded in."""
    expect(page.locator("#conditions button").first).to_be_visible()
    page.wait_for_function(SENTENCE_HAS_COME)
    expect(page.locator(".htmx-request, .htmx-added, .htmx-settling")).to_have_count(0)


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_points_are_redeemed_adjusted_and_taken_back(
    open_page: OpenPage, axe: Callable[[Any], list[str]], language: str, theme: str, width: int
):
    look = {"language": language, "theme": theme, "width": width}
    page = open_page("/points/", role=Role.MANAGER, **look)
    assert axe(page) == []
    customer_id, order_id = member()
    page.goto(f"/customers/{customer_id}/rewards/")
    page.locator("[data-bs-target='#redeem-mug']").click()
    page.locator("#redeem-mug form button.btn-primary").click()
    expect(page.locator("main")).to_contain_text("Mug")
    assert Redemption.objects.count() == 1
    assert available(customer_id) == 120
    page.goto(f"/customers/{customer_id}/points/")
    assert axe(page) == []
    page.locator("[data-bs-target='#adjust']").click()
    page.locator("#adjust [name=amount]").fill("500")
    page.locator("#adjust form button.btn-primary").click()
    expect(page.locator(".note-warn")).to_be_visible()
    assert available(customer_id) == 120
    second = open_page("/points/requests/", role=Role.CONTROLLER, **look)
    assert axe(second) == []
    second.locator("button[value=approve]").click()
    expect(second.locator("button[value=approve]")).to_have_count(0)
    assert available(customer_id) == 620
    page.goto(f"/customers/{customer_id}/orders/{order_id}/return/")
    page.locator("[name=line-1]").fill("1")
    page.locator("button[value=show]").click()
    expect(page.locator("button[value=record]")).to_be_visible()
    assert axe(page) == []
    assert available(customer_id) == 620
    page.locator("button[value=record]").click()
    expect(page.locator(".statement")).to_be_visible()
    assert available(customer_id) == 520
    for path in ("/points/", "/points/people/?currency=points", "/points/movements/?currency=points"):
        page.goto(path)
        assert axe(page) == [], path
    assert (page.complaints, second.complaints) == ([], [])


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_a_campaign_is_made_started_and_its_code_used(
    open_page: OpenPage, axe: Callable[[Any], list[str]], language: str, theme: str, width: int
):
    page = open_page("/coupons/new/", language=language, theme=theme, width=width)
    settled(page)
    assert axe(page) == []
    form = page.locator("#campaign-form")
    form.locator("[name=name]").fill("Hello")
    form.locator("[name=code]").fill("hello")
    form.locator("[name=benefit]").select_option("percent")
    form.locator("[name=percent]").fill("10")
    form.locator("[name=code_kind]").select_option("generic")
    form.locator("[name=generic_code]").fill("HELLO10")
    form.locator("button.btn-primary").last.click()
    page.locator("[data-bs-target='#start']").click()
    page.locator("#start form button.btn-primary").click()
    expect(page.locator("button[value=pause]").first).to_be_attached()
    assert axe(page) == []
    customer = customers.create_customer(actor=ACTOR, now=utc_now(), name="王小明")
    page.goto("/coupons/codes/?code=hello10")
    page.locator("main [name=customer]").fill(f"/customers/{customer.id}/")
    page.locator("main [name=discount]").fill("12.50")
    assert axe(page) == []
    page.locator("button[value=redeem]").click()
    expect(page.locator("main")).to_contain_text("12.50")
    use = CouponUse.objects.get()
    assert (use.state, use.discount_amount, use.owner_id) == ("redeemed", Decimal("12.5"), customer.id)
    assert page.complaints == []


@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_currencies_and_rewards_are_edited(
    open_page: OpenPage, axe: Callable[[Any], list[str]], language: str, theme: str, width: int
):
    page = open_page("/points/currencies/new/", language=language, theme=theme, width=width)
    assert axe(page) == []
    member()
    page.goto("/points/currencies/points/expiry/")
    page.locator("[name=expiry_kind]").select_option("days")
    page.locator("[name=expiry_count]").fill("400")
    page.locator("button[value=show]").click()
    expect(page.locator("button[value=ask]")).to_be_visible()
    assert axe(page) == []
    page.goto("/rewards/catalogue/mug/edit/")
    settled(page)
    assert axe(page) == []
    assert page.complaints == []
