"""The walk of a file: looked at, its columns named, tried, imported, reported."""

import io
from datetime import UTC, datetime

import pytest
from django.conf import settings

from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.activity.models import Order
from troth.customers.models import Customer, Identity
from troth.imports.models import ImportRun
from troth.jobs import running
from troth.jobs import services as jobs
from troth.jobs.models import Job, JobStatus
from troth.ledger import services as ledger
from troth.ledger.models import Account
from troth.programs import services as programs
from troth.staff.models import Company

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CUSTOMERS = "客户编号,姓名,手机号,城市\nC1,李娜,13800000001,上海\nC2,王强,不是号码,北京\n"
ORDERS = "order_id,customer_id,date,total\nA1,C1,2026-01-05,19.90\nA2,C9,2026-01-06,5.00\n"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path)


@pytest.fixture
def browser(sign_in):
    return sign_in(Role.MANAGER)


def sent(browser, text, name="file.csv"):
    file = io.BytesIO(text.encode())
    file.name = name
    return browser.post("/imports/upload/", {"file": file, "shape": ""})


def run_of(response) -> ImportRun:
    return ImportRun.objects.get(id=response.url.rstrip("/").split("/")[-1])


def imported(browser, run, **data):
    browser.post(f"/imports/{run.id}/start/", data)
    run.refresh_from_db()
    running.run(run.job_id)
    return browser.get(f"/imports/{run.id}/").content.decode()


@pytest.mark.slow
def test_columns_are_guessed_and_the_first_rows_shown_with_what_is_wrong(browser):
    response = sent(browser, CUSTOMERS)
    html = browser.get(response.url).content.decode()
    assert '<option value="phone" selected>' in html
    assert '<option value="city" selected>' in html
    assert "One cell of the rows shown would be left empty" in html
    assert not Customer.objects.exists()


@pytest.mark.slow
def test_a_trial_writes_nothing_and_the_import_after_it_does(browser):
    run = run_of(sent(browser, CUSTOMERS))
    tried = imported(browser, run, dry_run="1")
    assert "nothing was written" in tried
    assert not Customer.objects.exists()
    done = imported(browser, run)
    assert Customer.objects.count() == 2
    assert "Every row is in, some without cells that could not be read." in done
    assert "Not a phone number." in done
    assert "不是号码" in done
    answer = browser.get(f"/imports/{run.id}/noted/")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "3,手机号,不是号码," in text
    assert browser.get(f"/imports/{run.id}/refused/").status_code == 404


@pytest.mark.slow
def test_phone_numbers_of_another_country_than_the_companys_can_be_read(browser):
    Company.objects.update(country="US")
    run = run_of(sent(browser, CUSTOMERS))
    page = browser.get(f"/imports/{run.id}/").content.decode()
    assert '<option value="US" selected>United States</option>' in page
    assert "2 cells of the rows shown would be left empty" in page
    form = {"reading": "1", "shape": "customers", "source": "main", "date_order": "auto", "time_zone": "Asia/Shanghai"}
    refused = browser.post(f"/imports/{run.id}/choose/", form | {"country": "XY"})
    run.refresh_from_db()
    assert (refused.status_code, run.options["country"]) == (422, "US")
    browser.post(f"/imports/{run.id}/choose/", form | {"country": "CN", "header_row": "1", "encoding": "utf-8"})
    assert "One cell of the rows shown would be left empty" in browser.get(f"/imports/{run.id}/").content.decode()
    run.refresh_from_db()
    imported(browser, run)
    assert list(Identity.objects.filter(identity_kind="phone").values_list("value", flat=True)) == ["+8613800000001"]


@pytest.mark.slow
def test_the_columns_can_be_changed_before_and_after_a_trial(browser):
    run = run_of(sent(browser, CUSTOMERS))
    named = {"column-0": "customer_id", "column-1": "name", "column-2": "", "column-3": "district"}
    browser.post(f"/imports/{run.id}/choose/", named)
    imported(browser, run, dry_run="1")
    html = browser.get(f"/imports/{run.id}/?columns=1").content.decode()
    assert '<option value="district" selected>' in html
    run.refresh_from_db()
    assert run.options["mapping"] == {"customer_id": 0, "name": 1, "district": 3}


@pytest.mark.slow
def test_one_meaning_for_two_columns_is_refused_and_nothing_changes(browser):
    run = run_of(sent(browser, ORDERS))
    before = run.options
    html = browser.post(f"/imports/{run.id}/choose/", {"reading": "1", "shape": "no such"}).content.decode()
    assert "Select a valid choice" in html
    run.refresh_from_db()
    assert run.options == before


@pytest.mark.slow
def test_without_a_needed_column_it_cannot_start_and_says_which(browser):
    run = run_of(sent(browser, ORDERS))
    browser.post(f"/imports/{run.id}/choose/", {"column-0": "order_id", "column-1": "customer_id"})
    html = browser.get(f"/imports/{run.id}/").content.decode()
    assert "Before it can start" in html
    assert "Date of the order" in html
    browser.post(f"/imports/{run.id}/start/")
    assert not Job.objects.exists()


