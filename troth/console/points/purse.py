"""What a customer has in one currency, and what of it ends when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from troth.console import formats
from troth.console.components import Figure
from troth.customers import queries as customers
from troth.events import queries as events
from troth.ledger import queries as ledger
from troth.ledger.models import PointCurrency
from troth.ledger.queries import Balance, LotView
from troth.ledger.terms import ExpiryKind

NOTHING = Balance()
SOON_DAYS = 30
FIGURES = 4
"""So many stand in one row; what is nought gives way."""


@dataclass(frozen=True, slots=True)
class Purse:
    """One currency of a customer. endings: (moment, points) of what still ends, the soonest first."""

    currency: PointCurrency
    name: str
    balance: Balance
    endings: list[tuple[datetime, int]]

    @property
    def next_end(self) -> tuple[datetime, int] | None:
        """Return what ends next."""
        return self.endings[0] if self.endings else None

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is in it."""
        return self.balance == NOTHING


@dataclass(frozen=True, slots=True)
class Ending:
    """Points that end on a day; ratio: beside the largest of the list."""

    day: date
    points: int
    ratio: float
    is_soon: bool


def currency_name(currency: PointCurrency) -> str:
    """Return the name of a currency in the language in force."""
    is_chinese = (get_language() or "").startswith("zh")
    return (currency.name_zh if is_chinese else "") or currency.name


def purses(customer_id: UUID, now: datetime) -> list[Purse]:
    """Return what a customer has or had, what is there before what is all spent or ended; else the first in use."""
    found, had = [], ledger.currencies_had(customers.record_ids(customer_id))
    for currency in ledger.currencies():
        balance = ledger.balances([customer_id], currency.code, now=now)[customer_id]
        endings = ledger.expiring(customer_id, currency.code, now=now) if balance != NOTHING else []
        found.append(Purse(currency, currency_name(currency), balance, endings))
    known = [one for one in found if not one.is_empty or one.currency.id in had]
    in_use = [one for one in found if one.currency.is_active]
    return sorted(known, key=lambda one: one.is_empty) or in_use[:1]


def figures(purse: Purse) -> list[Figure]:
    """Return the figures at the top of the points page."""
    balance, currency = purse.balance, purse.currency
    shown = [
        Figure(
            _("Available"),
            formats.units(balance.available, currency),
            icon="wallet",
            note=_("of a balance of %(balance)s") % {"balance": formats.units(balance.balance, currency)},
            help=_("What can be spent now: usable points that are not held, less what is owed."),
        ),
        Figure(
            _("Pending"),
            formats.units(balance.pending, currency),
            note=_("earned, usable later") if balance.pending else _("nothing is waiting"),
        ),
        Figure(
            _("Held"),
            formats.units(balance.held, currency),
            note=_("set aside, not yet spent") if balance.held else _("nothing is set aside"),
        ),
    ]
    if balance.arrears:
        note = _("the next points earned fill it first")
        shown.append(Figure(_("Owed"), formats.units(balance.arrears, currency), icon="alert-triangle", note=note))
    if balance.overdue:
        note = _("ended; the nightly run takes them")
        shown.append(Figure(pgettext("points", "Ended"), formats.units(balance.overdue, currency), note=note))
    shown.append(_next_figure(purse))
    idle = [one for one, amount in ((shown[1], balance.pending), (shown[2], balance.held)) if not amount]
    while len(shown) > FIGURES and idle:
        shown.remove(idle.pop(0))
    return shown


def _next_figure(purse: Purse) -> Figure:
    if purse.next_end is None:
        return Figure(_("Ends next"), "–", note=_("no points have an end"))
    moment, points = purse.next_end
    note = _("on %(day)s") % {"day": last_day(moment)}
    return Figure(_("Ends next"), formats.units(points, purse.currency), icon="hourglass", note=note)


def last_day(moment: datetime) -> str:
    """Return the last day on which points that end at a moment can be spent: an end at midnight is the day before."""
    return formats.day(_last_date(moment))


def _last_date(moment: datetime) -> date:
    return timezone.localdate(moment - timedelta(microseconds=1))


def endings(purse: Purse, now: datetime, limit: int = 6) -> list[Ending]:
    """Return what ends when, by day."""
    by_day: dict[date, int] = {}
    for moment, points in purse.endings:
        day = _last_date(moment)
        by_day[day] = by_day.get(day, 0) + points
    most = max(by_day.values(), default=1)
    today = timezone.localdate(now)
    return [
        Ending(day, points, points / most, (day - today).days <= SOON_DAYS)
        for day, points in list(by_day.items())[:limit]
    ]


def expiry_sentence(currency: PointCurrency) -> str:
    """Return when points earned now will end."""
    return rule_sentence(currency.expiry_kind, currency.expiry_count)


def rule_sentence(kind: str, count: int) -> str:
    """Return an expiry rule as a sentence."""
    number = {"count": count}
    match kind:
        case ExpiryKind.DAYS:
            return ngettext("%(count)d day after it is earned", "%(count)d days after it is earned", count) % number
        case ExpiryKind.MONTH_END:
            text = ngettext(
                "at the end of the month, %(count)d month later",
                "at the end of the month, %(count)d months later",
                count,
            )
            return text % number
        case ExpiryKind.YEAR_END:
            text = ngettext(
                "at the end of the year, %(count)d year later", "at the end of the year, %(count)d years later", count
            )
            return text % number
        case ExpiryKind.INACTIVITY:
            return (
                ngettext("after %(count)d day without activity", "after %(count)d days without activity", count)
                % number
            )
    return pgettext("points", "never")


def lot_state(lot: LotView) -> str:
    """Return how a lot stands, in words."""
    if lot.state == "pending":
        if lot.activates_at is not None:
            return _("usable from %(day)s") % {"day": formats.day(lot.activates_at)}
        return _("waits for “%(event)s”") % {"event": event_label(lot.awaits_event)}
    return {"usable": _("usable"), "overdue": _("ended"), "gone": _("used up")}[lot.state]


def event_label(name: str) -> str:
    """Return what a kind of event is called; one that nobody declared keeps its name."""
    return next((str(kind.label) for kind in events.event_types() if kind.name == name), name)


def total(rows: Iterable[LotView]) -> int:
    """Return what is left of lots together."""
    return sum(row.remaining for row in rows)
