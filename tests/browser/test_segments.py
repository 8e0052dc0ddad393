"""A segment made in the browser: conditions by keyboard, the live count, draft, review, published; axe in between."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NOW, OpenPage
from troth.access.actors import system_actor
from troth.customers import services as customers
from troth.segments import services
from troth.segments.models import Segment

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ACTOR = system_actor("test")
WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "count": "1 customer",
        "publish": "Review and publish",
        "confirm": "Publish",
        "sentence": "City is “Shanghai”",
    },
    "zh-hans": {"count": "1 位客户", "publish": "审核与发布", "confirm": "发布", "sentence": "城市是“Shanghai”"},
}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_segment_is_made_by_keyboard_and_published(open_page: OpenPage, language: str):
    words = WORDS[language]
    page = open_page("/segments/new/", language=language)
    for name, city in (("王小明", "Shanghai"), ("李芳", "Beijing")):
        customers.create_customer(actor=ACTOR, now=NOW, name=name, city=city)
    page.locator("#name").fill("Shanghai people")
    page.locator("#conditions button").first.press("Enter")
    row = page.locator(".condition-row")
    expect(row.locator("select").first).to_be_focused()
    row.locator("select").first.select_option("address.city")
    row.locator("input[type=text]").fill("Shanghai")
    expect(page.locator("#preview")).to_contain_text(words["count"])
    expect(page.locator("#preview")).to_contain_text(words["sentence"])
    expect(page.locator("#preview")).to_contain_text("王小明")
    assert json.loads(page.locator("#definition").input_value()) == {
        "all": [{"field": "address.city", "operator": "is", "value": "Shanghai"}]
    }
    page.get_by_role("button", name=words["publish"]).click()
    page.get_by_role("button", name=words["confirm"], exact=True).click()
    expect(page.locator("h1")).to_have_text("Shanghai people")
    assert Segment.objects.get().version_number == 1
    assert page.complaints == []


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_the_editor_keeps_a_nested_tree_and_is_accessible(
    open_page: OpenPage, axe: Callable[[Any], list[str]], theme: str, width: int
):
    tree = {
        "all": [
            {"field": "orders.count", "operator": "at_least", "value": 2, "with": {"channels": ["web"], "days": 90}},
            {
                "not": {
                    "any": [
                        {"field": "customer.birthday", "operator": "month_any_of", "value": [2, 3]},
                        {"field": "orders.spend", "operator": "between", "value": ["10", "500.5"]},
                    ]
                }
            },
        ]
    }
    page = open_page("/segments/", theme=theme, width=width)
    made = services.create_segment(actor=ACTOR, now=NOW, name="Nested", definition=tree)
    page.goto(f"/segments/{made.id}/edit/")
    expect(page.locator(".preview-count")).to_be_visible()
    assert json.loads(page.locator("#definition").input_value()) == tree
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for path in ("review/", "", "versions/"):
        page.goto(f"/segments/{made.id}/{path}")
        assert axe(page) == []
    assert page.complaints == []


def test_a_language_is_chosen_by_its_name(open_page: OpenPage):
    customers.create_customer(actor=ACTOR, now=NOW, name="王小明", language="zh-hans")
    customers.create_customer(actor=ACTOR, now=NOW, name="Ann Field", language="en")
    page = open_page("/segments/new/", language="en")
    page.locator("#conditions button").first.press("Enter")
    row = page.locator(".condition-row")
    row.locator("select").first.select_option("customer.language")
    row.locator(".condition-value select").select_option(label="Simplified Chinese")
    expect(page.locator("#preview")).to_contain_text("Language is Simplified Chinese")
    expect(page.locator("#preview")).to_contain_text("王小明")
    row.locator(".condition-operator").select_option("starts_with")
    row.locator("input[type=text]").fill("de-c")
    expect(page.locator("#preview")).to_contain_text("Language starts with “de-c”")
    row.locator(".condition-operator").select_option("is")
    expect(row.locator(".condition-value option:checked")).to_have_text("de-c")
    row.locator(".condition-operator").select_option("any_of")
    row.locator(".condition-value select").select_option("en")
    expect(row.locator(".chip")).to_contain_text("English")
    expect(page.locator("#preview")).to_contain_text("Ann Field")
    assert json.loads(page.locator("#definition").input_value()) == {
        "all": [{"field": "customer.language", "operator": "any_of", "value": ["en"]}]
    }
    assert page.complaints == []
