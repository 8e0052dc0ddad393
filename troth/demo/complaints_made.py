"""Made-up complaints, improvements and visits over the demo company's year, each marked as made up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.db import transaction

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.customers.queries import CustomerFilter
from troth.messaging.delivering import deliver
from troth.staff import queries as staff
from troth.voice.complaints import queries as complaint_queries
from troth.voice.complaints import services as complaints
from troth.voice.complaints.services import ImprovementFields, NewCase
from troth.voice.models import Case, StoreVisit
from troth.voice.visits import queries as visit_queries
from troth.voice.visits import services as visits
from troth.voice.visits.services import NewVisit, VisitResult

SEED = 20_180_102
SINK = "sink"
CASES, RECENT, DAYS = 150, 14, 345
MOST_STORES, VISITS_EACH = 8, 5

# category, usual cause, how often, English, Chinese
STORIES: tuple[tuple[str, str, int, str, str], ...] = (
    ("product-defect", "quality", 26, "The milk was sour two days before its date.", "牛奶离保质期还有两天就酸了。"),
    ("product-defect", "supplier", 10, "Half of the strawberries in the box were bad.", "盒装草莓一半是坏的。"),
    (
        "product-missing",
        "stock",
        20,
        "What was in the leaflet was sold out on the first day.",
        "宣传单上的商品第一天就卖完了。",
    ),
    ("service-staff", "conduct", 14, "Nobody looked up when I asked for help.", "我询问时没有人理会。"),
    ("service-wait", "staffing", 22, "One till open, twelve people waiting.", "只开一个收银台，排了十二个人。"),
    ("service-promise", "promise", 8, "I was told somebody would call. Nobody did.", "说好回电，一直没有。"),
    ("price", "information", 18, "The shelf said one price, the bill another.", "货架标价和小票不一致。"),
    ("points", "system", 16, "My points of last week are missing.", "上周的积分没有到账。"),
    ("privacy", "process", 6, "I asked for no more leaflets and still get them.", "我已要求不再寄宣传单，还是收到。"),
    ("store", "staffing", 7, "The floor by the freezers was wet and slippery.", "冷柜旁的地面又湿又滑。"),
    ("product-safety", "quality", 2, "There was a piece of glass in the jar.", "罐子里有一块玻璃。"),
)
CHANNELS = (("phone", 30), ("email", 24), ("form", 26), ("till", 14), ("social", 6))
ANSWERS = (
    "Thank you for telling us. We look into it and answer by tomorrow.",
    "感谢您的反馈，我们正在核实，明天之前给您答复。",
)
DECISIONS = (
    "You were right, and we are sorry. We replace it and have spoken with the store.",
    "您说得对，我们深表歉意。我们为您更换，并已与门店沟通。",
)


@dataclass(slots=True)
class _Maker:
    actor: Actor
    end: datetime
    is_chinese: bool
    chance: Random

    def hand_over(self, now: datetime) -> None:
        """Have what was said to customers go out, to the sink, when it was said: on another day it comes too late."""
        while deliver(SINK, actor=self.actor, now=now):
            pass

    def pick(self, weighted: Sequence[tuple[Any, int]]) -> Any:
        return self.chance.choices([one for one, _weight in weighted], [weight for _one, weight in weighted])[0]


def fill(actor: Actor, now: datetime, language: str) -> None:
    """Fill complaints, improvements and visits, if they are not there: all in one transaction, or nothing of it."""
    if complaint_queries.cases().filter(is_made_up=True).exists():
        return
    maker = _Maker(actor, staff.company().moment(now), language.startswith("zh"), Random(SEED))  # noqa: S311  made up
    with transaction.atomic():
        _complaints(maker)
        _improvements(maker)
        _visits(maker)


def _complaints(maker: _Maker) -> None:
    people = _people(maker)
    stores = [row.code for row in staff.stores()[:MOST_STORES]]
    if not people:
        return
    starts = sorted(maker.end - timedelta(days=8 + maker.chance.random() * DAYS) for _number in range(CASES - RECENT))
    starts += sorted(maker.end - timedelta(hours=4 + maker.chance.random() * 90) for _number in range(RECENT))
    for number, start in enumerate(starts):
        story = maker.pick([(one, one[2]) for one in STORIES])
        new = NewCase(
            key=f"demo:{number}",
            channel=maker.pick(CHANNELS),
            text=story[4] if maker.is_chinese else story[3],
            category=story[0],
            customer_id=maker.chance.choice(people),
            store=maker.chance.choice(stores) if stores and maker.chance.random() < 0.7 else "",
            language="zh-hans" if maker.is_chinese else "en",
            is_told=True,
            is_safety=story[0] == "product-safety",
            is_made_up=True,
        )
        case = complaints.open_case(new, actor=maker.actor, now=start)
        maker.hand_over(start)
        if number < CASES - RECENT:
            _live(maker, case, start, story[1])
        else:
            _begin(maker, case, start, story[1], stage=number % 5)


def _begin(maker: _Maker, case: Case, start: datetime, cause: str, *, stage: int) -> None:
    """Take one of the last days' cases a little way, so that every column of the board has some."""
    common: dict[str, Any] = {"actor": maker.actor, "case_id": case.id}
    text, soon = 1 if maker.is_chinese else 0, start + timedelta(hours=2)
    if stage:
        complaints.write_to_customer(now=soon, text=ANSWERS[text], awaits_answer=stage == 2, **common)
        maker.hand_over(soon)
    if stage > 2:
        decision: dict[str, Any] = {"verdict": "upheld", "text": DECISIONS[text], "cause": cause}
        complaints.resolve_case(now=soon + timedelta(hours=1), **decision, **common)
        maker.hand_over(soon + timedelta(hours=1))


