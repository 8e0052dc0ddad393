"""Campaigns in words: what they give, to whom, and for which goods."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from troth.console import formats
from troth.console.components import Tone
from troth.programs.fields import line_catalogue
from troth.rewards import terms
from troth.rewards.models import Benefit, CampaignState, CouponCampaign, UseState

STATE_TONES: dict[str, Tone] = {
    CampaignState.DRAFT: "warn",
    CampaignState.ACTIVE: "good",
    CampaignState.PAUSED: "info",
    CampaignState.ENDED: "neutral",
    UseState.RESERVED: "warn",
    UseState.REDEEMED: "good",
    UseState.RELEASED: "neutral",
    UseState.REVERSED: "neutral",
}
GOODS = {"categories": "line.category", "brands": "line.brand", "skus": "line.sku"}
"""Names of the form's fields, and what they ask of a line."""


def benefit_text(campaign: CouponCampaign) -> str:
    """Return what a coupon gives."""
    match campaign.benefit:
        case Benefit.PERCENT:
            text = _("%(percent)s %% off") % {"percent": plain(campaign.percent)}
        case Benefit.AMOUNT:
            text = _("%(amount)s off") % {"amount": formats.money(campaign.amount or 0, campaign.currency)}
        case Benefit.GIFT:
            return _("gift: %(sku)s") % {"sku": campaign.gift_sku}
        case _:
            text = _("free delivery")
    if campaign.minimum_amount:
        text += _(", from %(amount)s") % {"amount": formats.money(campaign.minimum_amount, campaign.currency)}
    if campaign.maximum_discount:
        text += _(", at most %(amount)s") % {"amount": formats.money(campaign.maximum_discount, campaign.currency)}
    return text


def plain(number: Any) -> str:
    """Return a number without needless zeros, "" for none."""
    return "" if number is None else f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"


def terms_text(campaign: CouponCampaign) -> str:
    """Return the condition over order and customer in words, "" for none."""
    return terms.sentence(campaign.terms, terms.catalogue(), campaign.currency)


def goods_text(campaign: CouponCampaign) -> str:
    """Return the condition over the goods in words, "" for all goods."""
    return terms.sentence(campaign.line_terms, line_catalogue(), campaign.currency)


def goods_of(raw: Mapping[str, Any] | None) -> dict[str, str] | None:
    """Return stored goods as the form writes them, None where it cannot write them."""
    if raw is None:
        return dict.fromkeys(GOODS, "")
    found = dict.fromkeys(GOODS, "")
    codes = {code: name for name, code in GOODS.items()}
    for one in raw.get("any", [raw]):
        name = codes.get(one.get("field", ""))
        if name is None or one.get("operator") != "any_of" or found[name]:
            return None
        found[name] = ", ".join(one["value"])
    return found


def goods_condition(given: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the form's goods as a condition over lines, None for all goods."""
    parts = [
        {"field": code, "operator": "any_of", "value": values}
        for name, code in GOODS.items()
        if (values := [text.strip() for text in given.get(name, "").replace("，", ",").split(",") if text.strip()])
    ]
    if len(parts) < 2:
        return parts[0] if parts else None
    return {"any": parts}


def time_text(campaign: CouponCampaign) -> str:
    """Return when it can be used."""
    parts = []
    if campaign.starts_at:
        parts.append(pgettext("rewards", "from %(day)s") % {"day": formats.day(campaign.starts_at)})
    if campaign.ends_at:
        parts.append(pgettext("rewards", "until %(day)s") % {"day": formats.moment(campaign.ends_at)})
    if campaign.usable_days:
        parts.append(_("%(days)s days from the day it is handed out") % {"days": campaign.usable_days})
    return " · ".join(parts) or _("always")
