"""Satisfaction × competition in words: what a market's curve says, what each corner means and what to do there."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from troth.console import formats
from troth.customers import queries as customers
from troth.insights.market_models import MarketCorner
from troth.insights.markets import NO, YES
from troth.value import loyalty
from troth.value.loyalty import STRONG_FROM, CompetitionSource
from troth.value.loyalty.settings import BY_ATTRIBUTE, BY_DEPARTMENT, BY_STORE

Row = Mapping[str, Any]
CURVE = ("floor", "ceiling", "steepness", "knee", "knee_low", "knee_high", "is_flat")


def way_name(by: str) -> str:
    """Return what parts customers into markets."""
    if by == BY_STORE:
        return _("City of the store")
    if by == BY_DEPARTMENT:
        return _("Department of the goods")
    code = by.removeprefix(BY_ATTRIBUTE)
    known = next((one for one in customers.attribute_definitions() if one.code == code), None)
    if known is None:
        return code
    return known.label_zh if known.label_zh and (get_language() or "").startswith("zh") else known.label


def name(market: str, by: str) -> str:
    """Return a market's name as shown: yes and no are words of the one who reads."""
    if by.startswith(BY_ATTRIBUTE) and market in (YES, NO):
        return f"{way_name(by)}: {_('Yes') if market == YES else _('No')}"
    return market


def meanings() -> dict[str, str]:
    """Return what each corner means."""
    return {
        MarketCorner.ADVOCATE: _("They like it here and stay: the heart of this market."),
        MarketCorner.MERCENARY: _("Content, and gone all the same: others are as good, or cheaper."),
        MarketCorner.HOSTAGE: _("They stay from habit or for want of a choice, and go once there is one."),
        MarketCorner.DEFECTOR: _("Gone, and with a reason; they may tell others."),
    }


def treatments() -> dict[str, str]:
    """Return what to do in each corner."""
    return {
        MarketCorner.ADVOCATE: _("Thank them and let them bring others; they need no discount."),
        MarketCorner.MERCENARY: _("Give what nobody copies: a person who knows them, service, membership."),
        MarketCorner.HOSTAGE: _("Put right what annoys them before a rival comes; no dearer prices for them."),
        MarketCorner.DEFECTOR: _("Ask for the cause, make it good, win back the valuable ones."),
    }


def competition(row: Row) -> str:
    """Return how strong the competition is, and how that is known."""
    level = row["level"]
    if level is None:
        return _("not known")
    facts = {"level": formats.percent(level, 0), "answers": formats.count(row["answers"])}
    if row["source"] == CompetitionSource.ENTERED:
        return _("%(level)s, entered") % facts
    facts["between"] = f"{formats.percent(row['low'], 0)}–{formats.percent(row['high'], 0)}"
    if row["source"] == CompetitionSource.WALLET:
        return _("%(level)s (%(between)s): what %(answers)s customers spend elsewhere") % facts
    return _("%(level)s (%(between)s): how much %(answers)s customers prefer others") % facts


def sentences(row: Row, fewest: int) -> list[str]:
    """Return what is to be said of a market: its curve, and what that means under its competition."""
    if row["is_flat"] is None:
        return [_too_few(row["asked"], fewest), _rivals(row)]
    return [_flat(row) if row["is_flat"] else _curve(row), *_meaning(row), _rivals(row)]


def _too_few(asked: int, fewest: int) -> str:
    text = ngettext(
        "%(asked)s customer told how satisfied they are; a curve needs %(fewest)s.",
        "%(asked)s customers told how satisfied they are; a curve needs %(fewest)s.",
        asked,
    )
    return text % {"asked": formats.count(asked), "fewest": formats.count(fewest)}


def _flat(row: Row) -> str:
    return _("Staying does not follow satisfaction in these answers: %(share)s stay at any satisfaction.") % {
        "share": formats.percent(row["ceiling"], 0)
    }


def _curve(row: Row) -> str:
    text = _(
        "From the least to the most satisfied, staying rises from %(floor)s to %(ceiling)s, most steeply at %(knee)s"
        " points (between %(low)s and %(high)s). Below lies the zone where quality moves nobody, above it every point"
        " counts."
    )
    rise = {"floor": _chance(row, 0), "ceiling": _chance(row, 100)}
    edges = {"knee": "knee", "low": "knee_low", "high": "knee_high"}
    return text % (rise | {word: formats.count(row[column]) for word, column in edges.items()})


def _chance(row: Row, satisfaction: float) -> str:
    return formats.percent(chance(row, satisfaction), 0)


def chance(row: Row, satisfaction: float) -> float:
    """Return the chance to stay at a satisfaction by a market's curve; of a flat one, the level."""
    if row["knee"] is None:
        return float(row["ceiling"])
    curve = loyalty.Curve(market=row["market"], customers=row["asked"], **{one: row[one] for one in CURVE})
    return curve.chance(satisfaction)


def _meaning(row: Row) -> list[str]:
    level, held = row["level"], row["hostage"]
    if level is None:
        return []
    if level >= STRONG_FROM:
        if not row["is_flat"]:
            return [_("So it is where competition is strong: only the well satisfied stay.")]
        return [
            _(
                "Under strong competition that is unusual: something else holds them, or hardly anybody dissatisfied"
                " answered."
            )
        ]
    if row["is_flat"] and held:
        text = ngettext(
            "A protected market: %(count)s dissatisfied customer stays, and may go as soon as there is a choice.",
            "A protected market: %(count)s dissatisfied customers stay, and may go as soon as there is a choice.",
            held,
        )
        return [text % {"count": formats.count(held)}]
    if not row["is_flat"]:
        return [_("Satisfaction decides here although competition is weak: whoever is annoyed buys less, or nothing.")]
    return []


def _rivals(row: Row) -> str:
    if row["level"] is None:
        return _(
            "How strong the competition is nobody has said: enter it, or ask what customers spend elsewhere and whom"
            " they prefer."
        )
    return _("Competition: %(told)s.") % {"told": competition(row)}
