"""Work for people in the demonstration: a team, tasks done and waiting, services, trainings, the journey map.

All of it is made up, and says so where it is read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import cycle
from uuid import UUID

from troth.access import queries as access
from troth.access.actors import Actor
from troth.care.requests import services as requests
from troth.care.touchpoints import services as touchpoints
from troth.care.touchpoints.starters import STARTERS
from troth.care.training import services as training
from troth.care.training.queries import INVITATION
from troth.customers import queries as customers
from troth.insights import queries as insights
from troth.insights.models import Band
from troth.insights.queries import People
from troth.kit import clock
from troth.messaging.delivering import deliver
from troth.staff import queries as staff
from troth.staff import services as staff_services
from troth.staff.models import StaffMember
from troth.worklist import queries as worklist_queries
from troth.worklist import services as worklist
from troth.worklist.models import Moment, Touch
from troth.worklist.plans import MORNING_HOUR
from troth.worklist.queries import TaskFilter
from troth.worklist.services import PlanFields, TaskDraft

from .company import EMAIL

TEAM = "care"
CALLERS = (("demo-1", "Lin Yue", "林悦"), ("demo-2", "Chen Hao", "陈浩"), ("demo-3", "Zhao Min", "赵敏"))
TITLES = (
    ("Ask how the last purchase was", "回访最近一次购买"),
    ("Thank for a year of loyalty", "感谢一年来的支持"),
    ("Tell of points that end soon", "提醒即将到期的积分"),
    ("Ask why it has become quiet", "了解近期未光顾的原因"),
)
OUTCOMES = ("reached", "reached", "reached", "not_reached", "reached", "declined", "reached", "wrong_number")
REPAIRS = (
    ("repair", "The water heater leaks", "热水器漏水"),
    ("repair", "The fridge is loud", "冰箱噪音大"),
    ("installation", "Mount the kitchen hood", "安装油烟机"),
    ("help", "How is the timer set?", "如何设置定时？"),
    ("workshop", "The handle is loose", "手柄松动"),
    ("repair", "The oven does not heat", "烤箱不加热"),
)
DONE, WAITING, SERVICES = 60, 24, 12
PLANNED_DAYS = 10
"""So many days the plans of return visits have run when the demonstration begins."""

THE_VALUABLE: Mapping[str, str] = {Band.DIAMOND: Touch.HIGH, Band.GOLD: Touch.HIGH}
MEASURED = {"till": "csat", "first-use": "value", "service-call": "ces", "thanks": "nps"}
"""Touchpoints with the ready-made survey that tells what is felt there."""
COMPLAINED = {"shop-window": "store", "till": "price", "delivery": "delivery", "first-use": "product", "club": "points"}
"""Touchpoints with the category of the complaints made there."""


def fill(actor: Actor, now: datetime, language: str) -> None:
    """Make up work for people; done again it adds nothing."""
    if worklist_queries.teams(is_active=None).filter(code=TEAM).exists():
        return
    now = staff.moment(now)  # the day on which the demonstration stands still
    is_chinese = language.startswith("zh")
    callers = _people(actor, now, is_chinese)
    ids = [one.id for one in callers]
    worklist.save_team(code=TEAM, name="Customer care", name_zh="客户关怀组", members=ids, actor=actor, now=now)
    people = _customers()
    if people:
        _plans(callers, actor, now, is_chinese)
        _tasks(people, callers, actor, now, is_chinese)
        _services(people, callers, actor, now, is_chinese)
        _training(people, callers, actor, now, is_chinese)
    _map(callers, actor, now)


def _people(actor: Actor, now: datetime, is_chinese: bool) -> list[StaffMember]:
    """Return the callers; whoever looks at the demonstration is one of them."""
    made = [
        staff_services.save_member(
            actor=actor,
            now=now,
            code=code,
            name=chinese if is_chinese else english,
            job_title="虚构" if is_chinese else "made up",
        )
        for code, english, chinese in CALLERS
    ]
    user = access.user_by_email(EMAIL)
    mine = staff.people().filter(user_id=user.id).first() if user else None
    if mine is not None:
        made.append(mine)
    elif user is not None:
        made.append(staff_services.save_member(actor=actor, now=now, code="demo-you", name=str(user), user_id=user.id))
    return made


def _customers() -> list[UUID]:
    """Return the customers of whom most is known, as far as they can be called by name."""
    run = insights.latest_run()
    if run is None:
        return []
    top = insights.people(People(), as_of=run.as_of_date).values_list("owner_id", flat=True)[:90]
    known = customers.records(list(top))
    return [one for one in top if one in known and known[one].erased_at is None]


def _plans(callers: Sequence[StaffMember], actor: Actor, now: datetime, is_chinese: bool) -> None:
    """Have two plans run over the last days; what was said in the calls is made up, that they were due is not."""
    plans = (
        PlanFields(
            code="after-order", name="A week after an order", name_zh="下单一周回访", days_after=7, team=TEAM,
            most_a_day=4, touches=THE_VALUABLE, is_active=True,
        ),
        PlanFields(
            code="quiet", name="Sixty quiet days", name_zh="沉默六十天回访", moment=Moment.SILENCE, days_after=60,
            team=TEAM, most_a_day=4, template=worklist.RETURN_VISIT_TEXT, is_active=True,
        ),
    )  # fmt: skip
    today, zone = staff.company().today(now), staff.company().time_zone
    first = today - timedelta(days=PLANNED_DAYS - 1)
    rows = [worklist.save_plan(plan, actor=actor, now=now, begins=first) for plan in plans]
    turns, outcomes = cycle(callers), cycle(OUTCOMES)
    for offset in range(PLANNED_DAYS):
        day = first + timedelta(days=offset)
        morning = clock.day_start(day, zone) + timedelta(hours=MORNING_HOUR)
        for row in rows:
            worklist.run_plan(row.id, actor=actor, now=morning, until=day)
            for channel in ("inbox", "sink"):
                while deliver(channel, actor=actor, now=morning):
                    pass
            if day <= today - timedelta(days=2):
                _call(row.code, turns, outcomes, actor, morning, _note(is_chinese))


def _call(
    plan: str, callers: Iterator[StaffMember], outcomes: Iterator[str], actor: Actor, morning: datetime, note: str
) -> None:
    """Have the return visits that wait made, one after the other."""
    waiting = TaskFilter(source=f"plan:{plan}")
    for number, task in enumerate(list(worklist_queries.tasks(waiting, actor=actor, now=morning))):
        member_id, at = task.assignee_id or next(callers).id, morning + timedelta(hours=2, minutes=9 * number)
        is_pleased = number % 4 != 3
        worklist.take(task.id, actor=actor, now=at - timedelta(minutes=20), member_id=member_id)
        worklist.complete(
            task.id, outcome=next(outcomes), note=note, actor=actor, now=at, member_id=member_id,
            answers={"mood": "pleased" if is_pleased else "neutral", "satisfied": "yes" if is_pleased else "no"},
        )  # fmt: skip


def _note(is_chinese: bool) -> str:
    return "演示数据，纯属虚构。" if is_chinese else "Made up for the demonstration."


def _tasks(
    people: Sequence[UUID], callers: Sequence[StaffMember], actor: Actor, now: datetime, is_chinese: bool
) -> None:
    who, turns, outcomes = cycle(people), cycle(callers), cycle(OUTCOMES)
    for number in range(DONE):
        then = now - timedelta(days=number % 28, hours=number % 7 + 1)
        draft = _draft(number, next(who), is_chinese)
        (task_id,) = worklist.create_tasks([draft], actor=actor, now=then - timedelta(hours=5))
        member = next(turns)
        worklist.take(task_id, actor=actor, now=then - timedelta(hours=number % 4), member_id=member.id)
        worklist.complete(
            task_id, outcome=next(outcomes), note=_note(is_chinese), actor=actor, now=then, member_id=member.id,
            answers={"mood": "pleased" if number % 3 else "neutral"},
        )  # fmt: skip
    for number in range(DONE, DONE + WAITING):
        member_id = next(turns).id if number % 3 else None
        due_at = now + timedelta(hours=(number - DONE) * 6 - 30)
        worklist.create_tasks(
            [_draft(number, next(who), is_chinese, member_id=member_id, due_at=due_at)], actor=actor, now=now
        )


def _draft(
    number: int,
    customer_id: UUID,
    is_chinese: bool,
    *,
    member_id: UUID | None = None,
    due_at: datetime | None = None,
) -> TaskDraft:
    english, chinese = TITLES[number % len(TITLES)]
    return TaskDraft(
        key=f"demo:{number}",
        kind="return_visit" if number % 2 else "call",
        title=f"{chinese}（虚构）" if is_chinese else f"{english} (made up)",
        customer_id=customer_id,
        team=TEAM,
        assignee_id=member_id,
        due_at=due_at,
        source="demo",
        priority=30 + number * 7 % 60,
    )


def _services(
    people: Sequence[UUID], callers: Sequence[StaffMember], actor: Actor, now: datetime, is_chinese: bool
) -> None:
    for number in range(SERVICES):
        kind, english, chinese = REPAIRS[number % len(REPAIRS)]
        new = requests.NewRequest(
            key=f"demo:{number}",
            customer_id=people[number % len(people)],
            kind=kind,
            title=f"{chinese}（虚构）" if is_chinese else f"{english} (made up)",
            channel=("phone", "wechat", "store")[number % 3],
        )
        row = requests.open_request(new, actor=actor, now=now - timedelta(days=number % 5 + 1))
        if kind in ("repair", "installation") and number >= 3:
            at = _nine(now + timedelta(days=number % 4 + 1))
            member = callers[number % len(callers)]
            requests.schedule(
                row.number, starts_at=at + timedelta(hours=number % 8), ends_at=at + timedelta(hours=number % 8 + 1),
                technician_id=member.id, actor=actor, now=now,
            )  # fmt: skip
        if kind in ("repair", "installation") and number >= 8:
            requests.move(row.number, step="on_site", actor=actor, now=now)
            requests.move(row.number, step="done", actor=actor, now=now)
        if number == SERVICES - 1:
            requests.confirm(row.number, satisfied=True, actor=actor, now=now)


def _nine(moment: datetime) -> datetime:
    """Return nine in the morning of the company's day."""
    zone = staff.company().time_zone
    return clock.day_start(clock.business_date(moment, zone), zone) + timedelta(hours=9)


