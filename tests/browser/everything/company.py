"""A small company with a little of everything, so that no page stands empty: made by the services that make real ones.

What its people wrote is Chinese, so that on a Chinese page every English sentence is one that nobody translated.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from django.utils import translation

from troth.access import services as access
from troth.access.actors import system_actor
from troth.access.permissions import Permission
from troth.activity.orders import NewLine, NewOrder
from troth.care.journeys import services as journeys
from troth.console.programmes.starters import starter
from troth.customers import services as customers
from troth.demo import catalogue, complaints_made, journeys_made, surveys_made, tasks_made, texts_made
from troth.imports import services as imports
from troth.insights import services as insights
from troth.jobs import running
from troth.jobs.models import Job
from troth.ledger import services as ledger
from troth.ledger.operations import Adjust, HoldPoints, Owner, Reason
from troth.programs import services as programs
from troth.rewards import services as rewards
from troth.rewards.models import Benefit, CodeKind
from troth.sales import services as sales
from troth.segments import services as segments
from troth.staff import services as staff
from troth.voice.surveys import queries as survey_queries
from troth.voice.surveys import services as surveys

ACTOR = system_actor("test")
OTHER = system_actor("second")
LANGUAGE = "zh-hans"
MONEY = "CNY"
FAMILY, GIVEN = "王李张刘陈杨赵黄周", ("伟", "芳", "娜", "秀英", "敏", "静", "丽", "强")
PEOPLE = len(FAMILY) * 4
MEMBERS_SINCE = timedelta(days=60)
GREETING = """
journey: todo
name: {en: Come back, zh: 欢迎回来}
entry: {type: list}
steps:
  - {id: mark, type: tag, tag: 已问候}
  - {id: pause, type: wait, days: 2}
  - id: who
    type: branch
    ways:
      - {code: a, name: {en: In Shanghai, zh: 在上海}, when: {field: address.city, operator: is, value: 上海}}
