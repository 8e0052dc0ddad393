"""What was measured of customers, in words: bands, standing, and the reasons for both."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from troth.console import formats
from troth.console.components import Reason, Tone
from troth.insights.models import Band, CustomerScore, RfmSegment, Rung, Status

BAND_TONES: dict[str, Tone] = {
    "diamond": "info",
    "gold": "warn",
    "silver": "neutral",
    "ordinary": "neutral",
    "new": "good",
    "inactive": "neutral",
}
STATUS_TONES: dict[str, Tone] = {
    "new": "good",
    "repeat": "good",
    "active": "good",
    "sleeping": "warn",
    "lost": "bad",
}


def band_label(score: CustomerScore) -> str:
    """Return the name of the value band."""
    return str(Band(score.band).label)


def status_label(score: CustomerScore) -> str:
    """Return the name of where in the life cycle the customer is."""
    return str(Status(score.status).label)


def reasons_of(score: CustomerScore, currency: str) -> list[Reason]:
    """Return why the customer stands where they stand: life cycle, value band and rung, a sentence each."""
    found = {reason["code"].partition(".")[0]: reason for reason in score.reasons}
    sentences = [
        _status_reason(score, found.get("status", {})),
        _band_reason(score, found.get("band", {}), currency),
        _rung_reason(score, found.get("rung", {})),
    ]
    return [sentence for sentence in sentences if sentence is not None]


def segment_label(score: CustomerScore) -> str:
    """Return the name of the region of recency, frequency and money."""
    return str(RfmSegment(score.rfm_segment).label)


def _status_reason(score: CustomerScore, reason: dict[str, Any]) -> Reason:
    values = {
        "days": formats.count(score.days_since_last_purchase),
        "gap": formats.count(score.usual_gap_days),
        "sleeping": formats.count(score.sleeping_after_days),
        "lost": formats.count(score.lost_after_days),
    }
    match score.status:
        case "lost":
            text = _("Lost: silent for %(days)s days; from %(lost)s on it is too long for this rhythm.")
        case "sleeping":
            text = _("Sleeping: silent for %(days)s days; %(sleeping)s would be usual, lost from %(lost)s on.")
        case "new":
            text = _("New: one purchase so far, %(days)s days ago; sleeping from %(sleeping)s days on.")
        case _:
            text = _("Buys every %(gap)s days; last %(days)s days ago, sleeping from %(sleeping)s days on.")
    whose = {
        "status.company_rhythm": _("rhythm of all customers"),
        "status.mixed_rhythm": _("own and everybody's rhythm"),
        "status.own_rhythm": _("own rhythm"),
    }
    return Reason(text % values, whose.get(reason.get("code", ""), ""), STATUS_TONES[score.status])


def _band_reason(score: CustomerScore, reason: dict[str, Any], currency: str) -> Reason:
    values = {
        "band": band_label(score),
        "place": formats.percent(max(score.band_place, type(score.band_place)("0.001"))),
        "amount": formats.money(score.window_revenue, currency),
    }
    match reason.get("code", ""):
        case "band.no_purchase_in_window":
            text = _("%(band)s: no purchase in the last twelve months.")
        case "band.first_purchase_recent":
            text = _("%(band)s: the first purchase is too recent to rank.")
        case "band.amount":
            text = _("%(band)s by the amount of the last twelve months: %(amount)s.")
        case _:
            text = _("%(band)s: among the best %(place)s of customers, with %(amount)s in the last twelve months.")
    return Reason(text % values, "", BAND_TONES[score.band])


def _rung_reason(score: CustomerScore, reason: dict[str, Any]) -> Reason:
    label = str(Rung(score.rung).label)
    named = label.lower() if not formats.is_chinese() else label
    if reason.get("wallet") is None:
        return Reason(_("Rung: %(rung)s, as far as orders alone can tell.") % {"rung": named}, "", "brand")
    text = _("Rung: %(rung)s, with %(share)s of their spending in the category here.")
    facts = {"rung": named, "share": formats.percent(reason["wallet"], 0)}
    brought = reason.get("referrals") or 0
    more = ngettext("%(count)s buyer brought.", "%(count)s buyers brought.", brought) % {
        "count": formats.count(brought)
    }
    return Reason(f"{text % facts} {more}" if brought else text % facts, "", "brand")
