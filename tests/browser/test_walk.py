"""The main walk of a newcomer, in both languages: files in, measured, seen on the overview, one customer opened."""

import pytest
from playwright.sync_api import expect

from troth.access.actors import system_actor
from troth.imports.models import ImportRun
from troth.insights import services as insights
from troth.jobs import running
from troth.kit import clock

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CUSTOMERS = """客户编号,姓名,手机号,城市
C1,李娜,13800000001,上海
C2,王强,不是号码,北京
C3,赵敏,13800000003,杭州
"""
ORDERS = """订单号,客户编号,下单时间,实付金额
A1,C1,2026-01-05 10:00,19.90
A2,C3,2026-01-06,5.00
A3,C1,2026-02-06,30.10
"""
WORDS = {
    "en": {"look": "Look at the file", "try": "Try it out", "start": "Import", "now": "Import it now"}
    | {"all": "Every row is in."},
    "zh-hans": {"look": "查看文件", "try": "试导入", "start": "导入", "now": "正式导入", "all": "所有行均已导入。"},
}


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.LAKE_DIR = tmp_path / "lake"


def upload(page, words, name, text):
    page.goto("/imports/")
    page.set_input_files("input[type=file]", {"name": name, "mimeType": "text/csv", "buffer": text.encode("gb18030")})
    page.get_by_role("button", name=words["look"]).click()
    expect(page.locator("h1")).to_have_text(name)


def work_off(page):
    """Do what the worker would do; the page comes anew by itself when the import is over."""
    expect(page.locator(".job-progress")).to_be_visible()
    running.run(ImportRun.objects.latest("created_at").job_id)
    expect(page.locator(".kpis")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_from_two_files_to_a_customer(open_page, axe, language):
    words = WORDS[language]
    page = open_page("/imports/", language=language)
    upload(page, words, "customers.csv", CUSTOMERS)
    expect(page.locator("#column-2")).to_have_value("phone")
    expect(page.locator("td.is-emptied")).to_contain_text("不是号码")
    assert axe(page) == []
    page.get_by_role("button", name=words["try"]).click()
    work_off(page)
    assert axe(page) == []
    page.get_by_role("button", name=words["now"]).click()
    work_off(page)
    expect(page.locator(".kpis")).to_contain_text("3")
    upload(page, words, "orders.csv", ORDERS)
    page.get_by_role("main").get_by_role("button", name=words["start"], exact=True).click()
    page.locator("#start").get_by_role("button", name=words["start"], exact=True).click()
    work_off(page)
    expect(page.get_by_text(words["all"])).to_be_visible()
    insights.analyse(actor=system_actor("test"), now=clock.utc_now())
    page.goto("/overview/")
    expect(page.locator("h1")).to_be_visible()
    assert axe(page) == []
    page.goto("/customers/")
    page.get_by_role("link", name="李娜").first.click()
    expect(page.locator("h1")).to_contain_text("李娜")
    expect(page.locator("main")).to_contain_text("50.00")
    assert page.complaints == []


def test_a_change_of_meaning_is_judged_at_once(open_page):
    page = open_page("/imports/")
    upload(page, WORDS["en"], "customers.csv", CUSTOMERS)
    expect(page.locator("td.is-emptied")).to_have_count(1)
    page.select_option("#column-2", "")
    expect(page.locator("td.is-emptied")).to_have_count(0)
    with page.expect_response(lambda answer: answer.request.method == "POST"):  # a reload would break it off
        page.select_option("#column-2", "district")
    page.reload()
    expect(page.locator("#column-2")).to_have_value("district")
