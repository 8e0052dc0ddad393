"""Effects, limits and reasons in words, in the language in force."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from troth.kit.money import in_words

from .document import shapes
from .document.shapes import Mode, Period, ProgrammeDocument
from .naming import shown
from .outcomes import Reason

Say = Callable[[], str]

PERIODS: Mapping[Period, Say] = {
    Period.DAY: lambda: pgettext("period", "day"),
    Period.WEEK: lambda: pgettext("period", "week"),
    Period.MONTH: lambda: pgettext("period", "month"),
    Period.QUARTER: lambda: pgettext("period", "quarter"),
    Period.YEAR: lambda: pgettext("period", "year"),
    Period.LIFETIME: lambda: pgettext("period", "lifetime"),
}
PER: Mapping[str, Say] = {
    "order": lambda: pgettext("cap", "order"),
    "member": lambda: pgettext("cap", "member"),
    "store": lambda: pgettext("cap", "store"),
}
TAKES: Mapping[str, Say] = {
    "all": lambda: _("all of its rules count"),
    "best": lambda: _("the rule that gives most counts"),
    "first": lambda: _("the first rule that gives anything counts"),
}


def plain(number: Decimal) -> str:
    """Return a number without needless zeros."""
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _points(count: int | Decimal, currency: str, document: ProgrammeDocument) -> str:
    """Return "5 points", or "5 stars" by the code of another point currency."""
    if currency in ("", document.points):
        number = int(count) if count == int(count) else 2
        return ngettext("%(count)s point", "%(count)s points", number) % {"count": plain(Decimal(count))}
    return f"{plain(Decimal(count))} {currency}"


def sentence(effect: shapes.Effect, document: ProgrammeDocument) -> str:
    """Return what an effect gives."""
    match effect:
        case shapes.PointsPerAmount():
            given = {
                "points": _points(effect.points, effect.currency, document),
                "amount": in_words(effect.amount, document.currency),
                "rounding": rounding(effect.rounding),
            }
            return _("%(points)s for every %(amount)s (%(rounding)s)") % given
        case shapes.TierPoints():
            return _tier_points(effect, document)
        case shapes.Multiplier():
            return _multiplier(effect, document)
        case shapes.Stepped():
            return _stepped(effect, document)
    return _simple(effect, document)


def _simple(effect: shapes.Effect, document: ProgrammeDocument) -> str:
    match effect:
        case shapes.PerItem():
            given = {"points": _points(effect.points, effect.currency, document), "every": plain(effect.every)}
            return (
                _("%(points)s for every piece") if effect.every == 1 else _("%(points)s for every %(every)s pieces")
            ) % given
        case shapes.Fixed():
            return _points(effect.points, effect.currency, document)
        case shapes.Stamps():
            text = ngettext("%(count)d stamp (%(card)s)", "%(count)d stamps (%(card)s)", effect.stamps)
            text = text % {"count": effect.stamps, "card": effect.currency}
            return _("%(stamps)s for every piece") % {"stamps": text} if effect.per == "item" else text
        case shapes.CouponEffect():
            text = ngettext("a coupon of “%(campaign)s”", "%(count)d coupons of “%(campaign)s”", effect.count)
            return text % {"count": effect.count, "campaign": effect.campaign}
        case shapes.BadgeEffect():
            return _("the badge “%(badge)s”") % {"badge": effect.badge}
    raise TypeError(f"no words for {effect!r}")


def rounding(how: shapes.Rounding) -> str:
    """Return how fractions are rounded."""
    if how.mode is Mode.FLOOR:
        return _("rounded down on every line") if how.by == "line" else _("rounded down for the order")
    return _("rounded half to even on every line") if how.by == "line" else _("rounded half to even for the order")


def _tier_points(effect: shapes.TierPoints, document: ProgrammeDocument) -> str:
    given = {"points": plain(effect.points)}
    if effect.amount is None:
        return _("%(points)s points for the tier only") % given
    given["amount"] = in_words(effect.amount, document.currency)
    return _("%(points)s points for every %(amount)s, for the tier only") % given


def _multiplier(effect: shapes.Multiplier, document: ProgrammeDocument) -> str:
    names = {rule.code: shown(rule.name) for rule in document.rules}
    rules = pgettext("list", ", ").join(_("“%(name)s”") % {"name": names.get(code, code)} for code in effect.of)
    given = {"factor": plain(effect.factor), "rules": rules}
    return (_("%(factor)s times the points of %(rules)s") if effect.of else _("%(factor)s times the points")) % given


def _stepped(effect: shapes.Stepped, document: ProgrammeDocument) -> str:
    steps = []
    for step in effect.steps:
        start = plain(step.start) if effect.by == "items" else in_words(step.start, document.currency)
        given = {"start": start, "points": _points(step.points, effect.currency, document)}
        text = _("%(points)s from %(start)s pieces") if effect.by == "items" else _("%(points)s from %(start)s")
        steps.append(text % given)
    return pgettext("list", ", ").join(steps)


_ROWS: Mapping[Period, Say] = {
    Period.DAY: lambda: _("%(length)d days in a row"),
    Period.WEEK: lambda: _("%(length)d weeks in a row"),
    Period.MONTH: lambda: _("%(length)d months in a row"),
}


def goal(one: shapes.Challenge | shapes.Streak, document: ProgrammeDocument) -> str:
    """Return what a challenge or streak asks for."""
    if isinstance(one, shapes.Streak):
        return _ROWS[one.every]() % {"length": one.length}
    values = {"goal": plain(one.goal)}
    if one.counts == "amount":
        values["goal"] = in_words(one.goal, document.currency)
    is_ever = one.period is Period.LIFETIME
    if not is_ever:
        values["period"] = PERIODS[one.period]()
    if one.counts == "amount":
        return (_("spend %(goal)s") if is_ever else _("spend %(goal)s within a %(period)s")) % values
    if one.counts == "items":
        return (_("buy %(goal)s pieces") if is_ever else _("buy %(goal)s pieces within a %(period)s")) % values
    number = int(one.goal)
    if is_ever:
        return ngettext("%(goal)s time", "%(goal)s times", number) % values
    return ngettext("%(goal)s time within a %(period)s", "%(goal)s times within a %(period)s", number) % values


def budget(one: shapes.Budget, currency: str) -> str:
    """Return how much a budget may give."""
    if one.money:
        text = in_words(one.money, currency)
    elif one.points:
        text = ngettext("%(count)s point", "%(count)s points", one.points) % {"count": f"{one.points:,}"}
    else:
        times = one.times or 0
        text = ngettext("%(count)s time", "%(count)s times", times) % {"count": f"{times:,}"}
    if one.period is not Period.LIFETIME:
        text = _("%(amount)s per %(period)s") % {"amount": text, "period": PERIODS[one.period]()}
    return _("%(amount)s for each store") % {"amount": text} if one.per == "store" else text


def window(tiers: shapes.Tiers) -> dict[str, str]:
    """Return over which time tiers count, and how they are kept."""
    how = tiers.window
    if how.type == "rolling":
        text = ngettext("the last %(count)d month", "the last %(count)d months", how.months) % {"count": how.months}
    elif how.type == "calendar":
        text = _("the calendar %(period)s") % {"period": PERIODS[how.period]()}
    else:
        text = _("the member's own year since joining")
    found = {_("Window"): text}
    if tiers.grace_days:
        days = ngettext("%(count)d day", "%(count)d days", tiers.grace_days) % {"count": tiers.grace_days}
        found[_("Grace")] = days
    return found


_REASONS: Mapping[Reason, Say] = {
    Reason.FIRED: lambda: _("gives %(amount)s"),
    Reason.CAPPED: lambda: _("gives %(amount)s of %(of)s: a limit was reached"),
    Reason.CURRENCY: lambda: _("the order is in %(currency)s; only %(wanted)s earns"),
    Reason.NOT_VALID: lambda: _("not valid on this day"),
    Reason.NO_LINES: lambda: _("no line of the order counts"),
    Reason.NOTHING_DUE: lambda: _("too little for anything"),
    Reason.NOT_NTH: lambda: _("this is order number %(number)s"),
    Reason.CAP_REACHED: lambda: _("the limit of %(limit)s was reached before"),
    Reason.BUDGET_EXHAUSTED: lambda: _("the budget “%(budget)s” has only %(left)s left"),
    Reason.BETTER_RULE: lambda: _("“%(rule)s” gives more"),
    Reason.EARLIER_RULE: lambda: _("“%(rule)s” comes first"),
    Reason.EXCLUSIVE_RULE: lambda: _("“%(rule)s” excludes every other rule of a group"),
    Reason.NOT_YET: lambda: _("%(reached)s of %(goal)s"),
    Reason.DONE: lambda: _("reached before"),
}


def reason(why: Reason, amount: int, values: Mapping[str, Any]) -> str:
    """Return why a rule fired or did not; conditions are said by `words.Speaker`."""
    say = _REASONS.get(why)
    return say() % {"amount": amount, **values} if say else str(why)
