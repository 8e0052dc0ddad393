"""A survey from an empty page to its results, on a phone, in Chinese; answered where no script runs."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from tests.browser.conftest import OpenPage
from troth.voice.models import Answer, AnswerSheet, Survey

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE: ViewportSize = {"width": 390, "height": 844}
FIRST_LOAD_BYTES = 60 * 1024


def look(page: Any, axe: Callable[[Any], list[str]]) -> None:
    """Check that a phone shows the page whole and that axe has nothing to say."""
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert axe(page) == []


def ask(page: Any, place: int, kind: str, text: str) -> str:
    """Add a question to a page of the survey by its buttons, write it in Chinese, and return its code."""
    adding = page.locator(".survey-add").nth(place)
    adding.locator("select").select_option(kind)
    adding.locator("button").click()
    page.wait_for_url("**/edit/question/*/")
    code = str(page.url.rstrip("/").rsplit("/", 1)[1])
    page.locator("#text_zh").fill(text)
    return code


def save(page: Any) -> None:
    """Save the form of a question or page and wait until the survey is shown again."""
    page.locator("main form .btn-primary").click()
    page.wait_for_url("**/edit/*#*")


def write(page: Any, axe: Callable[[Any], list[str]]) -> None:
    """Write a survey from nothing: a score, and why, only of who gives a low one."""
    page.locator("#name").fill("After the visit")
    page.locator("#name_zh").fill("到店回访")
    page.locator("#kind").select_option("nps")
    look(page, axe)
    page.locator("main form .btn-primary").click()
    page.wait_for_url("**/edit/")
    look(page, axe)
    score = ask(page, 0, "nps", "您会向朋友推荐我们吗？")
    page.locator("[name=is_required]").check()
    look(page, axe)
    save(page)
    page.locator("#main-question").select_option(score)
    page.locator("#title_zh").fill("这次感觉怎么样？")
    page.locator("#thanks_zh").fill("每一份答卷我们都会看。")
    page.locator("form:has(#main-question) .btn").first.click()
    page.wait_for_load_state()
    page.locator("form:has([name=act][value=add_page]) button").click()
    page.wait_for_load_state()
    ask(page, 1, "text", "哪里没做好？")
    page.locator(".conditions button").first.click()
    row = page.locator(".condition-row")
    row.locator("select").first.select_option(f"answers.{score}")
    row.locator("select").nth(1).select_option("at_most")
    row.locator("input").last.fill("6")
    look(page, axe)
    save(page)
    look(page, axe)


def answer(browser: Browser, address: str) -> None:
    """Answer where no script runs: leave after the first page, come back, finish; what is loaded at first is small."""
    context = browser.new_context(viewport=PHONE, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    answers: list[Any] = []

    def keep(response: Any) -> None:
        answers.append(response)

    page.on("response", keep)
    page.goto(address, wait_until="networkidle")
    loaded = [len(one.body()) for one in answers]
    assert len(loaded) > 1
    assert sum(loaded) <= FIRST_LOAD_BYTES
    expect(page.locator("h1")).to_have_text("这次感觉怎么样？")
    expect(page.locator("button[type=submit]")).to_have_text("继续")
    page.locator("button[type=submit]").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("3", exact=True).check()
    page.locator("button[type=submit]").click()
    expect(page.locator("textarea")).to_be_visible()
    sheet = AnswerSheet.objects.get()
    assert (sheet.state, Answer.objects.get(sheet_id=sheet.id).number) == ("partial", 3)
    page.close()

    page = context.new_page()
    page.goto(address)
    page.locator("textarea").fill("排队太久")
    page.locator("button[type=submit]").click()
    expect(page.locator(".p-card")).to_contain_text("每一份答卷我们都会看。")
    sheet.refresh_from_db()
    assert (sheet.state, sheet.score) == ("complete", 3)
    context.close()


def test_from_an_empty_page_to_results_on_a_phone(
    open_page: OpenPage, axe: Callable[[Any], list[str]], browser: Browser, live_server: Any
):
    page = open_page("/surveys/new/", language="zh-hans", width=PHONE["width"])
    write(page, axe)
    expect(page.locator(".note-warn")).to_have_count(0)
    page.locator("form[action$='/publish/'] button").click()
    page.wait_for_load_state()
    survey = Survey.objects.get()
    assert (survey.state, survey.version_number) == ("open", 1)
    page.goto(f"/surveys/{survey.id}/settings/")
    page.locator("[name=has_open_link]").check()
    page.locator("main form:has([name=has_open_link]) .btn-primary").click()
    expect(page.locator(".survey-code")).to_be_visible()
    look(page, axe)
    page.goto(f"/surveys/{survey.id}/")
    look(page, axe)
    survey.refresh_from_db()
    address = f"{live_server.url}/p/o/{survey.open_token}/"
    answer(browser, address)
    page.reload()
    look(page, axe)
    page.goto(f"/surveys/{survey.id}/answers/")
    expect(page.locator("tbody")).to_contain_text("排队太久")
    look(page, axe)
    assert page.complaints == []
