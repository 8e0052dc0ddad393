"""Birthday gifts: set up, and given on the day, by the solar or the lunar calendar, as the customer keeps it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.events import services as events
from troth.events.services import NewEvent
from troth.kit import clock, lunar
from troth.kit.ids import new_id
from troth.staff import queries as staff

from . import pricing, terms
from .campaign_checks import CODE
from .coupon_posting import post_coupons
from .errors import DraftChangedError, GiftNotFoundError, GiftRefusedError
from .models import BirthdayGift, CodeKind, CouponCampaign, GiftIssue, Reward
from .operations import Assign, CouponDone, NewRedemption, Redeemed
from .redeeming import redeem_rewards
from .scheduling import schedule_birthdays

BATCH = 500
AT_LEAST_DAYS = 300
"""Nobody has two birthdays in so few days, whatever is done to the date of birth."""

CATCH_UP_DAYS = 3
"""A worker that stood still gives late what fell into so many days."""

MOST_DAYS_BEFORE = 60
MOST_USABLE_DAYS = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftFields:
    """What a birthday gift is: a coupon of `campaign`, or the `reward` at no charge; see `models.BirthdayGift`."""

    code: str
    name: str
    name_zh: str = ""
    audience: dict[str, object] | None = None
    days_before: int = 0
    usable_days: int | None = None
    campaign: str = ""
    reward: str = ""
    is_active: bool = True


@transaction.atomic
def create_gift(*, actor: Actor, now: datetime, fields: GiftFields) -> BirthdayGift:
    """Set up a birthday gift; from the next morning on it is given.

    Raises:
        GiftRefusedError: a field breaks its rule.
        ConditionInvalidError: the audience cannot be understood.
    """
    gift = BirthdayGift(id=new_id(), created_at=now, created_by=actor.code)
    _fill(gift, fields, now)
    schedule_birthdays(now)
    events.append("rewards.gift.created", actor=actor, now=now, data={"gift": gift.code})
    return gift


@transaction.atomic
def change_gift(
    *, actor: Actor, now: datetime, gift_id: UUID, fields: GiftFields, expected_revision: int | None = None
) -> BirthdayGift:
    """Change a birthday gift; who had one keeps it and gets no other for the same birthday.

    Raises:
        GiftNotFoundError: no such gift.
        DraftChangedError: somebody else saved it meanwhile.
        GiftRefusedError: a field breaks its rule.
        ConditionInvalidError: the audience cannot be understood.
    """
    gift = _locked(gift_id)
    if expected_revision is not None and gift.revision != expected_revision:
        raise DraftChangedError(gift.revision)
    gift.revision += 1
    _fill(gift, fields, now)
    events.append("rewards.gift.changed", actor=actor, now=now, data={"gift": gift.code})
    return gift


@transaction.atomic
def start_gift(*, actor: Actor, now: datetime, gift_id: UUID) -> BirthdayGift:
    """Have a gift given again, from the next morning on; one that is given already stays as it is.

    Raises:
        GiftNotFoundError: no such gift.
    """
    gift = _switched(gift_id, actor=actor, now=now, is_active=True)
    schedule_birthdays(now)
    return gift


@transaction.atomic
def stop_gift(*, actor: Actor, now: datetime, gift_id: UUID) -> BirthdayGift:
    """Have a gift given to nobody any more; who had one keeps it.

    Raises:
        GiftNotFoundError: no such gift.
    """
    return _switched(gift_id, actor=actor, now=now, is_active=False)


def _switched(gift_id: UUID, *, actor: Actor, now: datetime, is_active: bool) -> BirthdayGift:
    gift = _locked(gift_id)
    if gift.is_active != is_active:
        gift.is_active, gift.updated_at, gift.revision = is_active, now, gift.revision + 1
        gift.save(update_fields=["is_active", "updated_at", "revision"])
        name = "rewards.gift.started" if is_active else "rewards.gift.stopped"
        events.append(name, actor=actor, now=now, data={"gift": gift.code})
    return gift


def _locked(gift_id: UUID) -> BirthdayGift:
    gift = BirthdayGift.objects.select_for_update().filter(id=gift_id).first()
    if gift is None:
        raise GiftNotFoundError(gift_id)
    return gift


def give_birthday_gifts(*, actor: Actor, now: datetime, gift: BirthdayGift) -> dict[str, int]:
    """Give the gift to everybody whose birthday it is time for, and return how many were given and refused.

    Run again, it gives to nobody twice; days that were missed are caught up with.
    """
    counts = {"given": 0, "refused": 0}
    due = _due(gift, now)
    while some := list(islice(due, BATCH)):
        with transaction.atomic():
            given, refused = _give(gift, _unserved(gift, some, now), actor, now)
        counts["given"] += given
        counts["refused"] += refused
    return counts


@dataclass(frozen=True, slots=True)
class _Due:
    """A customer and the day on which the birthday is kept."""

    customer_id: UUID
    birthday: date


def _due(gift: BirthdayGift, now: datetime) -> Iterator[_Due]:
    """Yield whose birthday it is time for, by the company's day."""
    last = staff.company().today(now) + timedelta(days=gift.days_before)
    days = [last - timedelta(days=back) for back in range(CATCH_UP_DAYS + 1)]
    years = {day.year for day in days}
    for customer_id, birth_date, is_lunar in customers.birthdays(days):
        for year in years:
            kept = lunar.birthday_in(birth_date, year, is_lunar=is_lunar)
            if kept in days and kept > birth_date:
                yield _Due(customer_id, kept)


