"""Rehearsals on the screen: asked for, waited for, read as figures, list and CSV, and seen before publishing."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.care.journeys import services
from troth.care.models import Journey, JourneyRehearsal, RehearsalState
from troth.console.conftest import SignIn
from troth.customers import services as customers
from troth.kit.clock import utc_now

pytestmark = pytest.mark.django_db
ACTOR = system_actor("test")
TEXT = """\
journey: birthday
name: {en: Birthday, zh: 生日}
entry: {type: date, of: birthday}
reentry: {rule: each_key}
steps:
  - {id: mark, type: tag, tag: greeted}
"""


@pytest.fixture
def journey(company) -> Journey:
    return services.create_journey(actor=ACTOR, now=utc_now(), text=TEXT)


@pytest.fixture
def desk(sign_in: SignIn) -> Client:
    return sign_in(Role.ADMIN)


def born_lately(name: str) -> None:
    """Make somebody whose birthday was some days ago."""
    day = utc_now().date() - timedelta(days=9)
    birth_date = date(1990, day.month, 28 if (day.month, day.day) == (2, 29) else day.day)
    customers.create_customer(actor=ACTOR, now=utc_now(), name=name, identities=[], birth_date=birth_date)


def asked(desk: Client, journey: Journey, **more) -> JourneyRehearsal:
    today = utc_now().date()
    data = {"since": (today - timedelta(days=20)).isoformat(), "until": today.isoformat()} | more
    assert desk.post(f"/journeys/{journey.id}/rehearsals/", data).status_code == 302
    return JourneyRehearsal.objects.order_by("-created_at")[0]


def played(run: JourneyRehearsal) -> JourneyRehearsal:
    return services.play_rehearsal(actor=ACTOR, now=utc_now(), rehearsal_id=run.id)


def text_of(desk: Client, path: str) -> str:
    answer = desk.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


@pytest.mark.slow
def test_a_rehearsal_is_asked_for_waited_for_and_read(desk: Client, journey: Journey):
    born_lately("Lin Yating")
    assert "Not rehearsed yet" in text_of(desk, f"/journeys/{journey.id}/rehearsals/")
    run = asked(desk, journey, **{"price-email": "0.05"})
    assert run.prices == {"email": "0.05"}
    path = f"/journeys/{journey.id}/rehearsals/{run.id}/"
    assert "You can close this tab" in text_of(desk, path)
    assert "progress" in desk.get(f"{path}progress/", headers={"HX-Request": "true"}).content.decode()
    played(run)
    assert desk.get(f"{path}progress/", headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    page = text_of(desk, path)
    for words in ("Would have entered", "Lin Yating", "Step by step", "No message would have gone."):
        assert words in page, words
    assert "Lin Yating" in text_of(desk, f"{path}?step=mark")
    assert "Nobody would have got anything." in text_of(desk, f"{path}?gate=consent")
    lines = desk.get(f"{path}csv/").getvalue().decode("utf-8-sig").splitlines()
    assert lines[0] == "customer,happened_at,step,act,outcome,channel,gate"
    assert len(lines) == 2
    assert lines[1].endswith(",mark,tag,done,,")


@pytest.mark.slow
def test_the_review_shows_the_rehearsal_of_this_very_draft(desk: Client, journey: Journey):
    born_lately("Lin")
    path = f"/journeys/{journey.id}/review/"
    assert "has not been rehearsed" in text_of(desk, path)
    played(asked(desk, journey))
    page = text_of(desk, path)
    assert "Would have entered" in page
    assert "has not been rehearsed" not in page
    journey.refresh_from_db()
    services.save_draft(actor=ACTOR, now=utc_now(), journey_id=journey.id, text=journey.draft_text + "priority: 60\n")
    assert "has not been rehearsed" in text_of(desk, path)


@pytest.mark.slow
def test_a_rehearsal_that_failed_says_why(desk: Client, journey: Journey):
    run = asked(desk, journey)
    JourneyRehearsal.objects.filter(id=run.id).update(state=RehearsalState.FAILED, error="The template is gone.")
    assert "The template is gone." in text_of(desk, f"/journeys/{journey.id}/rehearsals/{run.id}/")
    assert desk.get(f"/journeys/{journey.id}/rehearsals/{run.id}/csv/").status_code == 404


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"since": "yesterday"}, "is no day"),
        ({"since": "2030-01-01"}, "Give a time in the past"),
        ({"price-email": "much"}, "is no price of a message"),
        ({"price-email": "-1"}, "is no price of a message"),
        ({"price-email": "NaN"}, "is no price of a message"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_begins(desk: Client, journey: Journey, data, words: str):
    today = datetime.now(UTC).date()
    whole = {"since": (today - timedelta(days=5)).isoformat(), "until": today.isoformat()} | data
    answer = desk.post(f"/journeys/{journey.id}/rehearsals/", whole)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not JourneyRehearsal.objects.exists()


@pytest.mark.slow
def test_whoever_may_only_look_starts_none_and_takes_no_list_along(sign_in: SignIn, journey: Journey):
    run = services.rehearse(
        actor=ACTOR, now=utc_now(), journey_id=journey.id, since=utc_now() - timedelta(days=5), in_background=False
    )
    played(run)
    desk = sign_in(Role.AGENT)
    assert desk.get(f"/journeys/{journey.id}/rehearsals/{run.id}/").status_code == 200
    assert desk.get(f"/journeys/{journey.id}/rehearsals/{run.id}/csv/").status_code == 403
    desk.post(f"/journeys/{journey.id}/rehearsals/", {"since": "2026-01-01", "until": "2026-01-02"})
    assert JourneyRehearsal.objects.count() == 1
