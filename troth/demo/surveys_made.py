"""Made-up answers to the ready-made surveys: enough to fill every screen, leaning the way people's scores do.

Surveys and sheets are marked as made up. Nothing is sent: nobody of the demo would get it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.db import transaction

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.customers import services as customer_services
from troth.customers.queries import CustomerFilter
from troth.insights import queries as insights
from troth.staff import queries as staff
from troth.voice.surveys import queries as survey_queries
from troth.voice.surveys import services as surveys
from troth.voice.surveys.errors import SurveyNotFoundError
from troth.voice.surveys.services import NewInvitation
from troth.voice.surveys.starters import STARTERS, starter

SEED = 20_180_101
RECENT = timedelta(days=12)
RATES = {"diamond": 0.5, "gold": 0.45, "silver": 0.38, "ordinary": 0.3, "new": 0.18}
MOODS = {"active": 0.6, "repeat": 0.5, "new": 0.2, "sleeping": -0.6, "lost": -1.1}
LIFTS = {"diamond": 0.5, "gold": 0.3, "silver": 0.1, "ordinary": -0.1, "new": 0.0}


@dataclass(frozen=True, slots=True)
class Wave:
    """So many people asked, spread over so many days before today."""

    survey: str
    asked: int
    days: int


WAVES = (
    Wave("nps", 420, 300),
    Wave("csat", 780, 200),
    Wave("ces", 80, 150),
    Wave("loyalty", 170, 120),
    Wave("value", 120, 90),
    Wave("kano", 120, 60),
)
BAD = (
    ("The queue at the till was far too long.", "结账排队等了太久。"),
    ("Nobody could help me, the staff was busy with the phone.", "店员一直在看手机，没人理我。"),
    ("Prices went up again, the other shop is cheaper.", "又涨价了，隔壁更便宜。"),
    ("The fruit was not fresh.", "水果不新鲜。"),
    ("What I wanted was out of stock twice.", "想买的东西两次都缺货。"),
    ("The coupon did not work and nobody knew why.", "优惠券用不了，也没人知道原因。"),
)
GOOD = (
    ("Friendly staff, I love coming here.", "店员很热情，很喜欢来这里。"),
    ("Great quality and always fresh.", "品质很好，总是很新鲜。"),
    ("The birthday gift was a nice surprise, thank you!", "生日礼很惊喜，谢谢！"),
    ("Clean store, easy parking.", "门店干净，停车方便。"),
    ("Excellent choice of products.", "品种很齐全，很满意。"),
)
WISHES = (
    ("I wish you had delivery in the evening.", "希望晚上也能配送。"),
    ("I suggest a self-service till.", "建议增加自助收银。"),
    ("I need smaller packages for one person.", "需要一人份的小包装。"),
    ("You could show the points on the receipt.", "可以考虑在小票上显示积分。"),
    ("The other store has a coffee corner.", "别家有咖啡角。"),
)


@dataclass(slots=True)
class Person:
    """Somebody who answers: mood around 0, language, value band."""

    owner: UUID
    mood: float
    is_chinese: bool
    band: str


def fill(actor: Actor, now: datetime, language: str) -> None:
    """Make the surveys with their answers; one that is there stays as it is."""
    moment = staff.company().moment(now)
    people = _people(language)
    stores = [one.code for one in staff.stores()[:6]]
    for place, wave in enumerate(WAVES):
        if people and _is_missing(wave.survey):
            chance = Random(SEED + place)  # noqa: S311  made-up answers, no secret
            _run(wave, people, stores, chance, actor=actor, now=moment)


def _is_missing(code: str) -> bool:
    try:
        survey_queries.survey_by_code(code)
    except SurveyNotFoundError:
        return True
    return False


@transaction.atomic
def _run(
    wave: Wave, people: Sequence[Person], stores: Sequence[str], chance: Random, *, actor: Actor, now: datetime
) -> None:
    begun = starter(wave.survey)
    assert begun is not None
    start = now - timedelta(days=wave.days)
    made = surveys.create_survey(
        actor=actor,
        now=start,
        kind=begun.kind,
        name=begun.name[0],
        name_zh=begun.name[1],
        code=begun.code,
        document=begun.document,
        is_made_up=True,
    )
    surveys.publish(actor=actor, now=start, survey_id=made.id)
    asked = chance.sample(people, min(wave.asked, len(people)))
    per_day = max(1, len(asked) * 10 // wave.days)
    for place in range(0, len(asked), per_day):
        moment = start + timedelta(days=10 * (place // per_day), hours=chance.uniform(0, 9))
        group, is_recent = asked[place : place + per_day], moment >= now - RECENT
        _ask(wave.survey, group, stores, chance, actor=actor, now=min(moment, now), is_recent=is_recent)


def _ask(
    code: str,
    group: Sequence[Person],
    stores: Sequence[str],
    chance: Random,
    *,
    actor: Actor,
    now: datetime,
    is_recent: bool,
) -> None:
    """Ask a group and record what they say; is_recent: low scores open cases, which nobody has looked at yet."""
    new = [
        NewInvitation(
            f"demo:{code}",
            one.owner,
            code,
            source="demo",
            store_code=chance.choice(stores) if stores else "",
            is_handed_over=False,
        )
        for one in group
    ]
    for one, invited in zip(group, surveys.invite(new, actor=actor, now=now), strict=True):
        if invited.is_invited and chance.random() < RATES.get(one.band, 0.3):
            _consent(one.owner, actor, now)
            surveys.record_answers(
                actor=actor,
                now=now,
                occurred_at=now + timedelta(minutes=chance.randint(5, 60)),
                survey_code=code,
                answers=_MAKERS[code](one, chance),
                invitation_id=invited.invitation_id,
                source="personal",
                language="zh-hans" if one.is_chinese else "en",
                is_made_up=True,
                may_open_case=is_recent,
            )


def _consent(owner: UUID, actor: Actor, now: datetime) -> None:
    """Whoever answers agreed to be asked again: made up, like the answer."""
    customer_services.record_consent(
        actor=actor, now=now, customer_id=owner, purpose="survey", is_given=True, source="demo", proof="made up"
    )


def _people(language: str) -> list[Person]:
    found = list(customers.customers_matching(CustomerFilter()).order_by("id")[:3_000])
    scores = insights.scores(one.id for one in found)
    people = []
    for one in found:
        score = scores.get(one.id)
        band, status = (score.band, score.status) if score else ("new", "new")
        spoken = one.language or language
        mood = MOODS.get(status, 0) + LIFTS.get(band, 0)
        people.append(Person(one.id, mood, spoken.lower().startswith("zh"), band))
    return people


def _mark(one: Person, chance: Random, low: int, high: int, *, shift: float = 0.0) -> int:
    """Return a mark on a scale that leans the way of the mood."""
    middle = low + (high - low) * (0.68 + 0.14 * (one.mood + shift))
    return min(high, max(low, round(chance.gauss(middle, (high - low) * 0.17))))


def _words(one: Person, chance: Random, pool: Sequence[tuple[str, str]], share: float = 0.6) -> str:
    return chance.choice(pool)[1 if one.is_chinese else 0] if chance.random() < share else ""


def _nps(one: Person, chance: Random) -> Mapping[str, Any]:
    score = _mark(one, chance, 0, 10, shift=0.6)
    leaning = (score - 7) / 3
    shifts = {
        "product": 0.8,
        "service": 0.2 + leaning,
        "price": -0.5 + leaning / 2,
        "place": 0.6,
        "waiting": leaning - 0.8,
    }
    parts = {part: _mark(one, chance, 1, 5, shift=shift) for part, shift in shifts.items()}
    found: dict[str, Any] = {"recommend": score, "parts": parts}
    if score <= 6:
        found["wrong"] = _words(one, chance, BAD, 0.8)
    return found | {"wish": _words(one, chance, GOOD if score >= 9 and chance.random() < 0.5 else WISHES, 0.5)}


def _csat(one: Person, chance: Random) -> Mapping[str, Any]:
    score = _mark(one, chance, 1, 5, shift=0.8)
    near = {code: min(5, max(1, score + chance.choice((-1, 0, 0, 1)))) for code in ("staff", "goods")}
    found: dict[str, Any] = {"happy": score, **near, "checkout": _mark(one, chance, 1, 5)}
    if score <= 3:
        found["wrong"] = chance.sample(("goods", "staff", "wait"), chance.randint(1, 2))
    return found | {"words": _words(one, chance, BAD if score <= 3 else GOOD)}


def _ces(one: Person, chance: Random) -> Mapping[str, Any]:
    score = _mark(one, chance, 1, 7, shift=0.2)
    settled = "yes" if score >= 5 else chance.choice(("partly", "no"))
    return {"easy": score, "settled": settled, "words": _words(one, chance, BAD, 0.3)}


def _loyalty(one: Person, chance: Random) -> Mapping[str, Any]:
    codes = ("satisfied", "trust", "prefer", "stay", "forgive")
    marks = {code: _mark(one, chance, 1, 5, shift=0.3) for code in codes}
    return {"recommend": _mark(one, chance, 0, 10, shift=0.6), **marks, "words": _words(one, chance, WISHES, 0.4)}


def _value(one: Person, chance: Random) -> Mapping[str, Any]:
    parts = ("product", "service", "staff", "image", "money", "time", "energy", "effort")
    leans = {
        "us": {"product": 0.8, "service": 0.6, "money": -0.6},
        "rival_a": {"money": 0.9, "service": -0.4},
        "rival_b": {"product": 1.0, "image": 1.0, "money": -1.4},
    }
    rated = ("us", *chance.sample(("rival_a", "rival_b"), chance.randint(1, 2)))
    marks = {who: {part: _mark(one, chance, 1, 10, shift=leans[who].get(part, 0.0)) for part in parts} for who in rated}
    return {"value": marks, "worth": _mark(one, chance, 1, 5), "words": _words(one, chance, WISHES, 0.4)}


KANO = {
    "clean": (("expect", "dislike"), ("neutral", "dislike"), ("like", "dislike")),
    "queue": (("like", "dislike"), ("like", "dislike"), ("expect", "dislike")),
    "delivery": (("like", "neutral"), ("like", "tolerate"), ("neutral", "neutral")),
    "birthday": (("like", "neutral"), ("like", "expect"), ("neutral", "neutral")),
}


def _kano(one: Person, chance: Random) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for code, pairs in KANO.items():
        present, absent = chance.choices(pairs, (6, 3, 1))[0]
        found[code] = {"with": present, "without": absent}
    order = chance.sample(("clean", "queue", "delivery", "birthday"), 4)
    return found | {"first": order, "words": _words(one, chance, WISHES, 0.6)}


_MAKERS: Mapping[str, Callable[[Person, Random], Mapping[str, Any]]] = {
    "nps": _nps,
    "csat": _csat,
    "ces": _ces,
    "loyalty": _loyalty,
    "value": _value,
    "kano": _kano,
}
assert set(_MAKERS) == set(STARTERS)
