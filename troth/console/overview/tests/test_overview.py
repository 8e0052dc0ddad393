"""The overview: every state it can be in, its numbers, and where they lead."""

import re
from datetime import date, timedelta
from urllib.parse import unquote

import pytest
from django.urls import reverse

from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.insights import services
from troth.insights.models import AnalysisRun, RunStatus
from troth.insights.tests.making import NOW, make_customer, make_order
from troth.jobs.models import Job
from troth.ledger import operations as ops
from troth.ledger import services as ledger
from troth.ledger.currencies import CurrencyRules
from troth.messaging.channels import setups
from troth.programs import services as programs
from troth.programs.tests.making import BASE, HEAD

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 1)
ACTOR = system_actor("test")
URL = "/overview/"
MAIL = {"host": "127.0.0.1", "security": "none", "sender": "a@example.com"}


@pytest.fixture(autouse=True)
def lake(tmp_path, settings, company):
    settings.LAKE_DIR = tmp_path
    company.as_of_date = TODAY
    company.save()
    return tmp_path


@pytest.fixture
def people():
    """One who stays, one who falls asleep, one who is new."""
    stays, sleeps, comes = (make_customer(name=name) for name in ("Stay Stone", "Sleep Stone", "New Stone"))
    for customer, days in ((stays, (90, 60, 31, 5)), (sleeps, (84, 77, 70, 63, 56, 49, 42, 40)), (comes, (4,))):
        for day in days:
            make_order(customer, TODAY - timedelta(days=day), "100")
    return stays, sleeps, comes


def analyse():
    return services.analyse(actor=ACTOR, now=NOW)


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_without_orders_it_says_how_to_get_there(sign_in):
    page = sign_in().get(URL)

    assert page.status_code == 200
    assert "No orders yet" in text(page)
    assert "Analyse now" not in text(page)
    assert [(step.link, step.icon) for step in page.context["first_steps"]] == [
        ("Change it if it is wrong", "building-store"),
        ("Import customers", "users"),
        ("Import orders", "shopping-cart"),
        ("Set up a channel", "send"),
        ("Invite somebody", "user-plus"),
    ]


def test_first_steps_tell_what_is_done_and_leave_out_what_somebody_may_not(sign_in, people):
    setups.save_setup(actor=ACTOR, now=NOW, code="email", is_enabled=True, values=MAIL)
    steps = sign_in(Role.MANAGER).get(URL).context["first_steps"]

    assert [(step.text, step.icon) for step in steps] == [
        ("Customers are here.", "circle-check"),
        ("Orders are here.", "circle-check"),
        ("A channel to your customers is in use.", "circle-check"),
    ]


def emptily_analysed():
    """An analysis of every night, before anything was imported."""
    return AnalysisRun.objects.create(
        as_of_date=TODAY,
        status=RunStatus.DONE,
        settings=services.settings_in_force(actor=ACTOR, now=NOW),
        currency="CNY",
        started_at=NOW,
        finished_at=NOW,
        started_by="test",
    )


def test_an_analysis_of_nothing_still_says_how_to_get_orders(sign_in):
    emptily_analysed()
    browser = sign_in()

    overview, pyramid = text(browser.get(URL)), text(browser.get("/value/pyramid/"))

    assert "No orders yet" in overview
    assert "Import orders" in overview
    assert "As of" not in overview
    assert "There are no orders yet" in pyramid
    assert "Import orders" in pyramid


def test_orders_that_came_after_an_analysis_of_nothing_are_to_be_analysed(sign_in):
    emptily_analysed()
    make_order(make_customer(name="First Stone"), TODAY, "100", at=NOW + timedelta(hours=1))

    page = text(sign_in().get(URL))

    assert "Orders are here, not analysed yet" in page
    assert "Analyse now" in page


@pytest.mark.slow
def test_with_orders_it_offers_the_analysis(sign_in, people):
    browser = sign_in()
    assert "Orders are here, not analysed yet" in text(browser.get(URL))

    browser.post(reverse("value:analyse"))

    assert Job.objects.get().name == "insights.analyse"
    assert "The first analysis is running" in text(browser.get(URL))


def test_asking_twice_starts_one_analysis(sign_in, people):
    browser = sign_in()
    browser.post(reverse("value:analyse"))

    page = browser.post(reverse("value:analyse"), follow=True)

    assert Job.objects.count() == 1
    assert "is already waiting or running" in text(page)


def test_who_may_not_run_it_is_not_offered_it(sign_in, people):
    browser = sign_in(Role.AGENT)

    assert "Analyse now" not in text(browser.get(URL))
    assert browser.post(reverse("value:analyse")).status_code == 403
    assert Job.objects.count() == 0


def test_a_clerk_does_not_see_it(sign_in):
    assert sign_in(Role.CLERK).get(URL).status_code == 403


@pytest.mark.slow
def test_its_numbers_are_those_of_the_analysis(sign_in, people):
    analyse()

    said = text(sign_in().get(URL))

    assert re.search(r"Active customers 2 ", said)
    assert re.search(r"Revenue, 12 months ¥1,300 ", said)
    assert re.search(r"Profit, 12 months ¥390 ", said)
    assert re.search(r"New customers, 30 days 1 ", said)
    assert "Profit is assumed: no costs are known, so a margin of 30% is taken." in said
    assert "In 30 days 1 active customer fell asleep and 0 were lost." in said


