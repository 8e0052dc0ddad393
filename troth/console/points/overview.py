"""The overview of one currency: what members hold and what it costs, what ends when, what moved; with the people."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Column, Figure, Table
from troth.kit.clock import business_date
from troth.kit.money import from_stored
from troth.ledger.models import PointCurrency
from troth.ledger.queries import EndingMonth
from troth.ledger.terms import Purpose
from troth.staff import queries as staff

from .list_views import movements_url, people_url
from .purse import currency_name, expiry_sentence

MONTHS = 13


def first_month(now: datetime) -> date:
    """Return the first month that the overview looks back to, from the day that counts as today."""
    today = staff.company().today(now)
    months = today.year * 12 + today.month - MONTHS
    return date(months // 12, months % 12 + 1, 1)


def figures(
    currency: PointCurrency, ending: Sequence[EndingMonth], moved: dict[date, dict[str, int]], now: datetime
) -> list[Figure]:
    """Return what is held, pending, about to end and what it costs, each leading to the people behind it."""
    month = business_date(now, currency.time_zone).replace(day=1)
    issued = -sum(one.get(Purpose.ISSUED, 0) for one in moved.values())
    redeemed = sum(one.get(Purpose.REDEEMED, 0) for one in moved.values())
    expired = sum(one.get(Purpose.EXPIRED, 0) for one in moved.values())
    period = _("in %(months)s months") % {"months": MONTHS}
    pending = sum(one.pending for one in ending)
    soon = sum(one.points for one in ending if one.month == month)
    return [
        Figure(
            _("Held by members"),
            formats.units(sum(one.points for one in ending), currency),
            icon="coins",
            note=_("what ended goes with the nightly run"),
            url=people_url(currency, "held"),
        ),
        Figure(
            _("Pending"),
            formats.units(pending, currency),
            note=_("earned, usable later") if pending else _("nothing is waiting"),
            url=people_url(currency, "pending"),
        ),
        Figure(
            _("Ends this month"),
            formats.units(soon, currency),
            icon="hourglass",
            note=_("if it is not used before"),
            url=people_url(currency, "ending", month),
        ),
        _liability(currency, ending),
        Figure(
            _("Redeemed of what was issued"),
            formats.percent(redeemed / issued if issued else 0),
            note=period,
            url=movements_url(currency, Purpose.REDEEMED),
        ),
        Figure(
            _("Breakage"),
            formats.percent(expired / issued if issued else 0),
            note=period,
            help=_("Points that expired, as a share of those issued in the same months."),
            url=movements_url(currency, Purpose.EXPIRED),
        ),
    ]


def _liability(currency: PointCurrency, ending: Sequence[EndingMonth]) -> Figure:
    costed = sum(one.costed for one in ending)
    note = _("at what a point costs, of %(amount)s") % {"amount": formats.units(costed, currency)} if costed else ""
    help_text = _("What the points that members hold cost if all of them are redeemed.")
    return Figure(
        _("Liability"),
        _money(ending) or "–",
        note=note or _("no programme states what a point costs"),
        help=help_text,
        url=people_url(currency, "held"),
    )


def _money(rows: Sequence[EndingMonth]) -> str:
    costs: dict[str, int] = {}
    for one in rows:
        if one.cost_currency:
            costs[one.cost_currency] = costs.get(one.cost_currency, 0) + one.cost
    return ", ".join(formats.money(from_stored(cost), code) for code, cost in costs.items())


def ending_card(currency: PointCurrency, ending: Sequence[EndingMonth]) -> ChartCard:
    """Return what ends in which month, and what it costs."""
    by_month: dict[date | None, list[EndingMonth]] = {}
    for one in ending:
        by_month.setdefault(one.month, []).append(one)
    sums = {month: sum(one.points for one in rows) for month, rows in by_month.items()}
    labels = [formats.month(month) if month else pgettext("points", "never") for month in by_month]
    scale = 10**currency.decimals
    rows: list[list[Cell | str]] = [
        [
            label,
            Cell(
                formats.units(sums[month], currency),
                sums[month] / scale,
                people_url(currency, "ending", month) if month else people_url(currency, "held"),
            ),
            _money(by_month[month]) or "–",
        ]
        for label, month in zip(labels, by_month, strict=True)
    ]
    return ChartCard(
        id="ending",
        title=_("What ends when"),
        subtitle=_("Points that members hold, by the month in which they end."),
        height="sm",
        option=charts.bars(labels, {currency_name(currency): [value / scale for value in sums.values()]})
        if sums
        else None,
        table=Table(
            [
                _("Month"),
                Column(currency_name(currency), is_number=True),
                Column(_("Liability"), is_number=True),
            ],
            rows,
        ),
        empty=_("Nobody holds any of it."),
    )


def movement_card(currency: PointCurrency, moved: dict[date, dict[str, int]]) -> ChartCard:
    """Return what was issued, redeemed and expired by month, and what else moved; each number leads to its movements.

    With the last column it adds up: issued − redeemed − expired + adjusted + written off is what members have more.
    """
    heads = {
        _("Issued"): (Purpose.ISSUED, -1),
        _("Redeemed"): (Purpose.REDEEMED, 1),
        _("Expired"): (Purpose.EXPIRED, 1),
    }
    for label, purpose in ((_("Adjusted"), Purpose.ADJUSTED), (_("Written off"), Purpose.WRITTEN_OFF)):
        if any(month.get(purpose) for month in moved.values()):
            heads[label] = (purpose, -1)
    scale = 10**currency.decimals
    labels = [formats.month(month) for month in moved]
    series = {
        label: [sign * month.get(purpose, 0) / scale for month in moved.values()]
        for label, (purpose, sign) in heads.items()
    }
    rows: list[list[Cell | str]] = [
        [
            formats.month(month),
            *(_moved(currency, sums, month, *head) for head in heads.values()),
            _change(currency, sums),
        ]
        for month, sums in moved.items()
    ]
    return ChartCard(
        id="movement",
        title=_("Issued, redeemed, expired"),
        subtitle=_(
            "By month. What returns took back counts against what was issued, what was given back against what was"
            " redeemed."
        ),
        height="sm",
        option=charts.bars(labels, series) if moved else None,
        table=Table([_("Month"), *(Column(label, is_number=True) for label in (*heads, _("Net change")))], rows),
        empty=_("Nothing has moved yet."),
    )


def _moved(currency: PointCurrency, sums: dict[str, int], month: date, purpose: Purpose, sign: int) -> Cell:
    amount = sign * sums.get(purpose, 0)
    url = movements_url(currency, purpose, month) if amount else ""
    return Cell(formats.units(amount, currency), amount / 10**currency.decimals, url)


def _change(currency: PointCurrency, sums: dict[str, int]) -> Cell:
    change = -sum(sums.values())
    return Cell(formats.signed_units(change, currency), change / 10**currency.decimals)


def rules(currency: PointCurrency) -> list[tuple[str, str]]:
    """Return what holds for the currency, in words."""
    limit = currency.adjust_approval_limit
    return [
        (_("Kind"), str(currency.get_unit_kind_display())),
        (_("Points earned now end"), expiry_sentence(currency)),
        (_("If more is taken back than is there"), str(currency.get_shortfall_display())),
        (_("Adjusted by one person"), _("up to %(limit)s") % {"limit": formats.units(limit, currency)})
        if limit is not None
        else (_("Adjusted by one person"), _("without limit")),
        (_("Transfers"), str(currency.get_transfer_rule_display())),
    ]
