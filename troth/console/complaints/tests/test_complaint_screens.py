"""Complaints at the desk: the board, a case from end to end, causes, settings."""

import re
from typing import Any

import pytest

from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.kit.clock import business_date, utc_now
from troth.staff import queries as staff
from troth.staff.models import StaffMember
from troth.voice.complaints import queries, services
from troth.voice.models import (
    Case,
    CaseCategory,
    CasePolicyVersion,
    CaseRemedy,
    Improvement,
    RecoveryReport,
    WorkCalendarVersion,
)
from troth.voice.surveys.services import create_survey

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(sign_in: Any) -> Any:
    return sign_in()


def open_case(desk: Any, **changes: str) -> Any:
    key = re.search(r'name="key" value="([^"]+)"', desk.get("/complaints/new/").content.decode())
    assert key
    form = {"key": key[1], "channel": "phone", "text": "Broken <b>ring</b>", "category": "product-defect"}
    form |= {"email": "a@example.com", "name": "Ann", "is_told": "1"}
    assert desk.post("/complaints/new/", form | changes).status_code == 302
    return Case.objects.order_by("-opened_at").first()


def act(desk: Any, case: Case, name: str, **form: str) -> Any:
    came_from = f"http://testserver/complaints/{case.number}/"
    answer = desk.post(f"/complaints/{case.number}/{name}/", form, HTTP_REFERER=came_from)
    assert answer.status_code == 302, answer.content.decode()
    case.refresh_from_db()
    return answer


@pytest.mark.slow
def test_a_case_from_the_phone_to_the_customers_word(desk: Any):
    case = open_case(desk)
    act(desk, case, "assess", category="product-safety", severity="high", is_safety="1")
    assert case.severity == "critical"
    act(desk, case, "write", text="Which ring?", awaits_answer="1")
    assert case.state == "waiting"
    act(desk, case, "said", text="The gold one.")
    act(desk, case, "note", text="Supplier told.")
    act(desk, case, "remedy", kind="refund", key="k1", amount="50", currency="CNY", note="Repair")
    act(desk, case, "resolve", verdict="upheld", text="A new one comes.", cause="quality")
    act(desk, case, "word", good="yes", text="Thanks")
    assert (case.state, case.word) == ("closed", "satisfied")
    page = desk.get(f"/complaints/{case.number}/").content.decode()
    assert "Broken &lt;b&gt;ring&lt;/b&gt;" in page
    assert desk.user.name in page.split('id="main"')[1]
    assert "A colleague" not in page
    assert "Supplier told." in page
    assert "¥50.00 back" in page


@pytest.mark.slow
def test_what_is_refused_is_said_and_changes_nothing(desk: Any):
    case = open_case(desk)
    act(desk, case, "close")
    act(desk, case, "resolve", verdict="", text="x")
    act(desk, case, "resolve", verdict="upheld", text="x", revision="99")
    act(desk, case, "remedy", kind="points", key="k", amount="many", point_currency="points")
    act(desk, case, "merge", into=case.number)
    assert case.state == "new"
    assert CaseRemedy.objects.count() == 0
    assert desk.post(f"/complaints/{case.number}/explode/").status_code == 404
    assert desk.get("/complaints/0000-000000/").status_code == 404


@pytest.mark.slow
def test_who_complained_is_found_and_named_on_the_case(desk: Any, sign_in: Any):
    ann = open_case(desk).customer_id
    case = open_case(desk, text="Too late", email="", name="")
    assert case.customer_id is None
    page = f"/complaints/{case.number}/"
    assert "It is this customer" not in desk.get(page, {"q": "Zoe"}).content.decode()
    found = desk.get(page, {"q": "a@example.com"}).content.decode()
    assert f'name="customer" value="{ann}"' in found
    act(desk, case, "name", customer="nobody")
    assert case.customer_id is None
    analyst = sign_in(Role.ANALYST)
    assert analyst.post(f"{page}name/", {"customer": str(ann)}).status_code == 403
    assert "Who complained?" not in analyst.get(page).content.decode()
    act(desk, case, "name", customer=str(ann))
    assert case.customer_id == ann
    shown = desk.get(page).content.decode()
    assert "Who complained?" not in shown
    assert "The customer was named" in shown


@pytest.mark.slow
def test_the_number_is_found_however_it_is_typed(desk: Any):
    case = open_case(desk)
    for typed in (case.number, case.number.replace("-", ""), f" {case.number.replace('-', ' ')} "):
        answer = desk.get("/complaints/", {"q": typed})
        assert answer.url == f"/complaints/{case.number}/"
        assert f'href="/complaints/{case.number}/"' in desk.get("/search/", {"q": typed}).content.decode()
    assert "Nothing found" in desk.get("/search/", {"q": case.number[:-1]}).content.decode()


