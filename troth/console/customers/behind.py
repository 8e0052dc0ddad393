"""The customers behind a number of a report: read from an address, said in words, asked as a condition."""

import re
from collections.abc import Callable
from dataclasses import fields
from datetime import MAXYEAR, date, timedelta
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import override

from troth.console import formats
from troth.insights import queries as insights
from troth.insights.market_models import MarketCorner, step_choices
from troth.insights.models import (
    Band,
    LoyaltyHold,
    LoyaltyKind,
    NextAction,
    Quarter,
    RfmSegment,
    Rung,
    Status,
)
from troth.insights.queries import ACTIVE, NO_BUYER, SILENT, UNHELD, UNKNOWN, People
from troth.staff import queries as staff

MOST_DAYS = 36_500
MOST_POINTS = 100
AMOUNT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,4})?", flags=re.ASCII)
_CODES = {
    "band": Band.values,
    "status": [*Status.values, ACTIVE, SILENT],
    "status_before": [*Status.values, ACTIVE, SILENT, UNKNOWN],
    "rung": Rung.values,
    "rung_before": [*Rung.values, NO_BUYER],
    "rfm_segment": RfmSegment.values,
    "quarter": Quarter.values,
    "loyalty_type": LoyaltyKind.values,
    "loyalty_hold": [*LoyaltyHold.values, UNHELD],
    "action": NextAction.values,
    "corner": MarketCorner.values,
    "satisfaction": [code for code, _label in step_choices()],
}
MOST_LETTERS = 120  # of the name of a market
_AMOUNTS = ("potential_from", "potential_below", "revenue_from")
Part = dict[str, Any]


def read(data: QueryDict) -> People:
    """Return which people an address means; what cannot be read is left out."""
    found: dict[str, Any] = {field.name: _value(field.name, data.get(field.name, "")) for field in fields(People)}
    return People(**{name: value for name, value in found.items() if value is not None})


def in_words(wanted: People, *, leave_out: tuple[str, ...] = ()) -> list[str]:
    """Return what narrows the list, a phrase each; leave_out: fields that the screen shows otherwise."""
    return [_WORDS[name](given) for name, given in wanted.given().items() if name not in leave_out]


def definition_of(wanted: People) -> Part:
    """Return the condition of a segment that holds these people, now and after every later analysis."""
    given = wanted.given()
    placed = _placed(*(given.pop(name, "") for name in insights.MARKET_FIELDS))
    return {"all": [*(_CONDITIONS[name](one) for name, one in given.items()), *placed]}


def name_of(wanted: People, language: str) -> str:
    """Return a name for these people in one language."""
    with override(language):
        words = ("，" if formats.is_chinese() else ", ").join(in_words(wanted))
        return words[:1].upper() + words[1:]


def _value(name: str, text: str) -> str | int | date | Decimal | None:
    if name in _CODES:
        return text if text in _CODES[name] else None
    if name == "market":
        return text.strip()[:MOST_LETTERS] or None
    if name.endswith("_month"):
        return _first_day(text)
    if name in _AMOUNTS:
        return Decimal(text) if AMOUNT.fullmatch(text) else None
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        return None
    limit = MOST_DAYS if name.endswith("_within") or name == "referred" else 5
    limit = MOST_POINTS if name.startswith("index_") else limit
    return int(text) if 1 <= int(text) <= limit else None


def _first_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(f"{text[:7]}-01")
    except ValueError:
        return None
    return day if day.year < MAXYEAR else None  # a month ends with the first day of the next, which must exist


def _status_words(code: str) -> str:
    groups = {ACTIVE: _("active now"), SILENT: _("sleeping or lost now")}
    return groups.get(code) or _("now: %(status)s") % {"status": Status(code).label}


def _before_words(code: str) -> str:
    groups = {
        ACTIVE: _("active a month before"),
        SILENT: _("sleeping or lost a month before"),
        UNKNOWN: _("not known a month before"),
    }
    return groups.get(code) or _("a month before: %(status)s") % {"status": Status(code).label}


def _rung_before_words(code: str) -> str:
    if code == NO_BUYER:
        return _("no buyer yet a month before")
    return _("rung a month before: %(rung)s") % {"rung": Rung(code).label}


def _hold_words(code: str) -> str:
    return _("no hold seen") if code == UNHELD else _("held by: %(hold)s") % {"hold": LoyaltyHold(code).label}


def _amount(amount: Decimal) -> str:
    return formats.money(amount, staff.company().currency)


