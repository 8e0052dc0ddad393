"""Every ready-made journey lived through: adopted as it stands, published, and gone through by real people.

Two people go the same way, one who reads English and one who reads Chinese. What they did comes from the services that
record it in real life; what they got is what a channel was handed.
"""

import email
import email.policy
import socket
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller

from troth.activity import services as activity
from troth.activity.models import MomentKind, Order
from troth.activity.orders import NewLine, NewOrder
from troth.care.journeys import services, starters
from troth.care.models import JourneyRun
from troth.customers import services as customers
from troth.customers.services import NewIdentity
from troth.insights.models import CustomerScore
from troth.kit.ids import new_id
from troth.ledger import services as ledger
from troth.ledger.operations import Earn, Owner, Reason, Spend
from troth.messaging import starters as texts
from troth.messaging.channels.setups import save_setup
from troth.messaging.delivering import deliver
from troth.voice.complaints import services as complaints
from troth.voice.complaints.services import NewCase
from troth.voice.surveys import services as surveys
from troth.voice.surveys import starters as voice
from troth.worklist.models import Task

from .conftest import NOW, after

pytestmark = pytest.mark.slow
LANGUAGES = ("en", "zh-hans")
PEOPLE = {"en": UUID("01950000-0000-7000-8000-000000000001"), "zh-hans": UUID("01950000-0000-7000-8000-000000000002")}
"""Ids by which chance puts neither into a control group."""

NAMES = {"en": "Ann", "zh-hans": "王小明"}
ADDRESSES = {"en": "ann@example.com", "zh-hans": "wang@example.com"}


class Post:
    """A mail server on this machine that keeps what it gets."""

    def __init__(self):
        self.got = []

    async def handle_DATA(self, _server, _session, envelope):
        self.got.append(envelope)
        return "250 OK"

    def to(self, address):
        mails = [one.content for one in self.got if one.rcpt_tos == [address]]
        return [email.message_from_bytes(one, policy=email.policy.default) for one in mails]


@pytest.fixture
def post():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    found = Post()
    controller = Controller(found, hostname="127.0.0.1", port=port)
    controller.start()
    yield found, port
    controller.stop()


class Life:
    """A company that has adopted a journey, its two customers, and a clock."""

    def __init__(self, actor, post, code, **fields):
        self.actor, self.post, self.orders = actor, post, 0
        journey = services.create_journey(actor=actor, now=NOW, text=starters.text_of(code))
        services.publish(actor=actor, now=NOW, journey_id=journey.id)
        self.journey_id = journey.id
        self.people = [self._person(language, **fields) for language in LANGUAGES]

    def _person(self, language, *, since=NOW - timedelta(days=400), **fields):
        by = {"actor": self.actor, "now": since}
        known = {
            "name": NAMES[language],
            "language": language,
            "identities": [NewIdentity("email", ADDRESSES[language])],
        }
        made = customers.create_customer(**by, customer_id=PEOPLE[language], **known, **fields)
        for purpose in ("marketing", "survey"):
            act = {"purpose": purpose, "is_given": True, "source": "form", "proof": "form"}
            customers.record_consent(**by, customer_id=made.id, **act)
        return made.id

    def buys(self, at):
        self.orders += 1
        for language, one in zip(LANGUAGES, self.people, strict=True):
            line = NewLine(1, Decimal(1), Decimal(80), Decimal(80))
            order = NewOrder("till", f"{language}-{self.orders}", one, at, "CNY", (line,))
            activity.record_orders([order], actor=self.actor, now=at)
        self.goes_on(at)

    def order_reaches(self, moment, at):
        for order in Order.objects.all():
            activity.record_moment(order_id=order.id, moment=moment, occurred_at=at, actor=self.actor, now=at)
        self.goes_on(at)

    def answers(self, score, at, *, survey="csat", question="happy"):
        for one in self.people:
            surveys.record_answers(
                actor=self.actor, now=at, survey_code=survey, answers={question: score}, customer_id=one,
                may_open_case=False,
            )  # fmt: skip
        self.goes_on(at)

    def goes_on(self, now):
        """Do what the jobs do: look for days, read the log, move everybody on, hand messages over."""
        services.sweep(actor=self.actor, now=now)
        while services.read_log(actor=self.actor, now=now) is not None:
            pass
        while services.advance(actor=self.actor, now=now).people:
            pass
        while deliver("email", actor=self.actor, now=now):
            pass

    def got(self):
        """Return the subjects that arrived at each of the two, in order."""
        return {one: [mail["Subject"].strip() for mail in self.post.to(ADDRESSES[one])] for one in LANGUAGES}

    def ended(self):
        return sorted(JourneyRun.objects.values_list("state", "end_reason"))