"""
ROWS = "客户编号,姓名,手机号,城市\nI1,周杰,13900000001,上海\nI2,吴静,不是号码,北京\n"


def fill(patch: pytest.MonkeyPatch, now: datetime) -> None:
    """Fill the company that stands: people, points and orders first, then what is said to them and heard from them."""
    staff.save_store(actor=ACTOR, now=now, code="s1", name="南京路店", city="上海")
    people = _people(now)
    _programme(now)
    _orders(now, people)
    insights.analyse(actor=ACTOR, now=now)
    _few_of_each(patch)
    with translation.override(LANGUAGE):  # of who makes tasks: their titles are written in it
        for part in (texts_made, tasks_made, surveys_made, complaints_made, journeys_made):
            part.fill(actor=ACTOR, now=now, language=LANGUAGE)
    insights.analyse(actor=ACTOR, now=now)
    _rewards(now, people)
    _points(now, people)
    _groups(now, people)
    _drafts(now, people)
    _files(now)
    for job in Job.objects.filter(name__in=("segments.refresh", "sales.rehearse", "messaging.measure_control")):
        running.run(job.id)


def _few_of_each(patch: pytest.MonkeyPatch) -> None:
    """Have the makers of the demonstration make few of each."""
    patch.setattr(surveys_made, "WAVES", tuple(surveys_made.Wave(one.survey, 30, 30) for one in surveys_made.WAVES))
    patch.setattr(surveys_made, "RATES", dict.fromkeys(surveys_made.RATES, 0.8))
    patch.setattr(complaints_made, "CASES", 26)
    patch.setattr(complaints_made, "VISITS_EACH", 2)
    patch.setattr(journeys_made, "WEEKS", 1)
    patch.setattr(journeys_made, "CONTROL_PERCENT", 33)
    patch.setattr(tasks_made, "DONE", 12)
    patch.setattr(tasks_made, "WAITING", 9)


def _people(now: datetime) -> list[UUID]:
    """Make people; the first has most to show, and somebody who may be the same person."""
    made = [
        customers.create_customer(
            actor=ACTOR,
            now=now,
            identities=[
                customers.NewIdentity("phone", f"138{number:08}"),
                customers.NewIdentity("email", f"p{number}@example.org"),
            ],
            name=FAMILY[number % len(FAMILY)] + GIVEN[number % len(GIVEN)],
            city="上海" if number % 3 else "杭州",
            birth_date=(now + timedelta(days=number % 9)).date().replace(year=1970 + number, day=1 + number % 28),
            language=LANGUAGE,
        ).id
        for number in range(PEOPLE)
    ]
    twin = [customers.NewIdentity("phone", "13800000000"), customers.NewIdentity("card", "K-1")]
    customers.create_customer(actor=ACTOR, now=now, identities=twin, on_taken="suggest", name="王维")
    first, second, third = made[:3]
    customers.add_tag(actor=ACTOR, now=now, customer_id=first, name="常客")
    customers.define_attribute(
        actor=ACTOR, now=now, code="taste", label="Taste", label_zh="口味", attribute_type="choice",
        choices=["清淡", "香辣"],
    )  # fmt: skip
    customers.set_attributes(actor=ACTOR, now=now, customer_id=first, values={"taste": "清淡"})
    customers.merge(actor=ACTOR, now=now, canonical_id=first, merged_id=made.pop())
    home = customers.make_household(actor=ACTOR, now=now, head_id=first, name="王家")
    customers.join_household(actor=ACTOR, now=now, household_id=home.id, customer_id=second)
    customers.make_household(actor=ACTOR, now=now, head_id=third)
    return made


def _programme(now: datetime) -> None:
    """Establish a club, in force for two months, and a second one that waits for its reviewer."""
    rules = ledger.CurrencyRules(
        name="Points",
        name_zh="积分",
        shortfall="arrears",
        adjust_approval_limit=100,
        transfer_rule="anyone",
        expiry_kind="days",
        expiry_count=365,
    )
    ledger.create_currency(actor=ACTOR, now=now, code="points", rules=rules)
    named = {"name": "Club", "name_zh": "会员俱乐部", "currency": MONEY, "points": "points"}
    text = starter("club").text(programme="club", **named)
    since = now - MEMBERS_SINCE
    club = programs.establish(
        actor=ACTOR, now=since, text=text, effective_at=since, reviewed_by="system:second"
    ).programme
    changed = text.replace("factor: 2}", "factor: 3}")
    programs.save_draft(actor=ACTOR, now=now, programme_id=club.id, text=changed)
    programs.submit_draft(actor=ACTOR, now=now, programme_id=club.id)
    programs.create_programme(actor=ACTOR, now=now, text=starter("stamps").text(programme="stamps", **named))
    for draft in (text, changed):
        sales.start_rehearsal(
            actor=ACTOR, now=now, programme_id=club.id, draft_text=draft, from_date=since.date(), to_date=now.date()
        )


def _orders(now: datetime, people: list[UUID]) -> None:
    """Let people buy at their own pace; what is older than the club's beginning, or came late, is history."""
    orders = [
        NewOrder(
            "pos",
            f"A{number}-{purchase}",
            customer_id,
            now - timedelta(days=2 + number * 3 + purchase * (6 + number)),
            MONEY,
            (
                NewLine(
                    1,
                    Decimal(2),
                    Decimal(30),
                    Decimal(60 + number),
                    unit_cost=Decimal(18),
                    sku="t1",
                    name="龙井茶",
                    category="茶叶",
                ),
                NewLine(
                    2,
                    Decimal(1),
                    Decimal(25),
                    Decimal(25),
                    unit_cost=Decimal(11),
                    sku="c2",
                    name="盖碗",
                    category="茶具",
                ),
            ),
            is_history=purchase > 3 or number == 30,
        )
        for number, customer_id in enumerate(people)
        for purchase in range(2 + number % 6)
    ]
    for sold in sales.record_orders(orders, actor=ACTOR, now=now):
        assert sold.error is None
    first = (now - MEMBERS_SINCE).date()
    sales.request_history_award(actor=ACTOR, now=now, from_date=first - timedelta(days=300), to_date=now.date())


