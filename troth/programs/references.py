"""What a document names outside of itself, and what of that is not there: point currencies and coupon campaigns."""

from collections.abc import Callable, Collection
from typing import NamedTuple

from django.utils.translation import gettext as _

from troth.ledger import queries as ledger

from .document.shapes import Challenge, CouponEffect, ProgrammeDocument, Streak

KnownCampaigns = Callable[[Collection[str]], set[str]]

_known_campaigns: list[KnownCampaigns] = []


class Missing(NamedTuple):
    """A name that leads nowhere, with the way out. field: currency or campaign."""

    field: str
    code: str
    message: str


def register_campaigns(known: KnownCampaigns) -> None:
    """Have this tell which campaigns of some codes there are: campaigns belong to a module above this one."""
    if known not in _known_campaigns:
        _known_campaigns.append(known)


def missing(document: ProgrammeDocument) -> list[Missing]:
    """Return what the document names and is not there, or no longer given out; with it, it cannot be published."""
    found = []
    is_open = {row.code: row.is_active for row in ledger.currencies()}
    for code in sorted(_currencies(document)):
        if code not in is_open:
            text = _("There is no point currency “%(code)s” yet; make it before the programme is published.")
            found.append(Missing("currency", code, text % {"code": code}))
        elif not is_open[code]:
            text = _("The point currency “%(code)s” is no longer given out; open it again, or name another.")
            found.append(Missing("currency", code, text % {"code": code}))
    campaigns = {one.campaign for one in _effects(document) if isinstance(one, CouponEffect)}
    for known in _known_campaigns if campaigns else ():
        for code in sorted(campaigns - known(campaigns)):
            text = _("There is no coupon campaign “%(code)s” yet; make it before the programme is published.")
            found.append(Missing("campaign", code, text % {"code": code}))
    return found


def _currencies(document: ProgrammeDocument) -> set[str]:
    found = {getattr(one, "currency", None) for one in _effects(document)}
    return {code or document.points for code in found if code is not None}


def _effects(document: ProgrammeDocument) -> list[object]:
    goals: list[Challenge | Streak] = [*document.challenges, *document.streaks]
    return [*(rule.effect for rule in document.rules), *(goal.reward for goal in goals)]
