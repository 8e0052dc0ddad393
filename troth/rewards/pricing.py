"""Who may have what for how much: audience, window and price of rewards, for many customers at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from troth.customers.models import Customer
from troth.kit import clock
from troth.kit.conditions import compiling
from troth.kit.conditions.reading import read
from troth.programs import queries as programs
from troth.programs.fields import customer_catalogue
from troth.segments import queries as segments
from troth.staff.queries import local_text

from .errors import PriceNotFoundError, RewardWindowError
from .models import Reward, RewardPrice

Groups = Mapping[UUID, tuple[UUID, ...]]
Tier = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides a customer's prices: (programme, tier) in force, and segments."""

    tiers: frozenset[Tier] = frozenset()
    segments: frozenset[UUID] = frozenset()


STRANGER = Standing()


def standings(groups: Groups, prices: Iterable[RewardPrice]) -> dict[UUID, Standing]:
    """Return the standing of each customer by canonical record, as far as the prices ask."""
    asked = list(prices)
    owners = {group[0]: group for group in groups.values()}
    tiers: dict[UUID, set[Tier]] = defaultdict(set)
    if any(one.tier for one in asked):
        canonical = {record: owner for owner, group in owners.items() for record in group}
        for row in programs.memberships(canonical):
            tiers[canonical[row.owner_id]].add((row.programme.code, row.tier))
    wanted = {one.segment_id for one in asked if one.segment_id is not None}
    found = segments.segment_ids_of(owners, wanted) if wanted else {}
    return {owner: Standing(frozenset(tiers[owner]), frozenset(found.get(owner, ()))) for owner in owners}


def price_for(prices: Iterable[RewardPrice], standing: Standing, option: str) -> RewardPrice:
    """Return the customer's price under an option; "" is the only one there is.

    Raises:
        PriceNotFoundError: there is none of this name, or several and none is named.
    """
    found = prices_for(prices, standing)
    if not option and len(found) == 1:
        return found[0]
    for one in found:
        if one.option == option:
            return one
    message = _("option “%(option)s”: choose one of: %(known)s")
    known = [one.option for one in found]
    text = message % {"option": option, "known": ", ".join(known) or "-"}
    raise PriceNotFoundError(text, field="option", value=option, known=known)


def prices_for(prices: Iterable[RewardPrice], standing: Standing) -> list[RewardPrice]:
    """Return the customer's price under each option, the fewest points first."""
    found: dict[str, RewardPrice] = {}
    for one in sorted(prices, key=lambda price: (price.points, price.money_amount, price.pk)):
        if _is_for(one, standing):
            found.setdefault(one.option, one)
    return list(found.values())


def _is_for(price: RewardPrice, standing: Standing) -> bool:
    if price.segment_id is not None and price.segment_id not in standing.segments:
        return False
    if not price.tier:
        return True
    return any(tier == price.tier and price.programme in ("", programme) for programme, tier in standing.tiers)


def audiences(rewards: Iterable[Reward], groups: Groups, now: datetime) -> dict[UUID, frozenset[UUID] | None]:
    """Return who of the customers, by canonical record, is meant by each reward; None is everybody.

    One query for each reward that has an audience.
    """
    scope = frozenset(record for group in groups.values() for record in group)
    return {reward.id: _members(reward.audience, scope, now) for reward in rewards}


def members_of(audience: object, groups: Groups, now: datetime) -> frozenset[UUID] | None:
    """Return who of the customers, by canonical record, meets a stored condition; None is everybody."""
    return _members(audience, frozenset(record for group in groups.values() for record in group), now)


def meant(people: QuerySet[Customer], audience: object, now: datetime) -> QuerySet[Customer]:
    """Return those of the customers who meet a stored condition; None is met by everybody. Nothing is loaded."""
    if audience is None:
        return people
    fields = customer_catalogue()
    query = compiling.members(read(audience, fields, is_stored=True), fields, segments.as_of(now))
    return people.filter(id__in=RawSQL(query.sql, query.params))  # noqa: S611  compiled


def _members(audience: object, scope: frozenset[UUID], now: datetime) -> frozenset[UUID] | None:
    if audience is None:
        return None
    if not scope:
        return frozenset()
    fields = customer_catalogue()
    condition = read(audience, fields, is_stored=True)
    query = compiling.members(condition, fields, segments.as_of(now, scope=scope))
    with connection.cursor() as cursor:
        cursor.execute(query.sql, list(query.params))
        return frozenset(one if isinstance(one, UUID) else UUID(one) for (one,) in cursor.fetchall())


def refuse_outside_window(reward: Reward, at: datetime, zone: str) -> None:
    """Refuse a moment at which the reward cannot be redeemed.

    Raises:
        RewardWindowError: before its start, after its end, on another weekday.
    """
    if reward.starts_at is not None and at < reward.starts_at:
        text = _("“%(reward)s” can be redeemed from %(moment)s on.")
        raise RewardWindowError(text % {"reward": reward, "moment": local_text(reward.starts_at)}, field="occurred_at")
    if reward.ends_at is not None and at >= reward.ends_at:
        text = _("“%(reward)s” could be redeemed until %(moment)s.")
        raise RewardWindowError(text % {"reward": reward, "moment": local_text(reward.ends_at)}, field="occurred_at")
    if reward.weekdays and clock.business_date(at, zone).isoweekday() not in reward.weekdays:
        text = _("“%(reward)s” can be redeemed on other days of the week only.")
        raise RewardWindowError(text % {"reward": reward}, field="occurred_at", weekdays=reward.weekdays)


def is_within_window(reward: Reward, at: datetime, zone: str) -> bool:
    """Tell whether the reward can be redeemed at a moment."""
    try:
        refuse_outside_window(reward, at, zone)
    except RewardWindowError:
        return False
    return True


def by_reward(prices: Sequence[RewardPrice]) -> dict[UUID, list[RewardPrice]]:
    """Return the prices of each reward."""
    found: dict[UUID, list[RewardPrice]] = defaultdict(list)
    for one in prices:
        found[one.reward_id].append(one)
    return found