def _rewards(now: datetime, people: list[UUID]) -> None:
    """Put rewards on offer, let two be taken, run two campaigns of coupons, and set up birthday gifts."""
    catalogue.set_up(actor=ACTOR, now=now, points="points")
    wanted = [
        rewards.NewRedemption(
            key=f"r{number}", customer_id=people[number], reward="shopping-bag", occurred_at=now, is_gift=True
        )
        for number in range(2)
    ]
    for redeemed in rewards.redeem_rewards(wanted, actor=ACTOR, now=now):
        assert redeemed.error is None
    common: dict[str, Any] = {"benefit": Benefit.AMOUNT, "amount": Decimal(5), "currency": MONEY}
    hello = rewards.CampaignFields(
        code="hello", name="Hello", name_zh="见面礼", code_kind=CodeKind.GENERIC, generic_code="HELLO5", **common
    )
    thanks = rewards.CampaignFields(
        code="thanks",
        name="Thanks",
        name_zh="感谢券",
        code_kind=CodeKind.UNIQUE,
        size=500,
        control_percent=30,
        **common,
    )
    draft = rewards.CampaignFields(
        code="later", name="Later", name_zh="下月券", code_kind=CodeKind.UNIQUE, size=50, **common
    )
    for fields in (hello, thanks):
        made = rewards.create_campaign(actor=ACTOR, now=now, fields=fields)
        rewards.start_campaign(actor=ACTOR, now=now, campaign_id=made.id)
    rewards.issue_codes(actor=ACTOR, now=now, campaign_id=made.id, key="print", count=20)
    assert rewards.kept_out_of("thanks", people, now=now)
    rewards.create_campaign(actor=ACTOR, now=now, fields=draft)
    given = [rewards.Assign(f"a{number}", people[number], "thanks", now) for number in range(3)]
    cake = rewards.GiftFields(code="cake", name="Cake", name_zh="生日蛋糕", campaign="thanks", usable_days=14)
    mug = rewards.GiftFields(code="bag", name="Bag", name_zh="购物袋", reward="shopping-bag", is_active=False)
    for gift in (cake, mug):
        made_gift = rewards.create_gift(actor=ACTOR, now=now, fields=gift)
        rewards.give_birthday_gifts(actor=ACTOR, now=now, gift=made_gift)
    used = rewards.Redeem(key="u0", code="HELLO5", customer_id=people[0], occurred_at=now, currency=MONEY)
    for done in rewards.post_coupons([*given, used], actor=ACTOR, now=now):
        assert done.error is None


def _points(now: datetime, people: list[UUID]) -> None:
    """Have points moved by hand, set aside, and asked for; and a change of their end wait."""
    why, owner = Reason("adjusted"), Owner("customer", people[0])
    move: dict[str, Any] = {"owner": owner, "currency": "points", "occurred_at": now, "reason": why}
    ledger.request_adjustment(actor=ACTOR, now=now, operation=Adjust(key="j1", amount=60, **move), note="补登")
    ledger.request_adjustment(actor=ACTOR, now=now, operation=Adjust(key="j2", amount=500, **move), note="周年回馈")
    hold = HoldPoints(key="h1", amount=20, expires_at=now + timedelta(days=1), **move)
    for posted in ledger.post([hold], actor=ACTOR, now=now):
        assert posted.error is None
    ledger.request_expiry_change(actor=ACTOR, now=now, currency="points", expiry_kind="days", expiry_count=400)


def _groups(now: datetime, people: list[UUID]) -> None:
    """Make two segments in use, one of them with a new draft."""
    city: dict[str, Any] = {"field": "address.city", "operator": "is", "value": "上海"}
    for name, name_zh, tree in (("Shanghai", "上海客户", {"all": [city]}), ("Others", "外地客户", {"not": city})):
        made = segments.create_segment(actor=ACTOR, now=now, name=name, name_zh=name_zh, definition=tree)
        segments.publish(actor=ACTOR, now=now, segment_id=made.id)
    segments.save_draft(actor=ACTOR, now=now, segment_id=made.id, definition={"any": [city]})


def _drafts(now: datetime, people: list[UUID]) -> None:
    """Begin a journey that one is put into by hand, with two versions and a draft; open every survey to all."""
    made = journeys.create_journey(actor=ACTOR, now=now, text=GREETING)
    journeys.publish(actor=ACTOR, now=now, journey_id=made.id)
    journeys.enter(actor=ACTOR, now=now, journey_id=made.id, customer_ids=people[:3])
    journeys.advance(actor=ACTOR, now=now)
    for days in (3, 4):
        journeys.save_draft(actor=ACTOR, now=now, journey_id=made.id, text=GREETING.replace("days: 2", f"days: {days}"))
        if days == 3:
            journeys.publish(actor=ACTOR, now=now, journey_id=made.id)
    for survey in survey_queries.surveys():
        surveys.change_settings(
            actor=ACTOR, now=now, survey_id=survey.id, name=survey.name, name_zh=survey.name_zh, has_open_link=True
        )
    access.create_api_key(name="收银台", scopes=[Permission.CUSTOMERS_VIEW], actor=ACTOR, now=now)


def _files(now: datetime) -> None:
    """Import a file with a wrong row, and leave another one half way."""
    for name in ("完成.csv", "待定.csv"):
        run = imports.receive(actor=ACTOR, now=now, file_name=name, content=BytesIO(ROWS.encode()))
    first = type(run).objects.get(file_name="完成.csv")
    imports.work_off(imports.start(first.id, actor=ACTOR, now=now))