@pytest.fixture
def live(company, actor, post):
    """Return a function that has a ready-made journey adopted, with all that it asks for."""
    found, port = post
    values = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "hello@shop.example"}
    save_setup(actor=actor, now=NOW, code="email", is_enabled=True, values=values)
    texts.install(actor=actor, now=NOW)
    ledger.create_currency(
        actor=actor, now=NOW, code="points", rules=ledger.CurrencyRules(name="Points", time_zone="Asia/Shanghai")
    )
    for code in ("csat", "nps"):
        one = voice.STARTERS[code]
        made = surveys.create_survey(
            actor=actor, now=NOW, kind=one.kind, name=one.name[0], code=one.code, document=one.document
        )
        surveys.publish(actor=actor, now=NOW, survey_id=made.id)
    return lambda code, **fields: Life(actor, found, code, **fields)


def titles():
    """Return what the staff were given to do, with how often."""
    return dict(Counter(Task.objects.values_list("title", flat=True)))


def scored(status, *owner_ids):
    words = {"band": "gold", "status": status, "status_before": "", "rung": "", "rfm_segment": ""}
    days = dict.fromkeys(("as_of_date", "first_purchase_date", "last_purchase_date"), NOW.date())
    for one in owner_ids:
        known = {"owner_id": one, "run_id": new_id(), "computed_at": NOW, "reasons": []} | words | days
        names = {field.name for field in CustomerScore._meta.concrete_fields} - known.keys()
        CustomerScore.objects.create(**dict.fromkeys(names, 0) | known)


THROUGH = [("finished", "finished")] * 2


def morning(day: date) -> datetime:
    """Return ten in the morning of a day in Shanghai."""
    return datetime(day.year, day.month, day.day, 2, tzinfo=UTC)


def test_welcome(live):
    life = live("welcome", since=NOW)
    life.goes_on(NOW)
    assert life.got() == {"en": [], "zh-hans": []}  # a quiet hour first
    life.goes_on(after(hours=1))
    assert life.got() == {"en": ["Good to meet you, Ann"], "zh-hans": ["王小明，很高兴认识您"]}
    life.goes_on(after(days=14, hours=2))
    assert titles() == {"New customer without an order: ask what they are looking for": 2}
    assert life.ended() == THROUGH


def test_enquiry(live):
    life = live("enquiry")
    for one in life.people:
        activity.record_enquiry(customer_id=one, occurred_at=NOW, actor=life.actor, now=NOW)
    life.goes_on(NOW)
    assert titles() == {}
    life.goes_on(after(days=3))
    assert titles() == {"Asked and has not ordered: is a question open?": 2}
    assert life.ended() == THROUGH


def test_whoever_orders_after_an_enquiry_is_not_called(live):
    life = live("enquiry")
    for one in life.people:
        activity.record_enquiry(customer_id=one, occurred_at=NOW, actor=life.actor, now=NOW)
    life.goes_on(NOW)
    life.buys(after(days=1))
    life.goes_on(after(days=3))
    assert titles() == {}
    assert life.ended() == [("exited", "goal")] * 2


