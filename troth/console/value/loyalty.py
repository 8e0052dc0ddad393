"""How loyal customers are: the spread of the index, the types of loyalty, and what holds those who stay."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Column, Figure, Table
from troth.insights.models import LoyaltyHold, LoyaltyKind
from troth.insights.queries import UNHELD
from troth.value.loyalty import LoyaltyTerms
from troth.value.loyalty.settings import TYPE_EDGES

from . import cells, links
from .report import Report

# Attitude from top to bottom, behaviour from left to right: where each type stands on the map.
MAP = ((LoyaltyKind.LATENT, LoyaltyKind.TRUE), (LoyaltyKind.NONE, LoyaltyKind.SPURIOUS))


@dataclass(frozen=True, slots=True)
class Kind:
    """Customers of one type, or of one type and hold. assumed: those whose attitude nobody asked for."""

    customers: int
    assumed: int
    window_revenue: Decimal
    potential: float


def figures(report: Report) -> list[Figure]:
    """Return the index, those above the edge, and those whose attitude was assumed."""
    facts, types = report.facts("index_histogram"), by_type(report)
    everybody = sum(one.customers for one in types.values())
    loyal_from = report.facts("quadrant").get("loyal_from", 60)
    loyal = sum(row["customers"] for row in report.rows("quadrant") if row["quarter"] in ("best", "hidden"))
    true = types.get(LoyaltyKind.TRUE)
    found = [
        Figure(
            _("Loyal customers"),
            formats.count(loyal),
            note=_("%(share)s of all, with an index of %(from)s or more")
            % {"share": formats.percent(_share(loyal, everybody)), "from": formats.count(loyal_from)},
        ),
        Figure(
            str(LoyaltyKind.TRUE.label),
            formats.count(true.customers if true else 0),
            url=links.people(loyalty_type=LoyaltyKind.TRUE) if true else "",
            note=_("of these, %(count)s assumed") % {"count": formats.count(true.assumed if true else 0)},
        ),
    ]
    if facts.get("mean") is not None:
        found.insert(0, _index(facts))
    return found


def _index(facts: dict[str, Any]) -> Figure:
    return Figure(
        _("Loyalty index"),
        formats.count(facts["mean"], 1),
        note=_("mean of all; half have %(median)s or more") % {"median": formats.count(facts["median"], 1)},
        help=_(
            "The weighted mean, from 0 to 100, of what is known of a customer: how regularly, how often, how much and"
            " how broadly they buy, for how long, at what price; attitude, share of wallet and referrals once known."
        ),
    )


def missing(report: Report) -> dict[str, Any] | None:
    """Return what is assumed because nobody was asked, and what asking would add; None where all were asked."""
    types = by_type(report)
    everybody, assumed = (sum(getattr(one, name) for one in types.values()) for name in ("customers", "assumed"))
    if not assumed:
        return None
    confidence = report.facts("index_histogram").get("confidence")
    return {
        "assumed": assumed,
        "share": _share(assumed, everybody),
        "is_everybody": assumed == everybody,
        "confidence": confidence,
        "low": types[LoyaltyKind.NONE].customers if LoyaltyKind.NONE in types else 0,
        "low_url": links.people(loyalty_type=LoyaltyKind.NONE),
    }


def index_card(report: Report) -> ChartCard:
    """Return how many customers have which index."""
    rows = report.rows("index_histogram")
    has_any = any(row["customers"] for row in rows)
    edges = [*(row["low"] for row in rows), rows[-1]["high"]] if rows else []
    urls = [_step_url(row) for row in rows]
    option = charts.histogram(
        edges, [row["customers"] for row in rows], name=_("Customers"), unit=_("Loyalty index"), urls=urls
    ) if has_any else None  # fmt: skip
    return ChartCard(
        id="loyalty-index",
        title=_("How the loyalty index is spread"),
        subtitle=_("Customers by their index, from 0 to 100"),
        option=option,
        table=Table(
            columns=cells.numbers(_("Index from"), _("Index below"), _("Customers")),
            rows=[
                [cells.count(row["low"]), cells.count(row["high"]), cells.count(row["customers"], url)]
                for row, url in zip(rows, urls, strict=True)
            ],
        ),
        empty=_("Nobody has bought yet."),
    )


def _step_url(row: dict[str, Any]) -> str:
    """Return where a step of the index leads; with the last one, whoever has all points."""
    return links.people(index_from=int(row["low"]), index_below=int(row["high"]) if row["high"] < 100 else 0)


def by_type(report: Report) -> dict[str, Kind]:
    """Return the customers of each type."""
    return _summed(report, lambda row: str(row["loyalty_type"]))


def by_hold(report: Report) -> dict[tuple[str, str], Kind]:
    """Return the customers of each type and hold; UNHELD where none was seen."""
    return _summed(report, lambda row: (str(row["loyalty_type"]), row["loyalty_hold"] or UNHELD))


def _summed(report: Report, key: Any) -> dict[Any, Kind]:
    rows: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for row in report.rows("loyalty_types"):
        rows[key(row)].append(row)
    return {
        found: Kind(
            customers=sum(row["customers"] for row in some),
            assumed=sum(row["customers"] for row in some if row["type_is_assumed"]),
            window_revenue=sum((Decimal(row["window_revenue"]) for row in some), Decimal(0)),
            potential=sum(row["potential"] or 0 for row in some),
        )
        for found, some in rows.items()
    }


def type_map(report: Report) -> ChartCard:
    """Return the four types, attitude against behaviour; each leads to its people."""
    types = by_type(report)
    return ChartCard(
        id="loyalty-types",
        title=_("Types of loyalty"),
        subtitle=_("Attitude against behaviour"),
        option=_map(types) if types else None,
        table=_type_table(report, types),
        empty=_("Nobody has bought yet."),
        note=_(
            "True: likes us and buys. Latent: likes us, hardly buys. Spurious: buys, but something other than liking"
            " holds them. Nobody is placed as latent without being asked: good will cannot be seen in orders."
        ),
    )


def _map(types: dict[str, Kind]) -> dict[str, Any]:
    counts = [[types[kind].customers if kind in types else 0 for kind in row] for row in MAP]
    option = charts.heatmap(
        [_("Likes us"), _("Does not, or held")],
        [_("Buys little"), _("Buys much")],
        counts,
        name=_("Customers"),
        value_format=charts.count(),
        urls=[[links.people(loyalty_type=kind) if kind in types else "" for kind in row] for row in MAP],
    )
    for cell, kind in zip(option["series"][0]["data"], (kind for row in MAP for kind in row), strict=True):
        cell["title"] = str(kind.label)
        cell["label"] |= {"formatter": f"{kind.label}\n{formats.count(cell['value'][2])}"}
    option["series"][0]["label"] |= {"fontSize": 14, "lineHeight": 22}
    # The map is small enough for its words on a phone, too.
    return option | {"$narrow": {"series": [{"label": {"fontSize": 11}}]}}


def _type_table(report: Report, types: dict[str, Kind]) -> Table:
    everybody = sum(one.customers for one in types.values())
    return Table(
        columns=[Column(_("Type of loyalty")), *cells.numbers(*_heads(report))],
        rows=[
            [Cell(kind.label, url=links.people(loyalty_type=kind)), *_row(report, types[kind], everybody, kind, "")]
            for kind in LoyaltyKind
            if kind in types
        ],
    )


def holds(report: Report) -> ChartCard:
    """Return what holds the customers of each type."""
    found = by_hold(report)
    order = [str(one) for one in (*LoyaltyHold, UNHELD)]
    held = sorted((key for key in found if key[1] != UNHELD), key=lambda key: order.index(key[1]))
    labels = [_name(*key) for key in held]
    everybody = sum(one.customers for one in found.values())
    urls = [links.people(loyalty_type=kind, loyalty_hold=hold) for kind, hold in held]
    return ChartCard(
        id="loyalty-holds",
        title=_("What holds them"),
        subtitle=_("Customers whom something else than liking seems to hold, by what it is"),
        option=charts.bars(labels, {_("Customers"): [found[key].customers for key in held]}, horizontal=True, urls=urls)
        if held
        else None,
        table=Table(
            columns=[Column(_("Type of loyalty")), Column(_("What holds them")), *cells.numbers(*_heads(report))],
            rows=[
                [Cell(LoyaltyKind(kind).label), Cell(_hold_name(hold)), *_row(report, one, everybody, kind, hold)]
                for (kind, hold), one in sorted(found.items())
            ],
        ),
        height="sm",
        empty=_("Of nobody anything was seen that holds them other than liking."),
        note=_holds_note(report),
    )


def _holds_note(report: Report) -> str:
    """Say from where on something counts as a hold, by the settings that this analysis measured by."""
    stored, plain = report.run.settings.loyalty, LoyaltyTerms()
    edges = {name: Decimal(stored.get(name, getattr(plain, name))) for name in TYPE_EDGES}
    shares = {name: formats.percent(edges[f"{name}_from"], 0) for name in ("incentive", "price", "convenience")}
    seen = _(
        "Seen: incentives, where points, a reward or a coupon were used in %(incentive)s of the purchases or more;"
        " price, where %(price)s or more of the full price were discounts; convenience, where whoever does not like us"
        " much makes %(convenience)s of the purchases in one store of several; inertia, where the categories bought"
        " from give fewer than %(points)s points. Told: a protected market, kinship, convenience in their own words."
    )
    told = shares | {"points": formats.count(edges["inertia_below"])}
    limits = _("The limits are settings: Settings › How we measure.")
    return f"{seen % told} {limits}"


def _name(kind: str, hold: str) -> str:
    return f"{LoyaltyKind(kind).label} · {_hold_name(hold)}"


def _hold_name(hold: str) -> str:
    return _("no hold seen") if hold == UNHELD else str(LoyaltyHold(hold).label)


def _heads(report: Report) -> list[str]:
    days = _("Revenue, last %(days)s days") % {"days": report.run.settings.bands["window_days"]}
    heads = [_("Customers"), _("Share"), _("Assumed"), days]
    return [*heads, _("Value to come")] if is_fitted(report) else heads


def _row(report: Report, one: Kind, everybody: int, kind: str, hold: str) -> list[Cell]:
    row = [
        cells.count(one.customers, links.people(loyalty_type=kind, loyalty_hold=hold)),
        cells.share(_share(one.customers, everybody)),
        cells.count(one.assumed),
        cells.money(report, one.window_revenue),
    ]
    return [*row, cells.money(report, round(one.potential, 4))] if is_fitted(report) else row


def is_fitted(report: Report) -> bool:
    """Tell whether a model was fitted, so that there are values to come."""
    return bool(report.facts("model_trials").get("is_fitted"))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