def _unserved(gift: BirthdayGift, some: Sequence[_Due], now: datetime) -> list[_Due]:
    """Return those who are meant and had no gift in the last 300 days, on any of their records."""
    groups = customers.record_groups(one.customer_id for one in some)
    owners = {one.customer_id: groups[one.customer_id] for one in some if one.customer_id in groups}
    records = {record: owner for owner, group in owners.items() for record in group}
    since = now - timedelta(days=AT_LEAST_DAYS)
    issued = GiftIssue.objects.filter(owner_id__in=list(records), gift=gift, issued_at__gt=since)
    served = {records[owner] for owner in issued.values_list("owner_id", flat=True)}
    meant = pricing.members_of(gift.audience, owners, now)
    return [
        one
        for one in {one.customer_id: one for one in some}.values()
        if one.customer_id not in served and (meant is None or one.customer_id in meant)
    ]


def _give(gift: BirthdayGift, due: Sequence[_Due], actor: Actor, now: datetime) -> tuple[int, int]:
    """Hand the gift to all of them and note it; what is refused, such as an empty shelf, is noted too."""
    found: Sequence[CouponDone | Redeemed] = (
        _redemptions(gift, due, actor, now) if gift.reward is not None else _coupons(gift, due, actor, now)
    )
    issues, news = [], []
    for one, result in zip(due, found, strict=True):
        coupon_id = result.coupon_id if isinstance(result, CouponDone) else None
        redemption_id = result.redemption_id if isinstance(result, Redeemed) else None
        refusal = result.error.code if result.error else ""
        issues.append(
            GiftIssue(
                owner_id=one.customer_id,
                gift=gift,
                birthday_date=one.birthday,
                coupon_id=coupon_id,
                redemption_id=redemption_id,
                refusal=refusal,
                issued_at=now,
            )
        )
        if not refusal:
            data = {"gift": gift.code, "coupon": str(coupon_id or ""), "redemption": str(redemption_id or "")}
            news.append(NewEvent("rewards.birthday.given", one.customer_id, data))
    GiftIssue.objects.bulk_create(issues)
    events.append_many(news, actor=actor, now=now)
    return len(news), len(issues) - len(news)