def test_the_orders_moments(live):
    life = live("order-moments")
    life.buys(NOW)
    for moment, at in (("order", NOW), ("payment", after(hours=1)), ("dispatch", after(days=2))):
        life.order_reaches(MomentKind(moment), at)
    life.order_reaches(MomentKind.RECEIPT, after(days=5))
    life.goes_on(after(days=13))
    assert life.got() == {
        "en": [
            "We have your order en-1",
            "Your payment has arrived: order en-1",
            "Your order en-1 is on its way",
            "Your order en-1 has arrived. Is everything right?",
            "Ann, how did we do?",
        ],
        "zh-hans": [
            "订单 zh-hans-1 已提交",
            "订单 zh-hans-1 付款成功",
            "订单 zh-hans-1 已发货",
            "订单 zh-hans-1 已签收，一切都好吗？",
            "王小明，想听听您的真心话",
        ],
    }
    life.answers(5, after(days=14))
    assert life.ended() == THROUGH


def test_an_order_that_is_late_is_told_of(live):
    life = live("order-moments")
    life.buys(NOW)
    for moment, at in (("order", NOW), ("payment", after(hours=1))):
        life.order_reaches(MomentKind(moment), at)
    life.goes_on(after(days=14, hours=2))
    assert titles() == {"Order not dispatched after two weeks: tell the customer": 2}
    assert life.ended() == THROUGH


def test_time_of_use(live):
    life = live("time-of-use")
    life.buys(NOW)
    life.order_reaches(MomentKind.RECEIPT, after(days=5))
    life.goes_on(after(days=15, hours=-1))
    assert life.got() == {"en": [], "zh-hans": []}
    life.goes_on(after(days=16))
    assert life.got() == {"en": ["Thank you, Ann"], "zh-hans": ["谢谢您，王小明"]}
    assert life.ended() == THROUGH


def test_first_order_and_second(live):
    life = live("first-repeat")
    life.buys(NOW)
    life.goes_on(after(days=1))
    life.buys(after(days=8))
    assert life.got() == {
        "en": ["Thank you, Ann", "Good to have you back, Ann"],
        "zh-hans": ["谢谢您，王小明", "王小明，欢迎回来"],
    }
    assert life.ended() == THROUGH


def test_first_order_and_silence(live):
    life = live("first-repeat")
    life.buys(NOW)
    life.goes_on(after(days=1))
    life.goes_on(after(days=31, hours=1))
    assert titles() == {"First order a month ago: how is it?": 2}
    assert life.ended() == THROUGH


@pytest.mark.parametrize(
    ("code", "fields", "day", "subjects"),
    [
        (
            "birthday",
            {"birth_date": date(1990, 3, 9)},
            date(2026, 3, 9),
            ("Happy birthday, Ann!", "生日快乐，王小明！"),
        ),
        (
            "lunar-birthday",
            {"birth_date": date(1990, 3, 9), "is_lunar_birthday": True},
            date(2026, 3, 31),
            ("Happy lunar birthday, Ann", "王小明，农历生辰快乐"),
        ),
        (
            "anniversary",
            {"joined_date": date(2023, 3, 9)},
            date(2026, 3, 9),
            ("3 years together, Ann", "王小明，我们认识 3 年了"),
        ),
        ("mid-autumn", {}, date(2026, 9, 24), ("Happy Mid-Autumn Festival, Ann", "王小明，中秋节快乐")),
        ("spring-festival", {}, date(2027, 2, 5), ("Happy Spring Festival, Ann", "王小明，春节快乐")),
    ],
)
def test_days(live, code, fields, day, subjects):
    life = live(code, **fields)
    life.goes_on(morning(day - timedelta(days=1)))
    assert life.got() == {"en": [], "zh-hans": []}
    life.goes_on(morning(day))
    life.goes_on(morning(day) + timedelta(hours=1))
    assert life.got() == {"en": [subjects[0]], "zh-hans": [subjects[1]]}
    assert life.ended() == THROUGH