@pytest.mark.slow
def test_every_number_leads_to_as_many_people(sign_in, people):
    run = analyse()
    browser = sign_in()
    steps = {row[0]: abs(row[1]) for row in run.frames.get(name="waterfall").rows}
    page = browser.get(URL).content.decode()

    for query, count in (
        ("status=all_active", steps["end"]),
        ("status_before=all_active", steps["start"]),
        ("status_before=unknown&status=all_active", steps["new"]),
        ("status_before=all_active&status=sleeping", steps["to_sleeping"]),
        ("first_within=30", 1),
        ("bought_within=365", 3),
        ("first_month=2026-02-01&bought_month=2026-02-01", 1),
    ):
        assert f"/value/people/?{query}" in unquote(page).replace("&amp;", "&").replace("\\u0026", "&")
        assert f"{count} customer" in text(browser.get(f"/value/people/?{query}"))


@pytest.mark.slow
def test_a_run_without_its_reports_is_as_none(sign_in, people):
    run = analyse()
    run.frames.all().delete()

    page = sign_in().get(URL)

    assert page.status_code == 200
    assert "Orders are here, not analysed yet" in text(page)
    assert "Active customers" not in text(page)


@pytest.mark.slow
def test_new_orders_make_it_outdated(sign_in, people):
    analyse()
    browser = sign_in()
    assert "Orders have come in" not in text(browser.get(URL))

    make_order(people[0], TODAY, at=NOW + timedelta(hours=5))

    assert "Orders have come in since the last analysis." in text(browser.get(URL))


@pytest.mark.slow
def test_new_settings_are_told(sign_in, people):
    analyse()
    services.change_settings(actor=ACTOR, now=NOW, rhythm={"floor_days": 20})

    assert "still measured by the old ones" in text(sign_in().get(URL))


@pytest.mark.slow
def test_a_failed_analysis_is_told_and_the_old_numbers_stay(sign_in, people):
    run = analyse()
    AnalysisRun.objects.create(
        as_of_date=TODAY, settings=run.settings, currency="CNY", status="failed", error_message="the disk is full",
        started_at=NOW + timedelta(hours=1), started_by="test",
    )  # fmt: skip

    said = text(sign_in().get(URL))

    assert "The last analysis failed." in said
    assert "the disk is full" in said
    assert "Value pyramid" in said


@pytest.mark.slow
def test_progress_loads_the_page_anew_when_it_is_over(sign_in, people):
    browser = sign_in()
    browser.post(reverse("value:analyse"))
    job = Job.objects.get()
    url = reverse("value:progress", args=[job.id])
    assert "job-progress" in browser.get(url).content.decode()

    Job.objects.update(status="succeeded")

    assert browser.get(url).headers["HX-Refresh"] == "true"


@pytest.mark.slow
def test_names_are_masked_for_who_may_not_see_them(sign_in, people):
    analyse()

    assert "Stay Stone" in sign_in().get(URL).content.decode()
    page = sign_in(Role.ANALYST).get(URL).content.decode()
    assert "Stay Stone" not in page


@pytest.mark.slow
def test_it_speaks_chinese(sign_in, people):
    analyse()

    said = text(sign_in(language="zh-hans").get(URL))

    assert "活跃客户" in said
    assert "近 30 天有 1 位活跃客户转为沉睡" in said
    assert not re.search(r"Active customers|Value pyramid", said)


@pytest.mark.slow
def test_who_may_review_is_told_of_a_draft_that_another_person_submitted(sign_in):
    writer, reviewer = sign_in(Role.MANAGER), sign_in(Role.CONTROLLER)
    programme = programs.create_programme(actor=writer.user.actor, now=NOW, text=HEAD + BASE)
    assert "Waiting for you" not in text(reviewer.get(URL))
    programs.submit_draft(actor=writer.user.actor, now=NOW, programme_id=programme.id)

    page = reviewer.get(URL)

    assert f"manager en submitted a draft of “{programme}”. Another person has to review it." in text(page)
    assert f'href="{reverse("programmes:review", args=[programme.id])}"' in page.content.decode()
    assert "Waiting for you" not in text(writer.get(URL))
    assert "Waiting for you" not in text(sign_in(Role.ANALYST).get(URL))
    programs.review_draft(actor=reviewer.user.actor, now=NOW, programme_id=programme.id, is_approved=True)
    assert "is approved, and in force once it is published. To the publication" in text(writer.get(URL))


@pytest.mark.slow
def test_requests_about_points_wait_for_somebody_else(sign_in):
    asker, other = sign_in(), sign_in(Role.CONTROLLER)
    actor = asker.user.actor
    ledger.create_currency(actor=actor, now=NOW, code="points", rules=CurrencyRules(name="P", adjust_approval_limit=1))
    ledger.request_expiry_change(actor=actor, now=NOW, currency="points", expiry_kind="never", expiry_count=0)
    owner = ops.Owner("customer", make_customer())
    given = {"currency": "points", "reason": ops.Reason("goodwill"), "occurred_at": NOW}
    ledger.request_adjustment(actor=actor, now=NOW, operation=ops.Adjust(key="k", owner=owner, amount=5, **given))

    assert "2 requests about points wait for a second person. Decide" in text(other.get(URL))
    assert "Waiting for you" not in text(asker.get(URL))
