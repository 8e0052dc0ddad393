"""What is expected of one customer, in words: loyalty and its type, the chance to be there, value, what to do next."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from troth.console import formats
from troth.console.components import Reason, Tone
from troth.console.guard import ConsoleRequest
from troth.console.value import churn_words, index_words, market_words
from troth.insights import queries as insights
from troth.insights.models import CustomerOutlook, LoyaltyHold
from troth.kit.clock import utc_now
from troth.staff import queries as staff
from troth.value.loyalty import Group

from .profile import Profile

TYPE_TONES: dict[str, Tone] = {"true": "good", "latent": "info", "spurious": "warn", "none": "neutral"}
CORNER_TONES: dict[str, Tone] = {"advocate": "good", "mercenary": "warn", "hostage": "warn", "defector": "bad"}
ACTION_TONES: dict[str, Tone] = {"repair": "bad", "hold": "warn", "win_back": "warn", "let_go": "neutral"}


def panel(_request: ConsoleRequest, shown: Profile) -> dict[str, Any] | None:
    """Return what the card on the customer's page shows; None where nothing was measured."""
    today = staff.company().today(utc_now())
    found, days_since = insights.outlook_now(shown.customer.id, today=today)
    if found is None:
        return None
    parts = insights.index_parts(shown.customer.id)
    return {
        "outlook": found,
        "since": _since(days_since),
        "index": formats.count(found.loyalty_index, 1),
        "index_ratio": float(found.loyalty_index) / 100,
        "sides": sides(found, index_words.mean_of(parts, Group.INTENTION)),
        "parts": index_words.rows(parts, shown.currency),
        "known": formats.percent(found.loyalty_confidence, 0),
        "type_tone": TYPE_TONES.get(found.loyalty_type, "neutral"),
        "reasons": [reason for reason in map(type_reason, found.type_reasons) if reason],
        "figures": figures(found, shown.currency),
        "markets": markets(shown.customer.id),
        "action_tone": ACTION_TONES.get(found.action, "brand"),
        "action_reason": action_reason(found.action_reason),
        "stake": stake_text(found, shown.currency),
        "history": history(shown.customer.id, today, shown.currency),
        "products": products(shown.customer.id),
        "risk": risk(shown.customer.id, shown.currency, has_bought_since=days_since > 0),
    }


def history(customer_id: UUID, today: date, currency: str) -> list[dict[str, Any]]:
    """Return each figure's small line over the last months: label, values, from where to where in words.

    A figure of fewer than two days has no line.
    """
    moments = insights.history_of(customer_id, until=today)
    found = []
    for name, label, told in (
        ("loyalty_index", _("Loyalty index"), lambda given: formats.count(given, 1)),
        ("probability_alive", _("Still there"), chance),
        ("potential_value", _("Value to come"), lambda given: formats.money(Decimal(str(round(given, 2))), currency)),
    ):
        known = [(one.day, given) for one in moments if (given := getattr(one, name)) is not None]
        if len(known) > 1:
            (first, start), (_last, end) = known[0], known[-1]
            facts = {"start": told(start), "day": formats.day(first), "end": told(end)}
            text = _("%(start)s on %(day)s, %(end)s last") % facts
            found.append({"label": label, "values": [given for _day, given in known], "text": text})
    return found


def markets(customer_id: UUID) -> list[dict[str, Any]]:
    """Return the markets in which the customer's satisfaction is known: name, corner, what to do there."""
    run = insights.latest_run()
    way = run.settings.loyalty.get("market_by", "") if run else ""
    told = market_words.treatments()
    return [
        {
            "name": market_words.name(one.market, way),
            "corner": one.get_corner_display(),
            "tone": CORNER_TONES.get(one.corner, "neutral"),
            "points": formats.count(one.satisfaction),
            "text": told[one.corner],
        }
        for one in insights.markets_of(customer_id)
    ]


def _since(days: int) -> str:
    if not days:
        return ""
    text = ngettext(
        "Chance, purchases and value count %(days)s day with a purchase since.",
        "Chance, purchases and value count %(days)s days with a purchase since.",
        days,
    )
    return text % {"days": formats.count(days)}