@pytest.mark.slow
def test_a_second_person_approves(desk: Any, sign_in: Any):
    case = open_case(desk)
    act(desk, case, "remedy", kind="refund", key="k1", amount="500", currency="CNY", note="Trip")
    remedy = CaseRemedy.objects.get()
    desk.post(f"/complaints/remedies/{remedy.id}/approve/")
    remedy.refresh_from_db()
    assert remedy.remedy_state == "waiting"
    other = sign_in(Role.MANAGER)
    assert "¥500.00 back" in other.get("/complaints/remedies/").content.decode()
    other.post(f"/complaints/remedies/{remedy.id}/approve/", {"back": "list"})
    remedy.refresh_from_db()
    assert remedy.remedy_state == "given"


@pytest.mark.slow
def test_who_may_not_see_people_reads_nothing_they_said(desk: Any, sign_in: Any):
    case = open_case(desk)
    act(desk, case, "said", text="My phone is 13800138000")
    analyst = sign_in(Role.ANALYST)
    page = analyst.get(f"/complaints/{case.number}/").content.decode()
    assert "13800138000" not in page
    assert "Broken" not in page
    assert analyst.post(f"/complaints/{case.number}/note/", {"text": "x"}).status_code == 403
    assert analyst.get("/complaints/settings/").status_code == 403


@pytest.mark.slow
def test_settings_are_published_as_versions(desk: Any):
    page = desk.get("/complaints/settings/").content.decode()
    form = dict(re.findall(r'name="([a-z0-9_-]+)" value="([^"]*)"', page))
    form |= {"calendar": "office", "high-answer": "4", "recourse": "Call us."}
    form.pop("csrfmiddlewaretoken", None)
    assert desk.post("/complaints/settings/", form).status_code == 302
    assert queries.policy().high.answer == 240
    assert queries.policy().recourse == "Call us."
    assert CasePolicyVersion.objects.count() == 2
    refused = desk.post("/complaints/settings/", form | {"high-answer": "soon"})
    assert refused.status_code == 422
    assert CasePolicyVersion.objects.count() == 2


@pytest.mark.slow
def test_calendars_take_several_spans_and_days_of_ones_own(desk: Any):
    desk.get("/complaints/settings/")
    form = {f"day-{n}": "10:00-14:00, 15:00-20:00" for n in range(7)} | {
        "name": "Shop", "zone": "Asia/Shanghai", "country": "cn", "makeup": "", "holiday": "10:00-14:00",
        "own_days": "2026-12-31 10:00-12:00 Stock-taking\n2027-01-05 - Closed",
    }  # fmt: skip
    assert desk.post("/complaints/settings/calendars/shop/", form).status_code == 302
    document = WorkCalendarVersion.objects.get(calendar__code="shop").document
    assert document["week"][6] == ["10:00-14:00", "15:00-20:00"]
    assert document["own_days"] == [
        {"date": "2026-12-31", "spans": ["10:00-12:00"], "name": "Stock-taking"},
        {"date": "2027-01-05", "spans": [], "name": "Closed"},
    ]
    assert "2026-12-31 10:00-12:00 Stock-taking" in desk.get("/complaints/settings/calendars/shop/").content.decode()
    refused = desk.post("/complaints/settings/calendars/shop/", form | {"day-0": "9-5"})
    assert refused.status_code == 422
    assert WorkCalendarVersion.objects.filter(calendar__code="shop").count() == 1


@pytest.mark.slow
def test_categories_and_causes_are_kept(desk: Any):
    desk.get("/complaints/settings/categories/")
    form = {"what": "category", "code": "parking", "name": "Parking", "parent": "store", "severity": "low"}
    form["is_active"] = "1"
    desk.post("/complaints/settings/categories/", form)
    desk.post("/complaints/settings/categories/", {"what": "cause", "code": "weather", "name": "Weather"})
    row = CaseCategory.objects.select_related("parent").get(code="parking")
    assert row.parent is not None
    assert (row.parent.code, row.is_public) == ("store", False)
    assert queries.causes(is_active=None).get(code="weather").is_active is False


@pytest.mark.slow
def test_an_improvement_is_planned_done_and_told(desk: Any):
    case = open_case(desk)
    act(desk, case, "cause", cause="quality")
    form = {"title": "Check rings", "cause": "quality", "due_date": "2026-12-01", "state": "planned"}
    desk.post("/complaints/improvements/new/", form)
    row = Improvement.objects.get()
    today = business_date(utc_now(), staff.company().time_zone).isoformat()
    form |= {"state": "done", "done_date": today, "told": "We check.", "told_zh": "复检。"}
    assert desk.post(f"/complaints/improvements/{row.id}/", form).status_code == 302
    assert case.number in desk.get(f"/complaints/improvements/{row.id}/tell/").content.decode()
    row.refresh_from_db()
    assert row.told_at is None
    desk.post(f"/complaints/improvements/{row.id}/tell/")
    row.refresh_from_db()
    assert (row.told_count, row.told_at is not None) == (0, True)  # no channel is in use: nobody could be reached
    assert desk.post("/complaints/improvements/new/", form | {"due_date": "soon"}).status_code == 422


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_screen_opens(desk: Any, sign_in: Any, language: str):
    case = open_case(desk)
    services.measure_recovery(now=utc_now())
    browser = sign_in(Role.MANAGER, language=language)
    for path in (
        *("", "?view=mine", "?view=all", "?view=all&state=new", "new/", "remedies/", "causes/", "recovery/"),
        *("improvements/", "improvements/new/", "settings/", "settings/categories/", "settings/calendars/"),
        *("settings/calendars/office/", "settings/calendars/new/", f"{case.number}/"),
    ):
        assert browser.get(f"/complaints/{path}").status_code == 200, path