def _live(maker: _Maker, case: Case, start: datetime, cause: str) -> None:
    """Take a case as far as it came by the end: answered, decided, judged by the customer."""
    chance = maker.chance
    common: dict[str, Any] = {"actor": maker.actor, "case_id": case.id}
    text = 1 if maker.is_chinese else 0
    at = start + timedelta(hours=chance.expovariate(1 / 9))
    if at > maker.end:
        return
    complaints.write_to_customer(now=at, text=ANSWERS[text], **common)
    maker.hand_over(at)
    at += timedelta(days=chance.expovariate(1 / 3.2))
    if at > maker.end or chance.random() < 0.02:
        return
    verdict = chance.choices(("upheld", "partly", "declined"), (70, 20, 10))[0]
    complaints.resolve_case(now=at, verdict=verdict, text=DECISIONS[text], cause=cause, **common)
    maker.hand_over(at)
    at += timedelta(days=chance.expovariate(1 / 1.5))
    if at > maker.end:
        return
    roll = chance.random()
    if roll < 0.58:
        complaints.say_word(now=at, is_satisfied=True, **common)
    elif roll < 0.72:
        complaints.say_word(now=at, is_satisfied=False, **common)
        later = at + timedelta(days=chance.expovariate(1 / 3))
        if later < maker.end:
            final: dict[str, Any] = {"verdict": "upheld", "text": DECISIONS[text], "cause": cause, "is_final": True}
            complaints.resolve_case(now=later, **final, **common)
            maker.hand_over(later)
            if later + timedelta(days=8) < maker.end:
                complaints.close_case(now=later + timedelta(days=8), **common)
    elif at + timedelta(days=8) < maker.end:
        complaints.close_case(now=at + timedelta(days=8), **common)


def _improvements(maker: _Maker) -> None:
    today = staff.company().today(maker.end)
    plans = (
        (
            "staffing",
            "A second till from six in the evening",
            "晚六点起加开第二个收银台",
            today - timedelta(days=95),
            True,
        ),
        ("information", "Shelf prices checked every morning", "每天早晨核对货架价格", today - timedelta(days=60), True),
        ("quality", "Cold chain measured at each delivery", "每次到货测量冷链温度", today + timedelta(days=20), False),
        ("stock", "Leaflet goods ordered by the forecast", "按预测订购促销商品", today - timedelta(days=5), False),
    )
    people = list(staff.people().filter(left_date=None)[:4])
    for number, (cause, title, title_zh, day, is_done) in enumerate(plans):
        fields = ImprovementFields(
            title=title_zh if maker.is_chinese else title,
            due_date=day,
            cause=cause,
            told=f"{title}." if is_done else "",
            told_zh=f"{title_zh}。" if is_done else "",
            staff_id=people[number % len(people)].id if people else None,
            state="done" if is_done else "planned",
            done_date=day if is_done else None,
            is_made_up=True,
        )
        complaints.create_improvement(actor=maker.actor, now=maker.end, fields=fields)
    complaints.measure_recovery(now=maker.end)


def _visits(maker: _Maker) -> None:
    """Score each store several times over the year, mostly better and better; leave some to be scored."""
    visits.ensure_checklists(actor=maker.actor, now=maker.end - timedelta(days=DAYS))
    today = staff.company().today(maker.end)
    stores = [row.code for row in staff.stores()[:MOST_STORES]]
    for place, code in enumerate(stores):
        skill = 0.62 + 0.04 * place
        for number in range(VISITS_EACH):
            day = today - timedelta(days=DAYS - number * 70 - maker.chance.randrange(20))
            _visit(maker, "store-visit", day, min(0.95, skill + 0.03 * number), store=code)
    for number, code in enumerate(("own-call", "planted-complaint", "market-visit")):
        name = (
            ("公司服务热线", "门店服务台", "城南经销商")
            if maker.is_chinese
            else ("Own service line", "Service desk", "Dealer")
        )
        _visit(maker, code, today - timedelta(days=30 + number * 9), 0.7, place=name[number])
    _planned(maker, today, stores[:2])


def _visit(maker: _Maker, checklist: str, day: date, skill: float, *, store: str = "", place: str = "") -> StoreVisit:
    visitor = "神秘顾客（虚构）" if maker.is_chinese else "Mystery shopper (made up)"
    new = NewVisit(checklist=checklist, planned_date=day, store=store, place=place, visitor=visitor, is_made_up=True)
    moment = maker.end - timedelta(days=(staff.company().today(maker.end) - day).days)
    (visit,) = visits.plan_visits([new], actor=maker.actor, now=moment - timedelta(days=7))
    points = {
        item.key: sum(maker.chance.random() < skill for _point in range(item.points))
        if not item.is_critical
        else int(maker.chance.random() < 0.97)
        for item in visit_queries.document_of(visit.version).items
    }
    result = VisitResult(visited_date=day, points=points)
    return visits.score_visit(actor=maker.actor, now=moment, visit_id=visit.id, result=result)


def _planned(maker: _Maker, today: date, stores: Sequence[str]) -> None:
    visitor = "神秘顾客（虚构）" if maker.is_chinese else "Mystery shopper (made up)"
    soon = today + timedelta(days=6)
    planned = [
        NewVisit(checklist="store-visit", planned_date=soon, store=code, visitor=visitor, is_made_up=True)
        for code in stores
    ]
    if planned:
        visits.plan_visits(planned, actor=maker.actor, now=maker.end)


def _people(maker: _Maker) -> list[UUID]:
    found = customers.customers_matching(CustomerFilter())
    ids = sorted(found.order_by("id").values_list("id", flat=True)[:2000])
    return maker.chance.sample(ids, min(len(ids), CASES))