def _training(
    people: Sequence[UUID], callers: Sequence[StaffMember], actor: Actor, now: datetime, is_chinese: bool
) -> None:
    training.save_course(
        code="cooking",
        name="Cooking with what is in season (made up)",
        name_zh="时令料理课（虚构）",
        actor=actor,
        now=now,
    )
    training.save_course(
        code="care",
        name="How to look after your kitchen (made up)",
        name_zh="厨房保养讲座（虚构）",
        course_kind="seminar",
        actor=actor,
        now=now,
    )
    start = _nine(now)
    for course, days, seats, guests in (("cooking", -20, 12, 14), ("care", -6, 20, 15), ("cooking", 8, 10, 13)):
        at = start + timedelta(days=days, hours=5)
        fields = training.SessionFields(
            course=course, starts_at=at, ends_at=at + timedelta(hours=2), capacity=seats,
            place="二号厨房" if is_chinese else "Kitchen 2", trainer_id=callers[0].id, template=INVITATION,
        )  # fmt: skip
        session = training.plan_session(fields, actor=actor, now=at - timedelta(days=30))
        for customer_id in people[:guests]:
            training.register(session.id, customer_id, is_told=days > 0, actor=actor, now=at - timedelta(days=9))
        if days < 0:
            came = {customer_id: place % 5 != 0 for place, customer_id in enumerate(people[:guests])}
            training.note_attendance(session.id, came, actor=actor, now=at + timedelta(hours=3))


def _map(callers: Sequence[StaffMember], actor: Actor, now: datetime) -> None:
    """Put the usual touchpoints onto the map, each with somebody who answers for it, some with a survey."""
    for fields, member in zip(STARTERS, cycle(callers), strict=False):
        survey, category = MEASURED.get(fields.code, ""), COMPLAINED.get(fields.code, "")
        named = replace(fields, survey=survey, category=category, owner_id=member.id)
        touchpoints.save_touchpoint(named, actor=actor, now=now)
