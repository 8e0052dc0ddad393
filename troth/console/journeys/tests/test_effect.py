"""What a journey's splits brought, on the screen: asked for, waited for, read in words; refusals name the way out."""

import pytest
from django.test import Client

from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.care.journeys import services
from troth.care.journeys.trials import splits
from troth.care.models import Journey, JourneyTrial
from troth.console.conftest import SignIn
from troth.console.journeys.effect_cards import Effect
from troth.kit.clock import utc_now

pytestmark = pytest.mark.django_db
ACTOR = system_actor("test")
TEXT = """\
journey: sleeping
name: {en: Sleeping, zh: 沉睡}
entry: {type: list}
reentry: {rule: never}
steps:
  - id: draw
    type: split
    name: {en: Message or nothing, zh: 发送与对照}
    arms:
      - {code: written, name: {en: Written to, zh: 发送}, share: 50, steps: [{id: a, type: tag, tag: A}]}
      - {code: control, name: {en: Nothing, zh: 对照组}, share: 50, is_control: true}
"""
EFFECT = {
    "arm": "written", "people": 400, "mean": 12.5, "control_mean": 10.0, "difference": 2.5, "low": 0.5, "high": 4.5,
    "chance": 0.015, "total": 1000.0, "total_low": 200.0, "total_high": 1800.0,
}  # fmt: skip
AIM = {
    "verdict": "aim", "ranks": True, "people": 800, "aimed_share": 0.4, "coefficient": [0.8, 0.3, 1.2],
    "everybody": [900.0, -50.0, 1800.0], "aimed": [1500.0, 700.0, 2300.0], "more_by_aiming": [600.0, 100.0, 1100.0],
    "curve": [
        {"share": 0.0, "gain": 0.0, "low": 0.0, "high": 0.0, "random_gain": 0.0},
        {"share": 0.4, "gain": 1600.0, "low": 800.0, "high": 2400.0, "random_gain": 400.0},
        {"share": 1.0, "gain": 1000.0, "low": 50.0, "high": 1900.0, "random_gain": 1000.0},
    ],
    "tenths": [{"tenth": 1, "people": 80, "foretold": 5.0, "effect": 4.75, "low": 1.0, "high": 8.5}],
    "traits": [
        {"feature": "revenue_before", "level": "", "best": 320.5, "others": 90.25},
        {"feature": "silent_days", "level": "", "best": 40.0, "others": 75.5},
    ],
}  # fmt: skip
RESULT = {
    "draw": {
        "control": "control", "people": 800, "counts": {"written": 400, "control": 400},
        "outcomes": {"profit": {"effects": [EFFECT], "doubts": ["few_decide"]}}, "uplift": {"written": AIM},
    }
}  # fmt: skip


@pytest.fixture
def journey(company) -> Journey:
    made = services.create_journey(actor=ACTOR, now=utc_now(), text=TEXT)
    services.publish(actor=ACTOR, now=utc_now(), journey_id=made.id)
    return made


@pytest.fixture
def desk(sign_in: SignIn) -> Client:
    return sign_in(Role.ADMIN)


def measured(journey: Journey, **told) -> JourneyTrial:
    now = utc_now()
    return JourneyTrial.objects.create(
        journey=journey, days=30, currency="CNY", as_of_date=now.date(), asked_at=now, measured_at=now,
        asked_by="test", result=RESULT | told,
    )  # fmt: skip


def text_of(desk: Client, path: str) -> str:
    answer = desk.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


@pytest.mark.slow
def test_the_groups_and_whom_the_offer_moves_are_read_in_words(desk, journey):
    path = f"/journeys/{journey.id}/effect/"
    assert "Not measured yet" in text_of(desk, path)
    measured(journey)
    page = text_of(desk, path)
    for words in (
        "Message or nothing", "Written to 400 · Nothing 400", "¥12.50", "¥2.50", "¥1,000.00", "No: it brought more",
        "One person makes a tenth or more", "offered only to the 40% foretold to gain, it earns ¥600.00 more",
        "¥100.00 to ¥1,100.00", "better than chance: Qini ¥0.80", "Revenue of the year before", "¥320.50", "75.5",
    ):  # fmt: skip
        assert words in page, words


@pytest.mark.slow
def test_in_chinese_too(sign_in: SignIn, journey):
    measured(journey)
    page = text_of(sign_in(Role.ADMIN, language="zh-hans"), f"/journeys/{journey.id}/effect/")
    for words in ("发送与对照", "定向", "此前一年销售额"):
        assert words in page, words


@pytest.mark.parametrize(
    ("verdict", "words"),
    [("everybody", "Offer it to everybody: it earns ¥900.00"), ("unproven", "Not proven: offered to everybody")],
)
def test_each_verdict_has_its_sentence(journey, verdict, words):
    told = RESULT["draw"] | {"uplift": {"written": AIM | {"verdict": verdict, "ranks": False}}}
    (aim,) = Effect(measured(journey), splits(journey)["draw"], told).aims
    assert words in aim["verdict"]
    assert "not proven to be better than chance" in aim["ranks"]


@pytest.mark.slow
def test_too_few_people_are_told_so(desk, journey):
    measured(journey, draw=RESULT["draw"] | {"uplift": {}})
    assert "that takes 200 people in each group" in text_of(desk, f"/journeys/{journey.id}/effect/")
    JourneyTrial.objects.update(result={"draw": RESULT["draw"] | {"outcomes": {}, "uplift": {}}})
    assert "Nobody to compare yet" in text_of(desk, f"/journeys/{journey.id}/effect/")


@pytest.mark.slow
def test_what_cannot_be_asked_is_refused_by_name(desk, journey):
    path = f"/journeys/{journey.id}/effect/"
    for given, words in (
        ({"days": "0", "cost": "1"}, "from 1 to 365"),
        ({"days": "30", "cost": "x"}, "is no amount"),
        ({"days": "30", "cost": "NaN"}, "is no amount"),
        ({"days": "30", "cost": "-1"}, "0 or more"),
        ({"days": "30", "cost": "0.05"}, "run the analysis first"),
    ):
        answer = desk.post(path, given)
        assert answer.status_code == 422
        assert words in answer.content.decode(), words
    assert not JourneyTrial.objects.exists()


def test_who_may_not_analyse_only_looks(sign_in: SignIn, journey):
    clerk = sign_in(Role.AGENT)
    answer = clerk.get(f"/journeys/{journey.id}/effect/")
    assert answer.status_code in (200, 403)
    assert b'name="days"' not in answer.content


def test_a_journey_without_a_split_says_how_to_prove_it(desk, company):
    plain = services.create_journey(actor=ACTOR, now=utc_now(), text=TEXT.split("steps:", maxsplit=1)[0] + (
        "steps:\n  - {id: a, type: tag, tag: A}\n"
    ))  # fmt: skip
    services.publish(actor=ACTOR, now=utc_now(), journey_id=plain.id)
    assert "Nothing to compare with" in text_of(desk, f"/journeys/{plain.id}/effect/")
