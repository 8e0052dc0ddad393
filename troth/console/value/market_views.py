"""The page of satisfaction × competition, and saying by what customers are parted into markets."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.insights import markets as insights_markets
from troth.insights import queries as insights
from troth.insights import services
from troth.insights.markets import FRAME
from troth.insights.models import MeasureSettings
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.staff import queries as staff
from troth.value.loyalty import CompetitionSource, LoyaltyTerms
from troth.value.loyalty.settings import BY_ATTRIBUTE, BY_DEPARTMENT, BY_STORE

from . import freshness, market_words, markets, report

HUNDRED = Decimal(100)


@require_safe
@requires(Permission.INSIGHTS_VIEW)
def page(request: ConsoleRequest) -> HttpResponse:
    """Show how staying follows satisfaction in each market, and one market near by."""
    found = report.load(markets.FRAMES)
    stored = insights.settings_in_force()
    wanted_by = stored.loyalty.get("market_by", "") if stored else ""
    context = freshness.context(request.actor) | {"report": found, "may_define": request.actor.may(_MAY_DEFINE)}
    if found:
        row = markets.chosen(found, request.GET.get("market", ""))
        context |= {
            "is_measured": "by" in found.facts(FRAME),
            "is_defined": bool(wanted_by),
            "is_pending": bool(wanted_by) and markets.by(found) != wanted_by,
            "way": market_words.way_name(wanted_by) if wanted_by else "",
            "asked": found.facts(FRAME).get("asked", 0),
            "left_out": found.facts(FRAME).get("left_out", 0),
            "may_ask": request.actor.may(Permission.SURVEYS_EDIT),
            "row": row,
        }
        if row:
            context |= {
                "figures": markets.figures(found),
                "near": markets.near(found, row),
                "corners": markets.corners(found, row),
                "sentences": markets.sentences(found, row),
                "curves": markets.all_curves(found),
                "choices": markets.tabs(found, row),
            }
    return render(request, "console/value/markets.html", context)


_MAY_DEFINE = Permission.INSIGHTS_RUN


@dataclass(frozen=True, slots=True)
class Level:
    """A market whose competition can be entered: what was entered in percent, and what is estimated otherwise."""

    market: str
    label: str
    entered: str
    estimate: str


@require_http_methods(["GET", "POST"])
@requires(_MAY_DEFINE)
def define(request: ConsoleRequest) -> HttpResponse:
    """Say what a market is, from which mark on one is satisfied, and how strong the competition is."""
    stored = services.settings_in_force(actor=request.actor, now=utc_now())
    problem = ""
    if request.method == "POST":
        try:
            new = services.change_settings(
                actor=request.actor, now=utc_now(), loyalty=stored.loyalty | _given(request.POST, stored)
            )
        except TrothError as refusal:
            problem = str(refusal)
        except InvalidOperation:
            problem = _("Give the competition as a percentage from 0 to 100, or leave it empty.")
        else:
            is_same = new.version == stored.version
            messages.info(request, _("Nothing was changed.")) if is_same else messages.success(
                request, _("Saved. The next analysis measures by these rules.")
            )
            return redirect("value:markets")
    terms = LoyaltyTerms()
    context = {
        "problem": problem,
        "ways": _ways(),
        "by": request.POST.get("by", stored.loyalty.get("market_by", terms.market_by)),
        "marks": [("50", _("3 or more of 5")), ("75", _("4 or more of 5")), ("100", _("5 of 5"))],
        "satisfied_from": f"{Decimal(stored.loyalty.get('satisfied_from', terms.satisfied_from)):.0f}",
        "levels": _levels(request.POST, stored),
    }
    return render(request, "console/value/markets_define.html", context, status=422 if problem else 200)


def _ways() -> list[dict[str, Any]]:
    """Return what can part customers into markets; a way for which nothing is kept cannot be chosen."""
    has_cities = any(store.city for store in staff.stores())
    found = [
        {"code": "", "label": _("Nothing: no markets"), "is_off": False},
        {"code": BY_DEPARTMENT, "label": market_words.way_name(BY_DEPARTMENT), "is_off": False},
        {
            "code": BY_STORE,
            "label": market_words.way_name(BY_STORE) if has_cities else _("City of the store (no store has one)"),
            "is_off": not has_cities,
        },
    ]
    for code, _label, _label_zh in insights_markets.choices_of_attributes():
        way = f"{BY_ATTRIBUTE}{code}"
        label = _("Attribute: %(name)s") % {"name": market_words.way_name(way)}
        found.append({"code": way, "label": label, "is_off": False})
    return found


def _levels(posted: QueryDict, stored: MeasureSettings) -> list[Level]:
    """The markets of the newest analysis, if it was made by the way in force."""
    found = report.load(markets.FRAMES)
    way = stored.loyalty.get("market_by", "")
    if found is None or not way or markets.by(found) != way:
        return []
    entered: dict[str, str] = dict(zip(posted.getlist("market"), posted.getlist("level"), strict=False)) or {
        market: _percent(level) for market, level in stored.loyalty.get("competition", {}).items()
    }
    return [
        Level(row["market"], market_words.name(row["market"], way), entered.get(row["market"], ""), _estimate(row))
        for row in sorted(found.rows(FRAME), key=lambda row: str(row["market"]))
    ]


def _estimate(row: markets.Row) -> str:
    if row["source"] in (CompetitionSource.ENTERED, CompetitionSource.UNKNOWN):
        return ""
    return market_words.competition(row)


def _percent(level: str) -> str:
    return f"{(Decimal(level) * HUNDRED).normalize():f}"


def _given(posted: QueryDict, stored: MeasureSettings) -> dict[str, Any]:
    """Return the part of the loyalty settings that the form holds; levels of other markets go with their way.

    Raises:
        InvalidOperation: a level is no number.
    """
    way = posted.get("by", "")
    pairs = zip(posted.getlist("market"), posted.getlist("level"), strict=False)
    is_same = way == stored.loyalty.get("market_by", "")
    levels = {market: _share(level) for market, level in pairs if level.strip()} if is_same else {}
    return {"market_by": way, "satisfied_from": posted.get("satisfied_from", "75"), "competition": levels}


def _share(level: str) -> str:
    number = Decimal(level.strip().rstrip("%").strip())
    if not number.is_finite():
        raise InvalidOperation
    return str((number / HUNDRED).quantize(Decimal("0.0001")))