@pytest.mark.slow
def test_only_who_may_run_the_analysis_has_recovery_measured(sign_in: Any):
    agent, manager = sign_in(Role.AGENT), sign_in(Role.MANAGER)
    assert agent.post("/complaints/recovery/").status_code == 200
    assert RecoveryReport.objects.count() == 0
    assert "Measure anew" not in agent.get("/complaints/recovery/").content.decode()
    assert "Measure anew" in manager.get("/complaints/recovery/").content.decode()
    assert manager.post("/complaints/recovery/").status_code == 302
    assert RecoveryReport.objects.count() == 1


@pytest.mark.slow
def test_a_customers_page_shows_the_complaints(desk: Any):
    case = open_case(desk)
    page = desk.get(f"/customers/{case.customer_id}/").content.decode()
    assert case.number in page
    assert "promotion is silent" in page


@pytest.mark.slow
def test_low_scores_are_set_on_the_page_of_rules(desk: Any):
    survey = create_survey(actor=system_actor("test"), now=utc_now(), kind="nps", name="Recommend", code="rec")
    page = desk.get("/complaints/settings/").content.decode()
    assert f'value="{survey.code}"' in page
    form = dict(re.findall(r'name="([a-z0-9_-]+)" value="([^"]*)"', page))
    form.pop("csrfmiddlewaretoken", None)
    sent = form | {"calendar": "office", "low-nps": "5", "low-csat": "", "low-ces": "2", "except_surveys": ["rec"]}
    assert desk.post("/complaints/settings/", sent).status_code == 302
    kept = queries.policy().low_scores
    assert (kept.nps, kept.csat, kept.ces, kept.except_surveys) == (5, None, 2, ["rec"])
    refused = desk.post("/complaints/settings/", sent | {"low-nps": "11"})
    assert (refused.status_code, queries.policy().low_scores.nps) == (422, 5)
    assert "No score of this survey opens a complaint" in desk.get(f"/surveys/{survey.id}/settings/").content.decode()
    desk.post("/complaints/settings/", sent | {"except_surveys": []})
    assert "A score of 5 or less" in desk.get(f"/surveys/{survey.id}/settings/").content.decode()


@pytest.mark.slow
def test_an_email_that_nothing_proves_waits_for_a_person(desk: Any, settings: Any):
    settings.MAIL_SERVER = "mx.shop.example"
    case = open_case(desk)
    act(desk, case, "write", text="Which ring?", awaits_answer="1")
    raw = f"From: a@example.com\r\nMessage-ID: <1@x>\r\nSubject: Re: {case.number}\r\n\r\nI am <b>happy</b>."
    services.receive_email(raw.encode(), actor=system_actor("test"), now=utc_now())
    page = desk.get(f"/complaints/{case.number}/").content.decode()
    assert "Nothing proves that the customer sent it" in page
    assert "I am &lt;b&gt;happy&lt;/b&gt;." in page
    assert "e-mail to look at" in desk.get("/complaints/").content.decode()
    (words,) = queries.unproven_words_of(case)
    act(desk, case, "words", entry=str(words.id))
    assert case.state == "waiting"
    act(desk, case, "words", entry=str(words.id), whose="customer")
    assert case.state == "working"
    assert "Nothing proves" not in desk.get(f"/complaints/{case.number}/").content.decode()


@pytest.mark.slow
def test_only_whose_login_belongs_to_staff_is_offered_to_take_a_case(desk: Any):
    case = open_case(desk)
    assert "Take it</button>" not in desk.get(f"/complaints/{case.number}/").content.decode()
    me = StaffMember.objects.create(code="me", name="Me", user=desk.user)
    assert "Take it</button>" in desk.get(f"/complaints/{case.number}/").content.decode()
    me.left_date = business_date(utc_now(), "UTC")
    me.save()
    assert "Take it</button>" not in desk.get(f"/complaints/{case.number}/").content.decode()
    act(desk, case, "take")
    assert case.assignee_id is None


@pytest.mark.slow
@pytest.mark.parametrize("query", ["", "category=product", "category=delivery"])
def test_a_cause_leads_to_just_the_complaints_that_it_counts(desk: Any, query: str):
    for cause in ("quality", "quality", "skill", ""):
        case = open_case(desk)
        if cause:
            services.set_cause(actor=system_actor("test"), now=utc_now(), case_id=case.id, cause=cause)
    services.reject_case(actor=system_actor("test"), now=utc_now(), case_id=open_case(desk).id, note="Spam")
    page = desk.get(f"/complaints/causes/?{query}")
    rows = [(row[1].value, row[1].url) for row in page.context["chart"].table.rows]
    unknown = page.context["figures"][1]
    assert [count for count, _url in rows] == ([] if "delivery" in query else [2, 1])
    for count, url in [*rows, (int(unknown.value), unknown.url)]:
        assert desk.get(url).context["page"].paginator.count == count
