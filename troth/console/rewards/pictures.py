"""Rewards, prices and redemptions as screens show them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from babel.dates import get_day_names
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from troth.console import formats
from troth.console.components import Tone
from troth.console.points.purse import currency_name
from troth.ledger import queries as ledger
from troth.ledger.models import PointCurrency
from troth.rewards.models import LimitPeriod, RedemptionState, Reward, RewardKind, RewardPrice, RewardState

KIND_ICONS: dict[str, str] = {
    RewardKind.GOODS: "package",
    RewardKind.VOUCHER: "ticket",
    RewardKind.EXPERIENCE: "sparkles",
    RewardKind.DONATION: "heart-handshake",
}
STATE_TONES: dict[str, Tone] = {
    RewardState.DRAFT: "warn",
    RewardState.ACTIVE: "good",
    RewardState.ARCHIVED: "neutral",
    RedemptionState.REQUESTED: "warn",
    RedemptionState.PREPARED: "info",
    RedemptionState.SENT: "info",
    RedemptionState.FULFILLED: "good",
    RedemptionState.CANCELLED: "neutral",
}


@dataclass(frozen=True, slots=True)
class PriceView:
    """A price in words. points: in the smallest unit; whom: "" for everybody."""

    option: str
    text: str
    whom: str
    points: int
    point_currency: str


class Prices:
    """Says prices; point currencies and names of tiers are read once."""

    def __init__(self, tiers: Mapping[tuple[str, str], str] | None = None) -> None:
        self.currencies: dict[str, PointCurrency] = {one.code: one for one in ledger.currencies()}
        self._tiers = tiers or {}

    def view(self, price: RewardPrice) -> PriceView:
        """Return a price in words."""
        return PriceView(price.option, self.text(price), self._whom(price), price.points, price.point_currency)

    def views(self, prices: Iterable[RewardPrice]) -> list[PriceView]:
        """Return prices in words, those for everybody first."""
        return sorted((self.view(one) for one in prices), key=lambda one: (bool(one.whom), one.points))

    def text(self, price: RewardPrice) -> str:
        """Return what a piece costs: points, money, both, or nothing."""
        return self.amount(price.points, price.point_currency, price.money_amount, price.money_currency)

    def amount(self, points: int, code: str, money: formats.Number, money_currency: str) -> str:
        """Return points and money in words."""
        parts = []
        if points:
            currency = self.currencies.get(code)
            number = formats.units(points, currency) if currency else formats.count(points)
            name = currency_name(currency) if currency else code
            parts.append(f"{number} {name}")
        if money:
            parts.append(formats.money(money, money_currency))
        return " + ".join(parts) or _("free")

    def _whom(self, price: RewardPrice) -> str:
        if price.segment is not None:
            return str(price.segment)
        if price.tier:
            return self._tiers.get((price.programme, price.tier), price.tier)
        return price.programme


def limit_text(reward: Reward) -> str:
    """Return how many a member may take, "" for any number."""
    if reward.member_limit is None:
        return ""
    said = {"count": reward.member_limit, "period": LimitPeriod(reward.limit_period).label}
    if reward.limit_period == LimitPeriod.EVER:
        return ngettext("%(count)d for each member", "%(count)d for each member", reward.member_limit) % said
    return ngettext("%(count)d %(period)s", "%(count)d %(period)s", reward.member_limit) % said


def window_text(reward: Reward) -> str:
    """Return from when to when it can be redeemed, "" for always."""
    parts = []
    if reward.starts_at:
        parts.append(pgettext("rewards", "from %(day)s") % {"day": formats.day(reward.starts_at)})
    if reward.ends_at:
        parts.append(pgettext("rewards", "until %(day)s") % {"day": formats.day(reward.ends_at)})
    if reward.weekdays:
        parts.append(", ".join(weekday(number) for number in reward.weekdays))
    return " · ".join(parts)


def weekday(number: int) -> str:
    """Return the short name of an ISO weekday."""
    names = get_day_names("abbreviated", locale="zh_Hans_CN" if formats.is_chinese() else "en")
    return str(names[number - 1])


def is_over(reward: Reward, now: datetime) -> bool:
    """Tell whether its time is over."""
    return reward.ends_at is not None and reward.ends_at <= now