@pytest.mark.slow
def test_the_file_of_refused_rows_holds_the_reason_and_the_original_cells(browser):
    imported(browser, run_of(sent(browser, CUSTOMERS)))
    run = run_of(sent(browser, ORDERS))
    imported(browser, run)
    assert list(Order.objects.values_list("external_id", flat=True)) == ["A1"]
    answer = browser.get(f"/imports/{run.id}/refused/")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "A2,C9,2026-01-06,5.00" in text
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_file_that_is_none_is_refused_in_words_and_nothing_is_kept(browser, tmp_path):
    answer = sent(browser, "", name="empty.csv")
    assert answer.status_code == 422
    assert "empty" in answer.content.decode()
    assert not ImportRun.objects.exists()


@pytest.mark.slow
def test_a_stopped_import_offers_to_go_on(browser):
    run = run_of(sent(browser, CUSTOMERS))
    browser.post(f"/imports/{run.id}/start/")
    browser.post(f"/imports/{run.id}/cancel/")
    html = browser.get(f"/imports/{run.id}/").content.decode()
    assert "It was stopped" in html
    browser.post(f"/imports/{run.id}/resume/")
    run.refresh_from_db()
    assert Job.objects.get(id=run.job_id).status == JobStatus.QUEUED
    running.run(run.job_id)
    assert Customer.objects.count() == 2


@pytest.mark.slow
def test_the_progress_bar_asks_again_until_it_is_over(browser):
    run = run_of(sent(browser, CUSTOMERS))
    browser.post(f"/imports/{run.id}/start/")
    run.refresh_from_db()
    waiting = browser.get(f"/imports/{run.id}/progress/")
    assert "hx-get" in waiting.content.decode()
    jobs.cancel(run.job_id, actor=system_actor("test"), now=NOW)
    over = browser.get(f"/imports/{run.id}/progress/")
    assert over.headers["HX-Refresh"] == "true"


def test_a_file_can_be_removed_before_it_is_imported(browser):
    run = run_of(sent(browser, CUSTOMERS))
    browser.post(f"/imports/{run.id}/discard/")
    assert not ImportRun.objects.exists()
    assert not run.folder.exists()


@pytest.mark.parametrize("role", [Role.AGENT, Role.CLERK, Role.ANALYST])
def test_who_may_not_import_sees_a_closed_door(sign_in, role):
    assert sign_in(role).get("/imports/").status_code == 403


@pytest.mark.slow
def test_the_screens_speak_chinese(sign_in):
    browser = sign_in(Role.MANAGER, language="zh-hans")
    html = browser.get(sent(browser, CUSTOMERS).url).content.decode()
    assert "每一列的含义" in html
    assert "试导入" in html


PROGRAMME = """
programme: club
name: Tea club
currency: CNY
rules:
  - {code: base, name: Base, effect: {type: points_per_amount, points: 1}}
"""


@pytest.mark.slow
def test_that_orders_earn_is_a_choice_whose_effect_is_told(browser):
    imported(browser, run_of(sent(browser, CUSTOMERS)))
    run = run_of(sent(browser, ORDERS))
    page = browser.get(f"/imports/{run.id}/").content.decode()
    assert "No programme is in force, so the orders cannot earn." in page
    browser.post(f"/imports/{run.id}/choose/", {"earning": "yes"})
    browser.post(f"/imports/{run.id}/start/")
    run.refresh_from_db()
    assert (run.options["is_earning"], run.job_id, Order.objects.count()) == (True, None, 0)

    actor = system_actor("test")
    ledger.create_currency(actor=actor, now=NOW, code="points", rules=ledger.CurrencyRules(name="Points"))
    programs.establish(
        actor=actor, now=NOW, text=PROGRAMME, effective_at=datetime(2026, 1, 1, tzinfo=UTC), reviewed_by="user:reviewer"
    )
    page = browser.get(f"/imports/{run.id}/").content.decode()
    assert "By Tea club: oldest order first" in page
    assert "The orders earn points: oldest first" in page
    imported(browser, run)
    assert list(Order.objects.values_list("external_id", "is_history")) == [("A1", False)]
    assert list(Account.objects.values_list("balance", flat=True)) == [19]


@pytest.mark.slow
def test_customers_have_nothing_to_earn(browser):
    page = browser.get(f"/imports/{run_of(sent(browser, CUSTOMERS)).id}/").content.decode()
    assert "They earn points" not in page


@pytest.mark.slow
def test_a_column_that_stays_out_can_become_an_attribute_of_the_customers(browser):
    said, link = "What stays out below can be kept too", 'href="/settings/attributes/"'
    page = sent(browser, "name,phone,shoe\nLin,13800138000,38\n").url
    before = browser.get(page).content.decode()
    assert said in before
    assert link in before

    size = {"label": "Shoe", "code": "shoe", "attribute_type": "number", "is_active": "on"}
    browser.post("/settings/attributes/new/", size)
    assert '<option value="attribute:shoe"' in browser.get(page).content.decode()

    known = sent(browser, "name,phone\nLin,13800138000\n").url
    assert said not in browser.get(known).content.decode()
