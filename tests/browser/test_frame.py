import re

import pytest
from django.utils import translation
from playwright.sync_api import expect

from troth.access.permissions import Role
from troth.console import charts, formats

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_pictures_are_drawn_with_tooltips_and_redrawn_in_the_other_theme(open_page):
    page = open_page("/components/")
    chart = page.locator("#sample-trend [data-chart]")
    expect(chart).to_have_attribute("data-drawn", "light")
    box = chart.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
    expect(page.locator(".chart-tip").first).to_contain_text("Orders")
    page.get_by_role("button", name="Light or dark").click()
    page.get_by_role("button", name="Dark", exact=True).click()
    expect(chart).to_have_attribute("data-drawn", "dark")
    page.wait_for_load_state("networkidle")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert page.complaints == []


def test_paper_is_white(open_page):
    page = open_page("/components/", theme="dark")
    last = page.locator("#sample-bars [data-chart]")
    expect(page.locator("#sample-trend [data-chart]")).to_have_attribute("data-drawn", "dark")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(last).to_have_attribute("data-drawn", "light")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(last).to_have_attribute("data-drawn", "dark")


def test_a_picture_keeps_its_size(open_page):
    page = open_page("/components/")
    chart = page.locator("#sample-trend [data-chart]")
    expect(chart).to_have_attribute("data-drawn", "light")
    before = chart.bounding_box()
    page.wait_for_timeout(600)
    assert chart.bounding_box() == before


def test_the_table_and_the_csv_hold_the_numbers_of_the_picture(open_page):
    page = open_page("/components/")
    card = page.locator("#sample-heatmap")
    card.get_by_role("button", name="Table").click()
    expect(card.locator(".chart-table")).to_be_visible()
    expect(card.locator("[data-chart]")).to_be_hidden()
    with page.expect_download() as download:
        card.get_by_role("button", name="Download these numbers as CSV").click()
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert download.value.suggested_filename == "sample-heatmap.csv"
    assert lines[:2] == ["Month,+0,+1,+2,+3,+4,+5", "2017-01,1.0,0.62,0.5,0.44,0.41,0.4"]


def test_everything_can_be_found_without_a_mouse(open_page):
    page = open_page("/settings/company/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type("background")
    expect(page.get_by_role("option", name=re.compile("Background jobs"))).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/jobs/")


def test_the_language_is_switched_and_kept(open_page):
    page = open_page("/settings/jobs/")
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("后台任务")
    page.goto("/settings/company/")
    expect(page.get_by_role("heading", level=1)).to_have_text("公司设置")


def test_the_navigation_slides_in_on_a_phone(open_page):
    page = open_page("/settings/jobs/", width=390)
    expect(page.get_by_role("link", name="Company settings")).to_be_hidden()
    page.get_by_role("button", name="Open the navigation").click()
    page.get_by_role("link", name="Company settings").click()
    page.wait_for_url("**/settings/company/")


def test_an_invitation_is_asked_made_and_taken(open_page):
    page = open_page("/settings/staff/invite/")
    page.get_by_label("E-mail").fill("new@example.org")
    page.get_by_label("Name").fill("Neu")
    page.get_by_role("button", name="Make the login").click()
    link = page.locator(".copy code").inner_text()
    guest = open_page(link, role=None)
    guest.get_by_role("button", name="Come in").click()
    expect(guest.get_by_role("heading", level=1)).to_have_text("Set a password")
    guest.get_by_label("New password", exact=True).fill("long enough words")
    guest.get_by_label("New password, once more").fill("long enough words")
    guest.get_by_role("button", name="Set the password").click()
    guest.wait_for_load_state("networkidle")
    guest.goto("/settings/company/")
    expect(guest.get_by_role("heading", level=1)).to_have_text("You may not open this")


def test_a_dangerous_act_asks_first(open_page):
    page = open_page("/components/")
    page.get_by_role("button", name="Question").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Delete 12 records?")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_a_clerk_sees_no_settings(open_page):
    page = open_page("/no/such/page/", role=Role.CLERK)
    page.goto("/search/?q=")
    expect(page.locator("body")).not_to_contain_text("Company settings")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_charts_write_numbers_as_the_server_does(open_page, language):
    page = open_page("/account/login/", role=None, language=language)
    values = [
        0,
        0.25,
        9.96,
        10.4,
        9_999,
        9_999.6,
        12_345,
        99_960,
        950_000,
        999_499,
        999_500,
        12_345_678,
        99_995_000,
        1.2e9,
        -12_345,
    ]
    shares = [0.285, 0.1235, -0.5, 0.99999, 0.00001]
    with translation.override(language):
        expected = {
            "compact": [formats.compact(value) for value in values],
            "money": [formats.money(value, "CNY") for value in values],
            "short": [formats.money_compact(value, "CNY") for value in values],
            "percent": [formats.percent(share, 1) for share in shares],
        }
    say = "([values, spec]) => values.map((value) => window.troth.say(value, spec))"
    drawn = {
        "compact": page.evaluate(say, [values, charts.compact()]),
        "money": page.evaluate(say, [values, charts.money("¥")]),
        "short": page.evaluate(say, [values, charts.money_compact("¥")]),
        "percent": page.evaluate(say, [shares, charts.percent(1)]),
    }
    assert drawn == expected