def products(customer_id: UUID) -> list[tuple[str, str]]:
    """Return what the customer may buy next: the product, and why in words."""
    found = insights.suggestion(customer_id)
    return [(one["name"], _because(one["because_name"])) for one in found.products] if found else []


def risk(customer_id: UUID, currency: str, *, has_bought_since: bool = False) -> dict[str, Any] | None:
    """Return how likely the customer is to leave, what that means in days, and why; None where it is not told.

    has_bought_since: since the analysis, which the chance does not know of.
    """
    found = insights.churn(customer_id)
    if found is None:
        return None
    return {
        "chance": chance(found.probability),
        "ratio": float(found.probability),
        "meaning": _("Chance to buy nothing in the %(days)s days after %(day)s")
        % {"days": formats.count(found.ahead_days), "day": formats.day(found.as_of_date)},
        "since": _("There was a purchase since: the next analysis tells it anew.") if has_bought_since else "",
        "reasons": churn_words.reasons(found.reasons, currency),
    }


def _because(own: str) -> str:
    if not own:
        return _("bought by most customers")
    return _("goes with “%(product)s”") % {"product": own}


def sides(found: CustomerOutlook, intention: float | None) -> list[tuple[str, str, float | None]]:
    """Return the sides of the index, the intention to stay between what they do and what they think: label, points,
    share of the best; None where it was not measured.
    """
    parts = ((_("Behaviour"), found.behaviour), (_("Intention"), intention), (_("Attitude"), found.attitude))
    return [
        (label, formats.count(points, 1), float(points) / 100) if points is not None else (label, _("not asked"), None)
        for label, points in parts
    ]


def figures(found: CustomerOutlook, currency: str) -> list[tuple[str, str, str]]:
    """Return chance, purchases and value: label, figure, interval. What no model tells is left out."""
    rows = [(_("Made value"), formats.money(found.made_value, currency), _("profit so far"))]
    rows += _influence(found, currency)
    rows += _wallet(found)
    if found.probability_alive is None or found.potential_value is None:
        return rows
    money = [formats.money(amount or 0, currency) for amount in (found.potential_low, found.potential_high)]
    chances = [chance(one or 0) for one in (found.alive_low, found.alive_high)]
    return [
        (_("Still there"), chance(found.probability_alive), _between(*chances) if len(set(chances)) > 1 else ""),
        (
            _("Purchases in a year"),
            formats.count(found.expected_purchases or 0, 1),
            _("days with a purchase, expected"),
        ),
        (_("Value to come"), formats.money(found.potential_value, currency), _between(*money)),
        *_net(found, currency),
        *rows,
    ]


def _influence(found: CustomerOutlook, currency: str) -> list[tuple[str, str, str]]:
    """Return what their introductions brought, where the company keeps who brought whom."""
    if found.influence_value is None:
        return []
    brought = found.referred or 0
    text = ngettext("%(count)s customer brought", "%(count)s customers brought", brought)
    note = text % {"count": formats.count(brought)}
    return [(_("Influence value"), formats.money(found.influence_value, currency), note)]


def _wallet(found: CustomerOutlook) -> list[tuple[str, str, str]]:
    """Return what part of their spending in the category is ours, where they said or a norm is set."""
    if found.wallet_share is None:
        return []
    ends = _between(*(formats.percent(one or 0, 0) for one in (found.wallet_low, found.wallet_high)))
    way = _("asked") if found.wallet_source == "asked" else _("estimated")
    return [(_("Share of wallet"), formats.percent(found.wallet_share, 0), f"{ends}, {way}")]


def _net(found: CustomerOutlook, currency: str) -> list[tuple[str, str, str]]:
    """Return the value to come net of points and rewards, where these cost anything."""
    if found.net_value is None or not found.reward_share:
        return []
    share = formats.percent(found.reward_share, 2)
    note = _("after %(share)s of revenue for them") % {"share": share}
    return [(_("Net of points and rewards"), formats.money(found.net_value, currency), note)]


def chance(ratio: Decimal | float) -> str:
    """Return a chance in words: never quite sure, as no model is."""
    if ratio > Decimal("0.999"):
        return _("over 99.9%")
    return _("under 0.1%") if ratio < Decimal("0.001") else formats.percent(ratio)