def _coupons(gift: BirthdayGift, due: Sequence[_Due], actor: Actor, now: datetime) -> list[CouponDone]:
    assert gift.campaign is not None, "a gift is a coupon or a reward"
    company = staff.company()
    today = company.today(now)
    wanted = [
        Assign(
            key=_key(gift, one),
            customer_id=one.customer_id,
            campaign=gift.campaign.code,
            occurred_at=now,
            source="birthday",
            source_id=gift.code,
            expires_at=_end(gift, one, today, company.time_zone),
        )
        for one in due
    ]
    return post_coupons(wanted, actor=actor, now=now)


def _end(gift: BirthdayGift, one: _Due, today: date, zone: str) -> datetime | None:
    """Return when the coupon is over by the gift's rule; given late, it still lasts that day."""
    if gift.usable_days is None:
        return None
    return clock.day_start(max(one.birthday + timedelta(days=gift.usable_days), today + timedelta(days=1)), zone)


def _redemptions(gift: BirthdayGift, due: Sequence[_Due], actor: Actor, now: datetime) -> list[Redeemed]:
    assert gift.reward is not None, "asked only then"
    wanted = [
        NewRedemption(
            key=_key(gift, one), customer_id=one.customer_id, reward=gift.reward.code, occurred_at=now, is_gift=True
        )
        for one in due
    ]
    return redeem_rewards(wanted, actor=actor, now=now)


def _key(gift: BirthdayGift, one: _Due) -> str:
    return f"birthday:{gift.id}:{one.birthday.isoformat()}"


def _fill(gift: BirthdayGift, fields: GiftFields, now: datetime) -> None:
    _check(fields)
    gift.campaign = CouponCampaign.objects.filter(code=fields.campaign, code_kind=CodeKind.UNIQUE).first()
    gift.reward = Reward.objects.filter(code=fields.reward).first()
    if bool(fields.campaign) == bool(fields.reward) or (gift.campaign is None and gift.reward is None):
        message = _("Name a campaign with unique codes, or a reward: exactly one of the two.")
        field = "reward" if fields.reward and not fields.campaign else "campaign"
        raise GiftRefusedError(message, field=field, value=fields.campaign or fields.reward)
    if fields.usable_days is not None and gift.campaign is None:
        message = _("usable_days %(value)s: only a coupon is over by itself; leave it empty for a reward.")
        raise GiftRefusedError(
            message % {"value": fields.usable_days}, field="usable_days", value=str(fields.usable_days)
        )
    gift.code, gift.name, gift.name_zh = fields.code, fields.name.strip(), fields.name_zh.strip()
    gift.days_before, gift.usable_days = fields.days_before, fields.usable_days
    gift.is_active, gift.updated_at = fields.is_active, now
    gift.audience = terms.checked_audience(fields.audience)
    try:
        with transaction.atomic():
            gift.save()
    except IntegrityError as error:
        message = _("Another birthday gift has the code “%(code)s”; choose another one.") % {"code": gift.code}
        raise GiftRefusedError(message, field="code", value=gift.code) from error


def _check(fields: GiftFields) -> None:
    """Refuse what breaks a rule by itself."""
    if not CODE.fullmatch(fields.code):
        raise _refused("code", fields.code, _("write 1 to 40 small letters, digits, hyphens"))
    if not 1 <= len(fields.name.strip()) <= 120:
        raise _refused("name", fields.name, _("write 1 to 120 characters"))
    if len(fields.name_zh) > 120:
        raise _refused("name_zh", fields.name_zh, _("write at most 120 characters"))
    if not 0 <= fields.days_before <= MOST_DAYS_BEFORE:
        text = _("write 0 to %(most)d days") % {"most": MOST_DAYS_BEFORE}
        raise _refused("days_before", fields.days_before, text)
    if fields.usable_days is not None and not 1 <= fields.usable_days <= MOST_USABLE_DAYS:
        text = _("write 1 to %(most)d days, or nothing") % {"most": MOST_USABLE_DAYS}
        raise _refused("usable_days", fields.usable_days, text)


def _refused(field: str, value: object, text: str) -> GiftRefusedError:
    return GiftRefusedError(f"{field} {str(value)[:60]}: {text}", field=field, value=str(value)[:60])
