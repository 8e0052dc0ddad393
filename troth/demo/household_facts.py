"""What the data tell of households besides orders: who lives there, campaigns received, coupons redeemed."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.customers import services as customer_services
from troth.customers.models import AttributeType, IdentityKind
from troth.demo import files, source
from troth.events import services as events
from troth.events.services import NewEvent
from troth.kit.clock import day_start

Report = Callable[[int, int], None]

# code, English label, Chinese label, values in order
ATTRIBUTES = (
    ("age", "Age band", "年龄段", ["19-24", "25-34", "35-44", "45-54", "55-64", "65+"]),
    (
        "income", "Income of the household (thousand $)", "家庭年收入（千美元）",
        [
            "Under 15K", "15-24K", "25-34K", "35-49K", "50-74K", "75-99K", "100-124K", "125-149K", "150-174K",
            "175-199K", "200-249K", "250K+",
        ],
    ),
    ("home_ownership", "Home", "住房", ["Homeowner", "Probable Homeowner", "Renter", "Probable Renter"]),
    ("marital_status", "Marital status", "婚姻状况", ["Married", "Unmarried"]),
    ("household_size", "Size of the household", "家庭人数", ["1", "2", "3", "4", "5+"]),
    (
        "household_comp", "Who lives there", "家庭构成",
        ["1 Adult Kids", "1 Adult No Kids", "2 Adults Kids", "2 Adults No Kids"],
    ),
    ("kids_count", "Children", "子女数", ["0", "1", "2", "3+"]),
)  # fmt: skip


def customer_ids() -> dict[int, UUID]:
    """Return the customer of each household that was imported."""
    found = {
        household: customers.customer_by_identity(IdentityKind.EXTERNAL, str(household), source=source.NAME)
        for household in files.demographics()
    }
    return {household: customer.id for household, customer in found.items() if customer is not None}


def set_attributes(owners: dict[int, UUID], *, actor: Actor, now: datetime, report: Report) -> int:
    """Define the demographics as attributes, set those of households that answered; return how many did."""
    for code, label, label_zh, choices in ATTRIBUTES:
        customer_services.define_attribute(
            actor=actor,
            now=now,
            code=code,
            label=label,
            label_zh=label_zh,
            attribute_type=AttributeType.CHOICE,
            choices=choices,
        )
    answers = {household: facts for household, facts in files.demographics().items() if facts["age"]}
    for done, (household, facts) in enumerate(answers.items(), start=1):
        customer_services.set_attributes(actor=actor, now=now, customer_id=owners[household], values=dict(facts))
        report(done, len(answers))
    return len(answers)


@transaction.atomic
def append_events(owners: dict[int, UUID], *, actor: Actor, now: datetime) -> int:
    """Append an event per campaign that a household was sent; return how many."""
    found = list(_campaigns(owners))
    events.append_many(found, actor=actor, now=now)
    return len(found)


def _campaigns(owners: dict[int, UUID]) -> Iterator[NewEvent]:
    for household, campaign, campaign_type, starts_date, ends_date in files.campaigns():
        yield NewEvent(
            name="demo.campaign.addressed",
            customer_id=owners[household],
            data={
                "campaign": campaign,
                "campaign_type": campaign_type.removeprefix("Type "),
                "ends_date": ends_date.isoformat(),
            },
            occurred_at=_morning(starts_date),
        )


def _morning(day: date) -> datetime:
    return day_start(day, source.ZONE)
