"""Who brought whom, what is spent elsewhere, in which area households shop: made up, for ladder, influence, markets."""

from datetime import datetime
from decimal import ROUND_UP, Decimal
from random import Random
from typing import NamedTuple

from troth.access.actors import Actor
from troth.customers import services as customers
from troth.customers.models import AttributeType
from troth.customers.queries.referrals import CODE
from troth.customers.services.attributes import AttributeValue
from troth.demo import household_facts
from troth.insights import queries as insights
from troth.insights import services as insights_services
from troth.insights.knowing import SPEND
from troth.insights.models import CustomerScore
from troth.insights.queries import SILENT_STATUSES
from troth.staff import queries as staff
from troth.value.loyalty.settings import BY_ATTRIBUTE

BROUGHT_SHARE, ASKED_SHARE = 0.12, 0.2
EAGER = 60  # so many households bring all the others: a few bring many, and some of those they bring bring more
STEP = Decimal(50)
AREA = "shopping_area"


class Area(NamedTuple):
    """Where households shop: how many of those who still buy and of those who fell silent, and which part of what they
    spend is ours.
    """

    names: tuple[str, str]
    staying: int
    silent: int
    shares: tuple[float, float]


AREAS = (
    Area(("Mill Valley: our shop alone", "磨坊谷：只有我们一家"), 40, 5, (0.75, 0.98)),
    Area(("Old Town: one rival", "老城：一家同行"), 38, 30, (0.45, 0.9)),
    Area(("Riverside: five rivals", "滨河：五家同行"), 22, 65, (0.25, 0.65)),
)
ALONE = Decimal("0.05")  # entered for the first; the others' competition is estimated


def fill(actor: Actor, now: datetime, language: str) -> None:
    """Define the attributes, set them, and part markets by area; done again, it sets the same values."""
    company = staff.company()
    told_at = company.moment(now)
    names = [area.names[language.startswith("zh")] for area in AREAS]
    customers.define_attribute(
        actor=actor,
        now=now,
        code=AREA,
        label="Shopping area (made up)",
        label_zh="购物区域（虚构）",
        attribute_type=AttributeType.CHOICE,
        choices=names,
    )
    for code, label, label_zh, kind in (
        (CODE, "Brought by (made up)", "介绍人（虚构）", AttributeType.TEXT),
        (SPEND, "Groceries a year, everywhere (made up)", "全年食品杂货总花费（虚构）", AttributeType.NUMBER),
    ):
        customers.define_attribute(actor=actor, now=now, code=code, label=label, label_zh=label_zh, attribute_type=kind)
    owners = household_facts.customer_ids()
    scores = insights.scores(owners.values())
    chance = Random("ties")  # noqa: S311  made-up data, the same every time
    introducers = sorted(owners)[:EAGER]
    for place, (household, owner) in enumerate(sorted(owners.items())):
        values: dict[str, AttributeValue] = {}
        if place >= EAGER and chance.random() < BROUGHT_SHARE:
            by = chance.choice(introducers)
            introducers.append(household)  # brings others in turn: never one who came before
            values[CODE] = str(owners[by])
        if score := scores.get(owner):
            area = _area(score, chance)
            values[AREA] = names[AREAS.index(area)]
            if chance.random() < ASKED_SHARE and score.window_revenue > 0:
                spent = score.window_revenue / Decimal(str(round(chance.uniform(*area.shares), 2)))
                values[SPEND] = (spent / STEP).to_integral_value(ROUND_UP) * STEP
        if values:
            customers.set_attributes(actor=actor, now=told_at, customer_id=owner, values=values)
    _part(names, actor, now)


def _area(score: CustomerScore, chance: Random) -> Area:
    is_silent = score.status in SILENT_STATUSES
    weights = [area.silent if is_silent else area.staying for area in AREAS]
    return chance.choices(AREAS, weights)[0]


def _part(names: list[str], actor: Actor, now: datetime) -> None:
    """Let the areas be markets; whoever changed how the company is measured keeps that."""
    stored = insights_services.settings_in_force(actor=actor, now=now).loyalty
    if not stored.get("market_by"):
        parted = {"market_by": f"{BY_ATTRIBUTE}{AREA}", "competition": {names[0]: str(ALONE)}}
        insights_services.change_settings(actor=actor, now=now, loyalty=stored | parted)
