"""People who are known and have not bought yet: made up, for the lowest rungs of the ladder."""

from datetime import datetime, timedelta
from random import Random

from troth.access.actors import Actor
from troth.customers import queries as customers_read
from troth.customers import services as customers
from troth.customers.models import AttributeType, IdentityKind
from troth.customers.services import NewIdentity
from troth.customers.services.attributes import AttributeValue
from troth.demo import people
from troth.insights.prospects import MEANS, NEED
from troth.staff import queries as staff

COUNT = 36
KNOWN_DAYS = 90  # the first of them came so long ago
SOURCE = "demo_prospects"
SOURCES = ("sign-up form", "referral link", "open day")
FIRST = 9_000  # their numbers lie above those of the households


def fill(actor: Actor, now: datetime, language: str) -> None:
    """Add them with what they said of need and means; done again, it adds nobody twice."""
    today = staff.company().moment(now)
    for code, label, label_zh in (
        (NEED, "Needs what we sell (made up)", "有需要（虚构）"),
        (MEANS, "Can pay for it (made up)", "有支付能力（虚构）"),
    ):
        customers.define_attribute(
            actor=actor, now=now, code=code, label=label, label_zh=label_zh, attribute_type=AttributeType.BOOLEAN
        )
    chance = Random("prospects")  # noqa: S311  made-up data, the same every time
    spoken = "zh-hans" if language.startswith("zh") else "en"
    for one in people.make_up(dict.fromkeys(range(FIRST, FIRST + COUNT)), spoken, seed=FIRST):
        source, said = chance.choice(SOURCES), _said(chance)
        known_at = today - timedelta(days=chance.randrange(KNOWN_DAYS))
        told_at = min(today, known_at + timedelta(days=chance.randrange(KNOWN_DAYS // 2)))
        if customers_read.customer_by_identity(IdentityKind.EXTERNAL, one.customer_id, source=SOURCE):
            continue
        made = customers.create_customer(
            actor=actor,
            now=known_at,
            name=one.name,
            source=source,
            is_made_up=True,
            identities=[NewIdentity(IdentityKind.EXTERNAL, one.customer_id, SOURCE)],
        )
        if said:
            customers.set_attributes(actor=actor, now=told_at, customer_id=made.id, values=said)


def _said(chance: Random) -> dict[str, AttributeValue]:
    """A third were not asked, or said half; most of the others need it and can pay."""
    if chance.random() < 1 / 3:
        return {}
    return {NEED: chance.random() < 0.85, MEANS: chance.random() < 0.8}