_WORDS: dict[str, Callable[[Any], str]] = {
    "band": lambda code: _("band: %(band)s") % {"band": Band(code).label},
    "status": _status_words,
    "status_before": _before_words,
    "rung": lambda code: _("rung: %(rung)s") % {"rung": Rung(code).label},
    "rung_before": _rung_before_words,
    "rfm_segment": lambda code: _("group: %(group)s") % {"group": RfmSegment(code).label},
    "r": lambda score: _("recency score %(score)s") % {"score": score},
    "f": lambda score: _("frequency score %(score)s") % {"score": score},
    "m": lambda score: _("money score %(score)s") % {"score": score},
    "first_month": lambda day: _("first bought in %(month)s") % {"month": formats.month(day)},
    "bought_month": lambda day: _("bought in %(month)s") % {"month": formats.month(day)},
    "first_within": lambda days: _("first bought in the last %(days)s days") % {"days": formats.count(days)},
    "bought_within": lambda days: _("bought in the last %(days)s days") % {"days": formats.count(days)},
    "quarter": lambda code: _("loyalty and value: %(quarter)s") % {"quarter": Quarter(code).label},
    "loyalty_type": lambda code: _("type: %(type)s") % {"type": LoyaltyKind(code).label},
    "loyalty_hold": _hold_words,
    "action": lambda code: _("next: %(action)s") % {"action": NextAction(code).label},
    "market": lambda market: _("market: %(market)s") % {"market": market},
    "corner": lambda code: _("in the market: %(corner)s") % {"corner": MarketCorner(code).label},
    "satisfaction": lambda step: _("satisfaction: %(points)s") % {"points": dict(step_choices())[step]},
    "referred": lambda count: _("brought at least %(count)s") % {"count": formats.count(count)},
    "index_from": lambda points: _("loyalty index of %(points)s or more") % {"points": points},
    "index_below": lambda points: _("loyalty index below %(points)s") % {"points": points},
    "potential_from": lambda amount: _("value to come of %(amount)s or more") % {"amount": _amount(amount)},
    "potential_below": lambda amount: _("value to come below %(amount)s") % {"amount": _amount(amount)},
    "revenue_from": lambda amount: _("revenue of %(amount)s or more") % {"amount": _amount(amount)},
}


def _is(field: str, operator: str, value: Any = None) -> Part:
    return {"field": field, "operator": operator} | ({} if value is None else {"value": value})


def _placed(market: str, corner: str, satisfaction: str) -> list[Part]:
    """Return what asks for a market, a corner and a satisfaction: all of the same market."""
    if not (market or corner or satisfaction):
        return []
    narrowing = {"satisfactions": [satisfaction]} if satisfaction else {}
    if market:
        wanted = _is("outlook.markets", "has_any_of", [market])
        narrowing |= {"corners": [corner]} if corner else {}
    else:
        wanted = _is("outlook.corners", "has_any_of", [corner] if corner else MarketCorner.values)
    return [wanted | ({"with": narrowing} if narrowing else {})]


def _below(field: str, limit: object) -> Part:
    """Less than a limit, as conditions ask for it: figures are kept to ten-thousandths."""
    return _is(field, "at_most", str(Decimal(str(limit)) - Decimal("0.0001")))


def _one_of(field: str) -> Callable[[str], Part]:
    """Return what asks for a status, or for those of a group of them."""

    def asks(code: str) -> Part:
        return _is(field, "any_of", list(insights.STATUS_GROUPS.get(code, (code,))))

    return asks


def _was(code: str) -> Part:
    return _is("score.status_before", "is_empty") if code == UNKNOWN else _one_of("score.status_before")(code)


def _was_on(code: str) -> Part:
    return _is("score.rung_before", "is_empty") if code == NO_BUYER else _one_of("score.rung_before")(code)


def _held(code: str) -> Part:
    return _is("outlook.hold", "is_empty") if code == UNHELD else _one_of("outlook.hold")(code)


def _in_month(first_day: date) -> Part:
    last_day = insights.next_month(first_day) - timedelta(days=1)
    return _is("orders.first_date", "between", [first_day.isoformat(), last_day.isoformat()])


_CONDITIONS: dict[str, Callable[[Any], Part]] = {
    "band": _one_of("score.band"),
    "status": _one_of("score.status"),
    "status_before": _was,
    "rung": _one_of("score.rung"),
    "rung_before": _was_on,
    "rfm_segment": _one_of("score.rfm_segment"),
    "r": lambda score: _is("score.r", "equals", score),
    "f": lambda score: _is("score.f", "equals", score),
    "m": lambda score: _is("score.m", "equals", score),
    "first_month": _in_month,
    "bought_month": lambda day: _is("orders.months", "has_any_of", [f"{day:%Y-%m}"]),
    "first_within": lambda days: _is("orders.first_date", "in_last_days", days),
    "bought_within": lambda days: _is("orders.last_date", "in_last_days", days),
    "quarter": _one_of("outlook.quarter"),
    "loyalty_type": _one_of("outlook.type"),
    "loyalty_hold": _held,
    "action": _one_of("outlook.action"),
    "referred": lambda count: _is("outlook.referred", "at_least", count),
    "index_from": lambda points: _is("outlook.loyalty", "at_least", str(points)),
    "index_below": lambda points: _below("outlook.loyalty", points),
    "potential_from": lambda amount: _is("outlook.potential", "at_least", str(amount)),
    "potential_below": lambda amount: _below("outlook.potential", amount),
    "revenue_from": lambda amount: _is("score.revenue", "at_least", str(amount)),
}
