"""Birthday gifts in words: what is given, when, to whom, and what stands in the way."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from troth.console import formats
from troth.console.coupons.pictures import benefit_text, time_text
from troth.rewards import queries as rewards
from troth.rewards import terms
from troth.rewards.models import BirthdayGift, CampaignState, CouponCampaign, Reward, RewardState
from troth.staff import queries as staff

from .audience_views import catalogue


def given_text(gift: BirthdayGift) -> str:
    """Return what is given."""
    if gift.campaign is not None:
        return _("coupon “%(campaign)s”: %(benefit)s") % {
            "campaign": gift.campaign,
            "benefit": benefit_text(gift.campaign),
        }
    return _("“%(reward)s”, at no charge") % {"reward": gift.reward}


def when_text(gift: BirthdayGift) -> str:
    """Return on which day it is given."""
    if not gift.days_before:
        return _("on the birthday")
    text = ngettext("%(count)d day before the birthday", "%(count)d days before the birthday", gift.days_before)
    return text % {"count": gift.days_before}


def facts(gift: BirthdayGift) -> list[tuple[str, str]]:
    """Return the rules of a gift."""
    audience = terms.sentence(gift.audience, catalogue(), staff.company().currency)
    found = [
        (_("What is given"), given_text(gift)),
        (pgettext("points", "When"), when_text(gift)),
        (_("Whose birthday"), _("by the calendar each customer keeps, solar or lunar")),
        (_("Who gets it"), audience or _("everybody whose birthday is known")),
    ]
    if gift.campaign is not None:
        found.append((_("Can be used"), usable_text(gift, gift.campaign)))
    return [(str(label), str(text)) for label, text in found]


def usable_text(gift: BirthdayGift, campaign: CouponCampaign) -> str:
    """Return how long the coupon of a gift is usable."""
    if gift.usable_days is None:
        return time_text(campaign)
    text = ngettext("%(count)d day from the birthday on", "%(count)d days from the birthday on", gift.usable_days)
    own = text % {"count": gift.usable_days}
    is_bound = campaign.starts_at or campaign.ends_at or campaign.usable_days
    return " · ".join([own, time_text(campaign)]) if is_bound else own


def doubts(gift: BirthdayGift, coming: int, now: datetime) -> list[str]:
    """Return why those whose birthday comes would be refused the gift, or some of them."""
    if gift.campaign is not None:
        return _campaign_doubts(gift.campaign, coming, now)
    assert gift.reward is not None, "a gift is a coupon or a reward"
    return _reward_doubts(gift.reward, coming)


def _campaign_doubts(campaign: CouponCampaign, coming: int, now: datetime) -> list[str]:
    found = []
    named = {"campaign": str(campaign)}
    if campaign.state != CampaignState.ACTIVE or (campaign.ends_at is not None and campaign.ends_at <= now):
        found.append(
            _(
                "The campaign “%(campaign)s” does not run: whoever has a birthday now gets nothing this year."
                " Start it, or stop the gift."
            )
            % named
        )
    left = rewards.figures([campaign.id])[campaign.id].left
    if left is not None and left < coming:
        text = _("The campaign “%(campaign)s” has %(left)s codes left, for %(coming)s birthdays to come. Enlarge it.")
        found.append(text % (named | _numbers(left, coming)))
    if campaign.coupons_per_member is not None:
        text = ngettext(
            "A member may have %(count)d coupon of the campaign “%(campaign)s”, ever: who had it gets no gift.",
            "A member may have %(count)d coupons of the campaign “%(campaign)s”, ever: who had them gets no gift.",
            campaign.coupons_per_member,
        )
        found.append(text % (named | {"count": campaign.coupons_per_member}))
    return found


def _reward_doubts(reward: Reward, coming: int) -> list[str]:
    found = []
    if reward.state == RewardState.ARCHIVED:
        text = _("“%(reward)s” is archived and still given for birthdays. Choose another gift, or stop this one.")
        found.append(text % {"reward": reward})
    left = rewards.stock([reward.id]).get(reward.id)
    if left is not None and left < coming:
        text = _("Of “%(reward)s” %(left)s are in stock, for %(coming)s birthdays to come. Add some.")
        found.append(text % ({"reward": str(reward)} | _numbers(left, coming)))
    return found


def _numbers(left: int, coming: int) -> dict[str, str]:
    return {"left": formats.count(left), "coming": formats.count(coming)}


def refusal_text(code: str) -> str:
    """Return why a gift could not be given, "" where it was."""
    known = {
        "campaign_state": _("the campaign was not running"),
        "campaign_exhausted": _("no codes were left"),
        "coupon_expired": _("the campaign was over"),
        "member_limit_reached": _("had as many coupons of the campaign as a member may"),
        "reward_out_of_stock": _("none was in stock"),
    }
    return known.get(code, code)
