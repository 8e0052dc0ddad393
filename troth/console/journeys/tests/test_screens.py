"""The list, what runs, the people, one person's way, versions, publishing, pause and stop."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.care.journeys import services
from troth.care.journeys.document.reading import draft_values
from troth.care.models import Journey, JourneyRun
from troth.console.conftest import SignIn
from troth.console.journeys import forms
from troth.customers import services as customers
from troth.customers.models import Customer
from troth.kit.clock import day_start
from troth.segments import services as segments
from troth.segments.refreshing import refresh_members

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ACTOR = system_actor("test")
TEXT = """\
journey: hello
name: {en: Hello, zh: 你好}
entry: {type: list}
goal: {event: activity.order.recorded, within_days: 30}
steps:
  - {id: mark, type: tag, tag: greeted}
  - {id: pause, type: wait, days: 2}
  - {id: over, type: end}
"""


@pytest.fixture
def journey(company) -> Journey:
    made = services.create_journey(actor=ACTOR, now=NOW, text=TEXT)
    services.publish(actor=ACTOR, now=NOW, journey_id=made.id, note="The first")
    made.refresh_from_db()
    return made


@pytest.fixture
def lin(company) -> Customer:
    return customers.create_customer(actor=ACTOR, now=NOW, name="Lin Yating", identities=[])


@pytest.fixture
def desk(sign_in: SignIn) -> Client:
    return sign_in(Role.ADMIN)


def under_way(journey: Journey, customer: Customer) -> JourneyRun:
    services.enter(actor=ACTOR, now=NOW, journey_id=journey.id, customer_ids=[customer.id])
    services.advance(actor=ACTOR, now=NOW + timedelta(minutes=1))
    return JourneyRun.objects.get(owner_id=customer.id)


def text_of(desk: Client, path: str) -> str:
    answer = desk.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


@pytest.mark.slow
def test_the_list_is_empty_then_full_then_past(desk: Client, lin: Customer):
    assert "No journey yet" in text_of(desk, "/journeys/")
    made = services.create_journey(actor=ACTOR, now=NOW, text=TEXT)
    page = text_of(desk, "/journeys/")
    assert "Hello" in page
    assert "Draft" in page
    services.publish(actor=ACTOR, now=NOW, journey_id=made.id)
    under_way(made, lin)
    assert f'<a href="/journeys/{made.id}/people/">1</a>' in text_of(desk, "/journeys/")
    desk.post(f"/journeys/{made.id}/stop/")
    assert f"/journeys/{made.id}/" not in text_of(desk, "/journeys/")
    assert "Hello" in text_of(desk, "/journeys/?show=stopped")


@pytest.mark.slow
def test_every_step_shows_who_is_there_and_who_was(desk: Client, journey: Journey, lin: Customer):
    under_way(journey, lin)
    again = services.enter(actor=ACTOR, now=NOW, journey_id=journey.id, customer_ids=[lin.id])
    assert set(again) == {"under_way"}
    page = text_of(desk, f"/journeys/{journey.id}/")
    assert "1 entered by this version" in page  # who was not let in a second time has not entered
    assert "<b>1</b> here now" in page
    assert "<b>1</b> have been here" in page
    part = desk.get(f"/journeys/{journey.id}/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "here now" in part


def test_entering_a_segment_says_what_becomes_of_its_members():
    leads = {kind: forms.form_of("entry", {"entry": {"type": kind}}).sections[0].lead for kind in ("segment", "event")}
    assert "does not enter by itself" in leads["segment"]
    assert leads["event"] == ""


@pytest.mark.slow
def test_people_at_a_step_and_one_persons_way(desk: Client, journey: Journey, lin: Customer):
    run = under_way(journey, lin)
    people = text_of(desk, f"/journeys/{journey.id}/people/?step=pause")
    assert "Lin Yating" in people
    assert "Lin Yating" not in text_of(desk, f"/journeys/{journey.id}/people/?step=mark")
    assert "Lin Yating" in text_of(desk, f"/journeys/{journey.id}/people/?step=mark&show=passed")
    assert "Nobody is stuck" in text_of(desk, f"/journeys/{journey.id}/people/?show=stuck")
    way = text_of(desk, f"/journeys/{journey.id}/people/{run.id}/")
    assert "put on “greeted”" in way
    assert "Here now; goes on" in way
    other = services.create_journey(actor=ACTOR, now=NOW, text=TEXT.replace("journey: hello", "journey: other"))
    assert desk.get(f"/journeys/{other.id}/people/{run.id}/").status_code == 404


@pytest.mark.slow
def test_every_figure_leads_to_its_people(desk: Client, journey: Journey, lin: Customer):
    run = under_way(journey, lin)
    people = f"/journeys/{journey.id}/people/"
    assert f'href="{people}?show=all"' in text_of(desk, f"/journeys/{journey.id}/")
    assert "Lin Yating" in text_of(desk, f"{people}?show=all")
    for show in ("finished", "left", "goal"):
        assert "Lin Yating" not in text_of(desk, f"{people}?show={show}")
    services.take_out(actor=ACTOR, now=NOW, journey_id=journey.id, customer_ids=[lin.id])
    page = text_of(desk, f"{people}?show=left")
    assert "Lin Yating" in page
    assert "Taken out by hand" in page
    JourneyRun.objects.filter(id=run.id).update(goal_at=NOW)
    assert "Lin Yating" in text_of(desk, f"{people}?show=goal")
    listed = text_of(desk, "/journeys/")
    assert [show for show in ("all", "left", "finished") if f'href="{people}?show={show}">1</a>' in listed] == [
        "all",
        "left",
    ]


def test_the_search_finds_journeys_by_either_name(desk: Client, journey: Journey):
    for query in ("hel", "你好"):
        found = desk.get("/search/", {"q": query}).content.decode()
        assert f"/journeys/{journey.id}/" in found, query


@pytest.mark.slow
def test_names_are_masked_without_the_right_to_them(sign_in: SignIn, journey: Journey, lin: Customer):
    run = under_way(journey, lin)
    desk = sign_in(Role.ANALYST)
    for path in ("people/", f"people/{run.id}/"):
        assert "Lin Yating" not in text_of(desk, f"/journeys/{journey.id}/{path}")


@pytest.mark.slow
def test_publishing_shows_its_effect_first_and_what_changes(desk: Client, journey: Journey, lin: Customer):
    under_way(journey, lin)
    services.save_draft(actor=ACTOR, now=NOW, journey_id=journey.id, text=TEXT.replace("days: 2", "days: 5"))
    page = text_of(desk, f"/journeys/{journey.id}/review/")
    assert "1 person is under way" in page
    assert "<del>2 days</del> → <ins>5 days</ins>" in page
    journey.refresh_from_db()
    stale = desk.post(f"/journeys/{journey.id}/review/", {"revision": journey.revision - 1})
    assert stale.status_code == 422
    journey.refresh_from_db()
    assert journey.version_number == 1
    done = desk.post(f"/journeys/{journey.id}/review/", {"revision": journey.revision, "note": "Slower"})
    assert done.status_code == 302
    journey.refresh_from_db()
    assert (journey.version_number, journey.has_draft) == (2, False)
    versions = text_of(desk, f"/journeys/{journey.id}/versions/")
    assert "Step changed: Wait" in versions
    assert "Slower" in versions
    assert "days: 5" in text_of(desk, f"/journeys/{journey.id}/versions/2/")
    assert desk.get(f"/journeys/{journey.id}/review/").status_code == 302  # no draft, nothing to review


@pytest.mark.slow
def test_a_draft_that_is_wrong_cannot_be_published(desk: Client, journey: Journey):
    services.save_draft(actor=ACTOR, now=NOW, journey_id=journey.id, text=TEXT.replace("days: 2", "days: many"))
    assert "It cannot be published yet" in text_of(desk, f"/journeys/{journey.id}/review/")
    journey.refresh_from_db()
    assert desk.post(f"/journeys/{journey.id}/review/", {"revision": journey.revision}).status_code == 422
    journey.refresh_from_db()
    assert journey.version_number == 1


@pytest.mark.slow
def test_pause_goes_on_and_stop(desk: Client, journey: Journey):
    desk.post(f"/journeys/{journey.id}/pause/")
    assert "Let it go on" in text_of(desk, f"/journeys/{journey.id}/")
    desk.post(f"/journeys/{journey.id}/resume/")
    journey.refresh_from_db()
    assert journey.state == "running"
    desk.post(f"/journeys/{journey.id}/stop/")
    journey.refresh_from_db()
    assert journey.state == "stopped"
    assert desk.get(f"/journeys/{journey.id}/edit/").status_code == 404


@pytest.mark.slow
def test_a_new_journey_from_nothing(desk: Client):
    assert desk.get("/journeys/new/").status_code == 200
    answer = desk.post("/journeys/new/", {"name": "Tea", "name_zh": "茶", "code": "tea"})
    made = Journey.objects.get(code="tea")
    assert answer["Location"] == f"/journeys/{made.id}/edit/"
    again = desk.post("/journeys/new/", {"name": "Tea", "name_zh": "", "code": "tea"})
    assert again.status_code == 422
    assert "choose another code" in again.content.decode()
    assert desk.post("/journeys/new/", {"name": "", "name_zh": "", "code": "Bad code"}).status_code == 422
    assert Journey.objects.count() == 1


@pytest.mark.slow
def test_on_a_day_that_stands_still_people_enter_on_that_day(desk: Client, journey: Journey, lin: Customer, company):
    company.as_of_date = date(2026, 3, 2)
    company.save()
    desk.post(f"/journeys/{journey.id}/people/add/", {"segment": published_segment().id})
    assert JourneyRun.objects.get().entered_at == day_start(date(2026, 3, 2), company.time_zone) + timedelta(hours=12)


@pytest.mark.slow
def test_people_are_put_in_by_segment_taken_out_and_moved(desk: Client, journey: Journey, lin: Customer):
    segment = published_segment()
    page = text_of(desk, f"/journeys/{journey.id}/people/add/")
    assert "Everybody" in page
    done = desk.post(f"/journeys/{journey.id}/people/add/", {"segment": segment.id}).content.decode()
    assert "<span>Entered</span><b>1</b>" in done
    again = desk.post(f"/journeys/{journey.id}/people/add/", {"segment": segment.id}).content.decode()
    assert "<span>On the way already</span><b>1</b>" in again
    assert desk.post(f"/journeys/{journey.id}/people/add/", {"segment": "none"}).status_code == 422
    run = JourneyRun.objects.get()
    services.save_draft(actor=ACTOR, now=NOW, journey_id=journey.id, text=TEXT.replace("days: 2", "days: 5"))
    services.publish(actor=ACTOR, now=NOW, journey_id=journey.id)
    assert "Move the 1 person under way" in text_of(desk, f"/journeys/{journey.id}/versions/")
    desk.post(f"/journeys/{journey.id}/versions/2/move/")
    run.refresh_from_db()
    assert run.version.number == 2
    desk.post(f"/journeys/{journey.id}/people/{run.id}/out/")
    run.refresh_from_db()
    assert run.state == "stopped"
    assert "Taken out by hand" in text_of(desk, f"/journeys/{journey.id}/people/{run.id}/")


def published_segment():
    made = segments.create_segment(
        actor=ACTOR, now=NOW, name="Everybody", name_zh="", description="", owner_id=None, definition={"all": []}
    )
    segments.publish(actor=ACTOR, now=NOW, segment_id=made.id)
    refresh_members(actor=ACTOR, now=NOW, segment_id=made.id)
    return made


@pytest.mark.slow
def test_who_is_stuck_stands_there_with_the_reason_and_tries_again(desk: Client, journey: Journey, lin: Customer):
    run = under_way(journey, lin)
    JourneyRun.objects.filter(id=run.id).update(state="stuck", error="The template is gone.", due_at=None)
    page = text_of(desk, f"/journeys/{journey.id}/people/?show=stuck")
    assert "The template is gone." in page
    desk.post(f"/journeys/{journey.id}/people/again/", {"step": ""})
    run.refresh_from_db()
    assert (run.state, run.error) == ("active", "")


@pytest.mark.slow
def test_the_customers_page_tells_of_journeys(desk: Client, journey: Journey, lin: Customer):
    assert "journey-card" not in text_of(desk, f"/customers/{lin.id}/")
    run = under_way(journey, lin)
    page = text_of(desk, f"/customers/{lin.id}/")
    assert f"/journeys/{journey.id}/people/{run.id}/" in page
    assert "at “Wait”" in page


@pytest.mark.slow
def test_a_ready_made_journey_begins_as_a_draft_even_where_something_is_missing(desk: Client):
    assert "Welcome" in text_of(desk, "/journeys/")
    form = text_of(desk, "/journeys/new/?start=points-expiring")
    assert "Before it can be published" in form
    answer = desk.post(
        "/journeys/new/", {"start": "points-expiring", "name": "Use them", "name_zh": "快用", "code": "use-them"}
    )
    made = Journey.objects.get(code="use-them")
    assert answer["Location"] == f"/journeys/{made.id}/edit/"
    assert draft_values(made.draft_text)["name"] == {"en": "Use them", "zh": "快用"}
    assert "it from being published" in text_of(desk, f"/journeys/{made.id}/edit/")