@pytest.mark.parametrize("is_used", [False, True])
def test_points_about_to_end(live, is_used):
    life = live("points-expiring")
    end = datetime(2026, 4, 1, 16, tzinfo=UTC)  # good until the end of the first of April in Shanghai
    for one in life.people:
        points = {"owner": Owner("customer", one), "currency": "points", "occurred_at": NOW, "reason": Reason("test")}
        (posted,) = ledger.post([Earn(key=f"e-{one}", amount=50, expires_at=end, **points)], actor=life.actor, now=NOW)
        assert posted.transaction_id is not None
    life.goes_on(after(days=15))
    assert life.got() == {"en": [], "zh-hans": []}
    life.goes_on(after(days=16))
    if is_used:
        for one in life.people:
            points |= {"owner": Owner("customer", one), "occurred_at": after(days=17)}
            (posted,) = ledger.post([Spend(key=f"s-{one}", amount=50, **points)], actor=life.actor, now=after(days=17))
            assert posted.transaction_id is not None
    life.goes_on(after(days=17))
    life.goes_on(after(days=27))
    times = 1 if is_used else 2
    assert life.got() == {
        "en": ["Ann, some of your Points end soon"] * times,
        "zh-hans": ["王小明，您有Points即将到期"] * times,
    }
    assert life.ended() == THROUGH


def test_sleeping(live):
    life = live("sleeping")
    scored("sleeping", *life.people)
    life.goes_on(NOW)
    assert life.got() == {"en": ["Ann, it has been a while"], "zh-hans": ["王小明，好久不见"]}
    life.goes_on(after(days=11))
    assert titles() == {"Valuable and quiet: ask how they are": 2}
    assert life.ended() == THROUGH


def test_lost(live):
    life = live("lost")
    scored("lost", *life.people)
    life.goes_on(NOW)
    assert life.got() == {
        "en": ["Ann, would you give us another chance?"],
        "zh-hans": ["王小明，想请您再给我们一次机会"],
    }
    life.buys(after(days=9))
    assert life.ended() == [("exited", "goal")] * 2


def test_after_a_complaint(live):
    life = live("after-complaint")
    for one in life.people:
        new = NewCase(key=str(one), channel="phone", text="Broken", category="product-defect", customer_id=one)
        case = complaints.open_case(new, actor=life.actor, now=NOW)
        by = {"actor": life.actor, "case_id": case.id}
        decision = {"cause": "quality", "verdict": "upheld", "text": "A new one comes."}
        complaints.resolve_case(now=after(hours=1), **decision, **by)
        complaints.say_word(now=after(hours=2), is_satisfied=True, **by)
    life.goes_on(after(hours=3))
    assert titles() == {}
    life.goes_on(after(days=8))
    assert titles() == {"A week after the complaint: is all well?": 2}
    assert life.ended() == THROUGH


def test_after_a_low_score(live):
    life = live("after-low-score")
    life.answers(1, NOW)
    assert titles() == {"Low score: what went wrong?": 2}
    life.goes_on(after(days=32))
    life.answers(5, after(days=33))
    assert life.got() == {
        "en": ["Ann, we have read what you said", "Ann, how did we do?", "Thank you for your kind words, Ann"],
        "zh-hans": ["王小明，您的意见我们收到了", "王小明，想听听您的真心话", "谢谢您的肯定，王小明"],
    }
    assert life.ended() == THROUGH


def test_after_a_high_score(live):
    life = live("after-high-score")
    life.answers(10, NOW, survey="nps", question="recommend")
    assert life.got() == {"en": [], "zh-hans": []}
    life.goes_on(after(days=2))
    assert life.got() == {"en": ["Thank you for your kind words, Ann"], "zh-hans": ["谢谢您的肯定，王小明"]}
    assert life.ended() == THROUGH


def test_a_new_product(live):
    life = live("new-product")
    ways = services.enter(actor=life.actor, now=NOW, journey_id=life.journey_id, customer_ids=life.people)
    assert ways == {"entered": 2}
    life.goes_on(NOW)
    assert life.got() == {"en": ["Ann, would you have a first look?"], "zh-hans": ["王小明，新品想先请您看看"]}
    assert life.ended() == THROUGH


def test_every_ready_made_journey_is_lived_through_here():
    source = Path(__file__).read_text(encoding="utf-8")
    assert [code for code in starters.ORDER if f'"{code}"' not in source] == []
