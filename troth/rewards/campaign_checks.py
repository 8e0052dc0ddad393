"""What a campaign's fields must be; each refusal names field, value and way out."""

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from troth.kit.money import LIMIT, to_stored

from . import codes
from .errors import CampaignRefusedError
from .models import Benefit, CodeKind

if TYPE_CHECKING:
    from .campaigns import CampaignFields

CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
CURRENCY = re.compile(r"[A-Z]{3}")
MAX_SIZE = 1_000_000_000
MAX_DAYS = 36_500
MAX_USES = 1_000_000
LARGEST_CONTROL = 50
MAX_MINUTES = 60 * 24 * 90


def check_fields(fields: "CampaignFields", currency: str) -> None:
    """Refuse fields that break a rule.

    Raises:
        CampaignRefusedError: names the first.
    """
    _check_names(fields)
    if not CURRENCY.fullmatch(currency):
        raise refused("currency", currency, _("write the ISO 4217 code, for example CNY"))
    _check_benefit(fields)
    _check_codes(fields)
    _check_time(fields)
    _check_limits(fields)


def refused(field: str, value: object, text: str) -> CampaignRefusedError:
    """Return the error: `text` says what is wrong and the way out."""
    return CampaignRefusedError(f"{field} {str(value)[:60]}: {text}", field=field, value=str(value)[:60])


def _check_names(fields: "CampaignFields") -> None:
    if not CODE.fullmatch(fields.code):
        raise refused("code", fields.code, _("write 1 to 40 small letters, digits, hyphens"))
    if not 1 <= len(fields.name.strip()) <= 120 or len(fields.name_zh) > 120:
        raise refused("name", fields.name, _("write 1 to 120 characters"))
    for name in ("description", "description_zh"):
        if len(getattr(fields, name)) > 500:
            raise refused(name, "…", _("write at most 500 characters"))


def _check_benefit(fields: "CampaignFields") -> None:
    if fields.benefit is Benefit.PERCENT and (fields.percent is None or not 0 < fields.percent <= 100):
        raise refused("percent", fields.percent, _("write a number above 0 and at most 100"))
    if fields.benefit is Benefit.AMOUNT and (fields.amount is None or fields.amount <= 0):
        raise refused("amount", fields.amount, _("write an amount above 0"))
    if fields.benefit is Benefit.GIFT and not 1 <= len(fields.gift_sku) <= 80:
        raise refused("gift_sku", fields.gift_sku, _("name the article that is given, in 1 to 80 characters"))
    for name in ("percent", "amount", "maximum_discount", "minimum_amount"):
        value: Decimal | None = getattr(fields, name)
        if value is not None and not is_storable(value):
            raise refused(name, value, _("write a number of at least 0 with at most four decimal places"))


def is_storable(value: Decimal) -> bool:
    """Tell whether an amount has at most four places, is not negative and leaves room for sums."""
    try:
        to_stored(value)
    except ValueError:
        return False
    return 0 <= value <= LIMIT / 1000


def _check_codes(fields: "CampaignFields") -> None:
    if fields.code_kind is CodeKind.GENERIC:
        return
    if fields.size is None or not 1 <= fields.size <= MAX_SIZE:
        raise refused("size", fields.size, _("say how many codes there are, 1 to %(limit)d") % {"limit": MAX_SIZE})
    if fields.prefix and not codes.is_prefix(fields.prefix):
        text = _("write four of these signs: %(signs)s") % {"signs": codes.ALPHABET}
        raise refused("prefix", fields.prefix, text)


def _check_time(fields: "CampaignFields") -> None:
    if fields.starts_at and fields.ends_at and fields.ends_at <= fields.starts_at:
        raise refused("ends_at", fields.ends_at, _("must lie after the start"))
    if fields.usable_days is not None and not 1 <= fields.usable_days <= MAX_DAYS:
        raise refused("usable_days", fields.usable_days, _("write 1 to %(limit)d days") % {"limit": MAX_DAYS})
    if not 1 <= fields.reserve_minutes <= MAX_MINUTES:
        raise refused("reserve_minutes", fields.reserve_minutes, _("write 1 to %(limit)d") % {"limit": MAX_MINUTES})


def _check_limits(fields: "CampaignFields") -> None:
    if not 0 <= fields.control_percent <= LARGEST_CONTROL:
        raise refused("control_percent", fields.control_percent, _("write 0 to %(limit)d") % {"limit": LARGEST_CONTROL})
    for name, limit in (
        ("uses_per_coupon", MAX_USES),
        ("uses_per_member", MAX_USES),
        ("uses_total", MAX_SIZE),
        ("coupons_per_member", MAX_USES),
    ):
        value: int | None = getattr(fields, name)
        if value is not None and not 1 <= value <= limit:
            raise refused(name, value, _("write 1 to %(limit)d, or nothing for no limit") % {"limit": limit})
