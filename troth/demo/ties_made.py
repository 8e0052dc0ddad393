"""Who brought whom, and what households say they spend elsewhere: made up, for the ladder and for influence."""

from datetime import datetime
from decimal import ROUND_UP, Decimal
from random import Random

from troth.access.actors import Actor
from troth.customers import services as customers
from troth.customers.models import AttributeType
from troth.customers.queries.referrals import CODE
from troth.customers.services.attributes import AttributeValue
from troth.demo import household_facts
from troth.insights import queries as insights
from troth.insights.knowing import SPEND
from troth.staff import queries as staff

BROUGHT_SHARE, ASKED_SHARE = 0.12, 0.2
EAGER = 60  # so many households bring all the others: a few bring many, and some of those they bring bring more
LEAST_SHARE, MOST_SHARE = 0.35, 0.98
STEP = Decimal(50)


def fill(actor: Actor, now: datetime, language: str) -> None:
    """Define both attributes and set them; done again, it sets the same values."""
    company = staff.company()
    told_at = company.moment(now)
    del language  # both attributes have a label in each
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
        if chance.random() < ASKED_SHARE and (score := scores.get(owner)) and score.window_revenue > 0:
            spent = score.window_revenue / Decimal(str(round(chance.uniform(LEAST_SHARE, MOST_SHARE), 2)))
            values[SPEND] = (spent / STEP).to_integral_value(ROUND_UP) * STEP
        if values:
            customers.set_attributes(actor=actor, now=told_at, customer_id=owner, values=values)