def _between(low: str, high: str) -> str:
    return _("%(low)s to %(high)s") % {"low": low, "high": high}


def stake_name(kind: str) -> str:
    """Return what the money at stake is."""
    return {"expected": _("expected"), "at_risk": _("at risk")}.get(kind, "")


def stake_text(found: CustomerOutlook, currency: str) -> str:
    """Return the money at stake in words; nothing where there is none."""
    if not found.stake:
        return ""
    amount = formats.money(found.stake, currency)
    if found.stake_kind == "at_risk":
        return _("%(amount)s a year is at risk.") % {"amount": amount}
    return _("%(amount)s is expected in the coming year.") % {"amount": amount}


def action_reason(code: str) -> str:
    """Return why a suggestion was made."""
    return {
        "open_complaint": _("A complaint is open."),
        "low_satisfaction": _("Not satisfied, by their own answer."),
        "lost_and_worth_it": _("Lost by their own rhythm; what they would bring is worth an effort."),
        "lost_and_not_worth_it": _("Lost, and nothing to be expected any more."),
        "sleeping": _("Silent for longer than usual."),
        "may_be_gone": _("More likely gone than not."),
        "loyal_and_fond": _("Loyal, valuable and well disposed."),
        "first_purchase": _("One purchase so far."),
        "loyal_and_valuable": _("Loyal and among the most valuable."),
        "valuable_not_loyal": _("Valuable, but not loyal."),
        "may_buy_more": _("Here, and may buy more."),
    }.get(code, "")


def type_reason(reason: Mapping[str, Any]) -> Reason | None:
    """Return one reason for the type of loyalty as a sentence; None for a code that this version does not know."""
    code = str(reason.get("code", "")).removeprefix("type.")
    if code.startswith("hold_") and code != "hold_not_known":
        return _hold_reason(code.removeprefix("hold_"), reason)
    told: dict[str, tuple[str, Tone]] = {
        "behaviour_high": (_("Buys like the loyal: %(points)s points of behaviour, %(from)s are needed."), "good"),
        "behaviour_low": (_("Buys less than the loyal: %(points)s points of behaviour, %(from)s are needed."), "warn"),
        "attitude_high": (_("Likes us: %(points)s points of attitude, %(from)s are needed."), "good"),
        "attitude_low": (_("Does not like us much: %(points)s points of attitude, %(from)s are needed."), "warn"),
        "attitude_not_asked": (_("Attitude was not asked: the type is assumed from the orders alone."), "neutral"),
        "no_hold_seen": (_("Nothing was seen that would hold them other than liking."), "neutral"),
        "hold_not_known": (_("What holds them is not known."), "warn"),
    }
    if code not in told:
        return None
    text, tone = told[code]
    return Reason(text % {"points": _points(reason.get("points")), "from": _points(reason.get("from"))}, "", tone)


def _points(given: Any) -> str:
    """Whole points without a decimal place: the edges are round, the measured ones are not."""
    if given is None:
        return "–"
    return formats.count(Decimal(str(given)), 0 if float(given).is_integer() else 1)


def _hold_reason(hold: str, reason: Mapping[str, Any]) -> Reason | None:
    if reason.get("said"):
        return Reason(_("Held by convenience, in their own words: it is near, or easy."), "", "warn")
    share = formats.percent(float(reason.get("share") or 0), 0)
    text = {
        LoyaltyHold.PRICE: _("Held by price: %(share)s of the full price was taken off."),
        LoyaltyHold.INCENTIVE: _("Held by incentives: points or a coupon in %(share)s of the purchases."),
        LoyaltyHold.CONVENIENCE: _("Held by convenience: %(share)s of the purchases in one and the same store."),
        LoyaltyHold.INERTIA: _("Held by habit: buys from few categories (%(points)s points of breadth)."),
        LoyaltyHold.MONOPOLY: _("Held by a protected market: there is no other choice."),
        LoyaltyHold.KINSHIP: _("Held by kinship: staff or family."),
    }.get(LoyaltyHold(hold) if hold in LoyaltyHold.values else LoyaltyHold.TRUST)
    return Reason(text % {"share": share, "points": _points(reason.get("points"))}, "", "warn") if text else None
