"""What a reward's fields must be; each refusal names field, value and way out."""

from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from troth.ledger import queries as ledger
from troth.ledger.errors import CurrencyUnknownError

from .campaign_checks import CODE, CURRENCY, is_storable
from .errors import RewardRefusedError
from .models import CodeKind, CouponCampaign, FulfilmentKind, PayOn, RewardKind

if TYPE_CHECKING:
    from .catalogue import PriceFields, RewardFields

MOST_POINTS = 10**12
MOST_PIECES = 10**9


def check_reward(fields: "RewardFields", campaign: CouponCampaign | None) -> None:
    """Refuse fields that break a rule.

    Raises:
        RewardRefusedError: names the first.
    """
    if not CODE.fullmatch(fields.code):
        raise refused("code", fields.code, _("write 1 to 40 small letters, digits, hyphens"))
    if not 1 <= len(fields.name.strip()) <= 120 or len(fields.name_zh) > 120:
        raise refused("name", fields.name, _("write 1 to 120 characters"))
    if max(len(fields.description), len(fields.description_zh)) > 500:
        raise refused("description", "…", _("write at most 500 characters"))
    if fields.starts_at and fields.ends_at and fields.ends_at <= fields.starts_at:
        raise refused("ends_at", fields.ends_at, _("must lie after the start"))
    if not set(fields.weekdays) <= set(range(1, 8)):
        raise refused("weekdays", fields.weekdays, _("write 1 for Monday to 7 for Sunday"))
    _check_kind(fields, campaign)
    _check_figures(fields)
    _check_prices(fields.prices)


def refused(field: str, value: object, text: str) -> RewardRefusedError:
    """Return the error: `text` says what is wrong and the way out."""
    return RewardRefusedError(f"{field} {str(value)[:60]}: {text}", field=field, value=str(value)[:60])


def _check_kind(fields: "RewardFields", campaign: CouponCampaign | None) -> None:
    is_voucher = fields.reward_kind is RewardKind.VOUCHER
    if is_voucher and (campaign is None or campaign.code_kind != CodeKind.UNIQUE):
        raise refused("campaign", fields.campaign, _("name a coupon campaign with unique codes"))
    if not is_voucher and fields.campaign:
        raise refused("campaign", fields.campaign, _("only a coupon has a campaign; leave it empty"))
    if is_voucher and fields.fulfilment is not FulfilmentKind.INSTANT:
        raise refused("fulfilment", fields.fulfilment, _("a coupon is there at once"))
    if fields.pay_on is PayOn.FULFILMENT and fields.fulfilment is FulfilmentKind.INSTANT:
        raise refused("pay_on", fields.pay_on, _("what is there at once is paid at once"))


def _check_figures(fields: "RewardFields") -> None:
    if fields.member_limit is not None and not 1 <= fields.member_limit <= MOST_PIECES:
        raise refused("member_limit", fields.member_limit, _("write 1 or more, or nothing for no limit"))
    if fields.stock is not None and not 0 <= fields.stock <= MOST_PIECES:
        raise refused("stock", fields.stock, _("write 0 or more, or nothing if it is not counted"))
    if not 0 <= fields.low_stock <= MOST_PIECES:
        raise refused("low_stock", fields.low_stock, _("write 0 or more"))
    if not 1 <= fields.hold_days <= 3650:
        raise refused("hold_days", fields.hold_days, _("write 1 to 3650 days"))
    if fields.unit_cost is not None:
        _check_amount("unit_cost", fields.unit_cost, fields.cost_currency)


def _check_prices(prices: "tuple[PriceFields, ...]") -> None:
    known = {one.code for one in ledger.currencies()}
    seen = set()
    for one in prices:
        if not CODE.fullmatch(one.option) or len(one.option) > 20:
            raise refused("option", one.option, _("write 1 to 20 small letters, digits, hyphens"))
        if not 0 <= one.points <= MOST_POINTS:
            raise refused("points", one.points, _("write a whole number of at least 0"))
        if one.points and one.point_currency not in known:
            raise CurrencyUnknownError(one.point_currency)
        if one.money_amount:
            _check_amount("money_amount", one.money_amount, one.money_currency)
        if one.programme and not one.tier:
            raise refused("tier", one.tier, _("name a tier of the programme %(code)s") % {"code": one.programme})
        key = (one.option, one.programme, one.tier, one.segment_id)
        if key in seen:
            raise refused("option", one.option, _("stands twice for the same customers"))
        seen.add(key)


def _check_amount(field: str, amount: Decimal, currency: str) -> None:
    if not CURRENCY.fullmatch(currency):
        raise refused(f"{field} currency", currency, _("write the ISO 4217 code, for example CNY"))
    if not is_storable(amount):
        raise refused(field, amount, _("write a number of at least 0 with at most four decimal places"))
