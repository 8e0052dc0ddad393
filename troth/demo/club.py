"""The demo's programme with its point currency, and the coupons that the data tell of. The programme is made up."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from uuid import UUID

from django.db import transaction

from troth.access.actors import Actor, system_actor
from troth.demo import files, source
from troth.ledger import queries as ledger_queries
from troth.ledger import services as ledger
from troth.ledger.errors import CurrencyUnknownError
from troth.ledger.models import ExpiryKind, Shortfall
from troth.programs import queries as programs_queries
from troth.programs import services as programs
from troth.programs.errors import ProgrammeNotFoundError
from troth.rewards import queries as rewards_queries
from troth.rewards import services as rewards
from troth.rewards.errors import CampaignNotFoundError
from troth.rewards.models import Benefit, CodeKind
from troth.rewards.services import CampaignFields, Redeem

POINTS, CODE = "points", "club"
DOCUMENT = Path(__file__).parent / "programme.yaml"
REVIEWER = system_actor("demo-reviewer")  # nobody reviews a demo; the second person is made up like its people
BATCH = 500
ONE = Decimal(1)  # the data do not tell the value
MANUFACTURERS = "PAPER"


@transaction.atomic
def set_up(*, actor: Actor, now: datetime, since: datetime) -> None:
    """Make the point currency and publish the programme, in force since a moment; what is there stays."""
    try:
        ledger_queries.currency(POINTS)
    except CurrencyUnknownError:
        rules = ledger.CurrencyRules(
            name="Points",
            name_zh="积分",
            expiry_kind=ExpiryKind.YEAR_END,
            expiry_count=10,  # the data are of 2017, and the points shall not have ended
            shortfall=Shortfall.ARREARS,
            arrears_limit=100_000,
            time_zone=source.ZONE,
        )
        ledger.create_currency(actor=actor, now=now, code=POINTS, rules=rules)
    try:
        programs_queries.programme_by_code(CODE)
    except ProgrammeNotFoundError:
        text = DOCUMENT.read_text(encoding="utf-8")
        programs.establish(actor=actor, now=now, text=text, effective_at=since, reviewed_by=REVIEWER.code)


def redeem_coupons(owners: dict[int, UUID], *, actor: Actor, now: datetime) -> int:
    """Make a campaign of each that the data name, and record every redemption; return how many there are.

    Done again it finds what is there. Of a campaign's coupon the data do not tell what it took off, nor in which
    basket; of the manufacturers' own coupons, which nobody was sent, they tell both.
    """
    told = files.redemptions()
    for number in sorted({campaign for _household, _coupon, campaign, _moment in told}, key=int):
        _campaign(f"journey-{number}", _code(number), (f"Campaign {number}", f"优惠活动 {number}"), actor, now)
    _campaign("manufacturers", MANUFACTURERS, ("Manufacturers’ own coupons", "厂商自发优惠券"), actor, now)
    sent = (
        Redeem(f"demo:{number}", _code(campaign), owners[household], moment, "USD", source=source.NAME)
        for number, (household, _coupon, campaign, moment) in enumerate(told, start=1)
    )
    found = (
        Redeem(f"demo:till:{basket}", MANUFACTURERS, owners[household], moment, "USD", taken_off, source.NAME, basket)
        for household, basket, taken_off, moment in files.till_coupons()
    )
    return sum(len(part) for part in _redeemed(chain(sent, found), actor, now))


def _redeemed(operations: Iterator[Redeem], actor: Actor, now: datetime) -> Iterator[Sequence[Redeem]]:
    while part := list(islice(operations, BATCH)):
        for done in rewards.post_coupons(part, actor=actor, now=now):
            if done.error is not None:
                raise done.error
        yield part


def _campaign(code: str, generic_code: str, names: tuple[str, str], actor: Actor, now: datetime) -> None:
    try:
        rewards_queries.campaign(code)
    except CampaignNotFoundError:
        fields = CampaignFields(
            code=code,
            name=names[0],
            name_zh=names[1],
            code_kind=CodeKind.GENERIC,
            benefit=Benefit.AMOUNT,
            amount=ONE,
            currency="USD",
            generic_code=generic_code,
            is_combinable=True,
        )
        made = rewards.create_campaign(actor=actor, now=now, fields=fields)
        rewards.start_campaign(actor=actor, now=now, campaign_id=made.id)


def _code(number: str) -> str:
    return f"JOURNEY{number}"
