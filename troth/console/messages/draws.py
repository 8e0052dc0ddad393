"""What chance kept a customer out of, and what not: why somebody else got a coupon and this one did not."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from troth.care.journeys import queries as journeys
from troth.care.journeys.errors import JourneyNotFoundError
from troth.messaging import queries as messaging
from troth.rewards import queries as rewards
from troth.rewards.errors import CampaignNotFoundError

MOST = 50


@dataclass(frozen=True, slots=True)
class ShownDraw:
    """One draw: of what, where that is to be seen, how it came out, and why in a sentence."""

    name: str
    url: str
    is_kept_out: bool
    why: str
    at: datetime


def shown_draws(customer_id: UUID) -> list[ShownDraw]:
    """Return the newest draws of a customer, of all merged records."""
    return [_shown(one) for one in messaging.control_draws(customer_id)[:MOST]]


def _points(code: str) -> tuple[str, str]:
    """Return what the points of a journey's step are called, and where the journey is to be seen."""
    named = code.partition("/")[0]
    try:
        journey = journeys.journey_by_code(named)
    except JourneyNotFoundError:
        return _("Points: %(journey)s") % {"journey": named}, ""
    return _("Points: %(journey)s") % {"journey": journey}, reverse("journeys:detail", args=[journey.id])


def _shown(one: messaging.ControlDraw) -> ShownDraw:
    kind, _colon, code = one.subject.partition(":")
    name, url = one.subject, ""
    if kind == "coupon":
        try:
            campaign = rewards.campaign(code)
        except CampaignNotFoundError:
            name = _("Coupon: %(campaign)s") % {"campaign": code}
        else:
            name = _("Coupon: %(campaign)s") % {"campaign": campaign}
            url = reverse("coupons:effect", args=[code])
    elif kind == "points":
        name, url = _points(code)
    if one.is_of_all:
        why = _("Got none: by chance one of those who get no offers at all.")
    elif one.is_kept_out:
        why = _("Got none: by chance one of the %(percent)s %% kept out, to see what it brings.") % {
            "percent": one.percent
        }
    else:
        why = _("Was among those who may get it.")
    return ShownDraw(name, url, one.is_kept_out, why, one.drawn_at)
