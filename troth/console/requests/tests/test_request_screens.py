"""The screens of service requests, trainings and the journey map."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.care.models import RequestKind, RequestState, Seat, SeatState, ServiceRequest, Touchpoint, TrainingSession
from troth.care.requests import services as requests
from troth.care.touchpoints import services as touchpoints
from troth.care.touchpoints.services import TouchpointFields
from troth.care.training import services as training
from troth.customers import services as customers
from troth.customers.models import Customer
from troth.kit.clock import utc_now
from troth.staff.models import StaffMember
from troth.voice.complaints import services as complaints
from troth.voice.complaints.services import NewCase
from troth.voice.surveys import services as surveys
from troth.voice.surveys import starters as voice
from troth.worklist.models import Task

pytestmark = pytest.mark.django_db
ACTOR = system_actor("test")
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def ann(company):
    return Customer.objects.create(name="Ann Berg", created_at=NOW, updated_at=NOW)


@pytest.fixture
def opened(ann):
    new = requests.NewRequest(key="r", customer_id=ann.id, kind="repair", title="<b>Ann's kettle leaks</b>")
    return requests.open_request(new, actor=ACTOR, now=utc_now())


@pytest.fixture
def session(company):
    training.save_course(code="tea", name="Tea", name_zh="品茶课", actor=ACTOR, now=NOW)
    at = utc_now() + timedelta(days=5)
    fields = training.SessionFields(course="tea", starts_at=at, ends_at=at + timedelta(hours=1), capacity=1)
    return training.plan_session(fields, actor=ACTOR, now=utc_now())


def page(browser, name, *args, **query):
    return browser.get(reverse(f"requests:{name}", args=args), query)


def act(browser, name, /, *args, **given):
    return browser.post(reverse(f"requests:{name}", args=args), given)


def text(answer):
    return answer.content.decode()


def soon(**later):
    return (utc_now() + timedelta(**later)).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize("name", ["index", "training", "map", "kinds", "kind_new", "course_new", "point_new", "new"])
def test_every_page_answers_when_there_is_nothing(sign_in, company, name):
    assert page(sign_in(Role.MANAGER), name).status_code == 200


@pytest.mark.slow
def test_who_may_only_look_changes_nothing(sign_in, opened, session):
    analyst = sign_in(Role.ANALYST)
    assert page(analyst, "request", opened.number).status_code == 200
    assert act(analyst, "act", opened.number, act="cancel").status_code == 403
    assert act(analyst, "session_act", session.id, act="cancel").status_code == 403
    assert page(analyst, "kinds").status_code == 403


@pytest.mark.slow
def test_a_request_from_the_call_to_the_customers_word(sign_in, ann):
    browser = sign_in(Role.MANAGER)
    member = StaffMember.objects.create(code="li", name="Li")
    given = {"customer": str(ann.id), "key": "k", "kind": "repair", "title": "Kettle leaks", "channel": "phone"}
    number = act(browser, "new", **given).url.split("/")[-2]
    assert act(browser, "new", **given).url.split("/")[-2] == number
    act(browser, "act", number, act="schedule", starts_at=soon(days=1), hours="2", technician=str(member.id))
    assert ServiceRequest.objects.get().step == "scheduled"
    assert Task.objects.filter(assignee=member).count() == 1
    shown = text(page(browser, "request", number))
    assert "On to: On site" in shown
    for step in ("on_site", "done"):
        act(browser, "act", number, act="move", step=step)
    act(browser, "act", number, act="parts", part=["Valve", ""], quantity=["2", "1"])
    act(browser, "act", number, act="note", note="Went well")
    act(browser, "act", number, act="confirm", satisfied="yes", note="Quick")
    row = ServiceRequest.objects.get()
    assert (row.state, row.satisfied, row.parts) == (RequestState.CLOSED, True, [{"name": "Valve", "quantity": 2}])
    assert "Quick" in text(page(browser, "request", number))
    assert number in text(page(browser, "index", state="closed"))
    assert number in text(page(browser, "customer", ann.id))


@pytest.mark.slow
def test_titles_are_text_and_who_may_not_see_names_reads_none(sign_in, opened):
    shown = text(page(sign_in(Role.MANAGER), "request", opened.number))
    assert "<b>Ann" not in shown
    assert "&lt;b&gt;Ann" in shown
    clerk = sign_in(Role.CLERK)
    for answer in (page(clerk, "index"), page(clerk, "request", opened.number)):
        assert "kettle" not in text(answer)
        assert "Ann Berg" not in text(answer)


@pytest.mark.slow
def test_a_refusal_is_a_note_on_the_page(sign_in, opened):
    browser = sign_in(Role.MANAGER)
    answer = act(browser, "act", opened.number, act="move", step="done")
    assert answer.status_code in {302, 409}
    assert ServiceRequest.objects.get().step == "received"
    assert act(browser, "act", opened.number, act="schedule", starts_at="x").status_code in {302, 422}
    assert page(browser, "request", "SR-0").status_code == 404


def test_steps_are_changed(sign_in, company):
    browser = sign_in(Role.MANAGER)
    given = {
        "name": "Repair", "is_active": "yes", "step-code": ["in", "out", ""], "step-label": ["In", "Out", ""],
        "step-label_zh": ["", "", ""], "step-hours": ["4", "0", "0"], "step-needs": ["", "confirmation", ""],
    }  # fmt: skip
    assert act(browser, "kind", "repair", **given).status_code == 302
    assert [step["code"] for step in RequestKind.objects.get().steps] == ["in", "out"]
    assert act(browser, "kind", "repair", **given | {"step-code": ["in", "in", ""]}).status_code == 422


@pytest.mark.slow
def test_a_session_with_a_seat_and_a_waiting_list(sign_in, session, ann):
    browser = sign_in(Role.MANAGER)
    bob = Customer.objects.create(name="Bob", created_at=NOW, updated_at=NOW)
    for one in (ann, bob):
        act(browser, "session_act", session.id, act="register", customer=str(one.id))
    shown = text(page(browser, "session", session.id))
    assert "Waiting list" in shown
    act(browser, "session_act", session.id, act="give_up", customer=str(ann.id))
    assert Seat.objects.get(owner_id=bob.id).state == SeatState.TAKEN
    TrainingSession.objects.update(starts_at=utc_now() - timedelta(hours=2))
    act(browser, "session_act", session.id, act="attendance", listed=[str(bob.id)], came=[str(bob.id)])
    assert Seat.objects.get(owner_id=bob.id).state == SeatState.ATTENDED
    assert "Tea" in text(page(browser, "customer", bob.id))


@pytest.mark.slow
def test_courses_and_sessions_are_made_and_changed(sign_in, company):
    browser = sign_in(Role.MANAGER)
    course = {"name": "Tea", "code": "tea", "course_kind": "course", "is_active": "on"}
    assert act(browser, "course_new", **course).status_code == 302
    given = {"course": "tea", "starts_at": soon(days=2), "ends_at": soon(days=2, hours=1), "capacity": "5"}
    made = act(browser, "session_new", **given)
    assert made.status_code == 302
    row = TrainingSession.objects.get()
    assert act(browser, "session_edit", row.id, **given | {"capacity": "7"}).status_code == 302
    assert TrainingSession.objects.get().capacity == 7
    assert act(browser, "session_new", **given | {"ends_at": given["starts_at"]}).status_code == 422
    assert "Tea" in text(page(browser, "training"))
    assert "Tea" in text(page(browser, "training", show="courses"))


@pytest.mark.slow
def test_the_map_begins_with_twelve_and_is_changed(sign_in, company):
    browser = sign_in(Role.MANAGER)
    act(browser, "map_begin")
    assert Touchpoint.objects.count() == 12
    given = {"name": "Till", "stage": "buy", "position": "5", "does": "Pays", "is_active": "on"}
    assert act(browser, "point", "till", **given).status_code == 302
    shown = text(page(browser, "map"))
    assert "Pays" in shown
    assert "not measured" in shown
    assert act(browser, "point", "till", **given | {"stage": "unheard"}).status_code == 422


@pytest.mark.slow
def test_what_the_map_measures_leads_to_the_answers_and_cases(sign_in, company):
    actor, now = ACTOR, utc_now()
    csat = voice.STARTERS["csat"]
    made = surveys.create_survey(actor=actor, now=now, kind=csat.kind, name="CSAT", code="csat", document=csat.document)
    surveys.publish(actor=actor, now=now, survey_id=made.id)
    for number in range(5):
        customer = customers.create_customer(actor=actor, now=now, name=f"Made up {number}").id
        surveys.record_answers(
            actor=actor, now=now, survey_code="csat", answers={"happy": 5}, customer_id=customer, may_open_case=False
        )
    for key, at in (("a", now), ("b", now - timedelta(days=100))):
        new = NewCase(key=key, channel="phone", text="Broken", category="product-defect")
        complaints.open_case(new, actor=actor, now=at)
    fields = TouchpointFields(code="till", stage="buy", name="Till", survey="csat", category="product")
    touchpoints.save_touchpoint(fields, actor=actor, now=now)
    browser = sign_in(Role.MANAGER)
    since = (company.today(now) - timedelta(days=89)).isoformat()
    answers = f"{reverse('surveys:answers', args=[made.id])}?since={since}"
    cases = f"{reverse('complaints:index')}?view=all&category=product&since={since}"
    shown = text(page(browser, "map"))
    assert (f'href="{answers}"' in shown, f'href="{cases.replace("&", "&amp;")}"' in shown) == (True, True)
    assert "5 answers" in shown
    assert len(browser.get(answers).context["page"].object_list) == 5
    assert [case.opened_at for case in browser.get(cases).context["page"]] == [now]


@pytest.mark.parametrize(("name", "words"), [("index", "服务请求"), ("training", "培训"), ("map", "旅程地图")])
def test_the_pages_speak_chinese(sign_in, company, name, words):
    assert words in text(page(sign_in(Role.MANAGER, language="zh-hans"), name))
