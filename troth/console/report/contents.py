"""What the report says: the newest analysis in sentences, figures, pictures and the tables behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from troth.console import charts, formats
from troth.console.calculators import own as owned
from troth.console.calculators import rules
from troth.console.calculators.rules import Rule
from troth.console.components import ChartCard, Figure
from troth.console.overview import figures, words
from troth.console.surveys import delivered_cards
from troth.console.value import (
    actions,
    churn_cards,
    cohorts,
    concentration,
    expected,
    flow_cards,
    loyalty,
    markets,
    model_cards,
    model_words,
    movement,
    product_cards,
    pyramid,
    rfm,
)
from troth.console.value import report as reports
from troth.console.value.report import Report
from troth.staff import queries as staff

FRAMES = (
    "kpis", "standing", "status", "trend", "pyramid", "pareto", "cohorts", "waterfall", "ladder", "prospects",
    "rfm_segments", "value_layers", "potential_curve", "coming_back", "index_histogram", "loyalty_types", "actions",
    "model_trials", "model_tenths", "model_tracking", "reward_costs", *markets.FRAMES,
)  # fmt: skip
HEIGHTS = {"sm": 210, "md": 300, "lg": 380, "xl": 480}
PAPER_HEIGHTS = {"sm": 200, "md": 250, "lg": 310, "xl": 420}
"""Each picture is as wide as the page, so that words are of one size in all: 760 of these units are 182 mm."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with its table; `svg` is empty where there is nothing to draw."""

    card: ChartCard
    svg: str


@dataclass(frozen=True, slots=True)
class Contents:
    """The report in one language. notes: what profit and expectations rest on."""

    company: str
    as_of: str
    measured: str
    is_demo: bool
    sentences: Sequence[str]
    notes: Sequence[str]
    figures: Sequence[Figure]
    pictures: Sequence[Picture]
    rules: Sequence[Rule]


def contents(*, on_paper: bool = False) -> Contents | None:
    """Return the report in the active language; None before the first analysis. On paper pictures are less high."""
    report = reports.load(FRAMES)
    if report is None:
        return None
    heights = PAPER_HEIGHTS if on_paper else HEIGHTS
    company, run = staff.company(), report.run
    told, shown = delivered_cards.forwarded()
    customers = ngettext("%(count)s customer", "%(count)s customers", run.customer_count)
    orders = ngettext("%(count)s order", "%(count)s orders", run.order_count)
    measured = _("%(customers)s, %(orders)s") % {
        "customers": customers % {"count": formats.count(run.customer_count)},
        "orders": orders % {"count": formats.count(run.order_count)},
    }
    return Contents(
        company=company.name,
        as_of=formats.day(run.as_of_date),
        measured=measured,
        is_demo=company.is_demo,
        sentences=[*(remark.text for remark in words.remarks(report)), *_expected(report), *told],
        notes=[note for note in (report.margin_note, *_models_note(report)) if note],
        figures=figures.figures(report),
        pictures=[_picture(card, heights) for card in [*_cards(report), *shown]],
        rules=rules.rules(owned.load()),
    )


def _cards(report: Report) -> list[ChartCard]:
    return [
        pyramid.card(report),
        concentration.card(report),
        movement.trend(report),
        movement.statuses(report),
        movement.waterfall(report),
        flow_cards.coming_back(report),
        movement.ladder(report),
        rfm.segments(report),
        cohorts.card(report),
        *_loyalty(report),
        *_coming(report),
        *churn_cards.forwarded(),
        product_cards.card(),
    ]


def _loyalty(report: Report) -> list[ChartCard]:
    """How loyal customers are; nothing for an analysis of before there were such figures."""
    if "is_fitted" not in report.facts("model_trials"):
        return []
    cards = [loyalty.index_card(report), loyalty.type_map(report), loyalty.holds(report)]
    return [*cards, markets.all_curves(report)] if markets.rows(report) else cards


def _coming(report: Report) -> list[ChartCard]:
    """What is to come, what to do next, and how far the models can be trusted; nothing where none was fitted."""
    if not loyalty.is_fitted(report):
        return []
    return [
        expected.layers(report),
        expected.concentration(report),
        actions.card(report),
        model_cards.tracking(report),
        model_cards.trials(report),
    ]


def _picture(card: ChartCard, heights: Mapping[str, int]) -> Picture:
    if card.option is None:
        return Picture(card, "")
    return Picture(card, charts.svg(card.option, label=str(card.title), height=heights[card.height], theme=None))


def _expected(report: Report) -> list[str]:
    """Say what the models expect of the coming year."""
    facts = report.facts("potential_curve")
    if not facts.get("customers"):
        return []
    low, high = (_sum(report, name) for name in ("potential_low", "potential_high"))
    text = _(
        "In the coming %(months)s months a profit of %(total)s is expected from today's customers (between %(low)s and"
        " %(high)s)."
    )
    told = {"months": facts["months"], "total": _whole(report, facts["total"])}
    return [text % (told | {"low": _whole(report, low), "high": _whole(report, high)}), *_to_do(report)]


def _to_do(report: Report) -> list[str]:
    """Say how many ask for something now, and the money that is at risk with them."""
    found = {row["action"]: row for row in report.rows("actions") if row["action"] in actions.SAVING}
    words = (_("put it right with %(count)s"), _("hold %(count)s"), _("win back %(count)s"))
    texts = dict(zip(actions.SAVING, words, strict=True))
    counted = [
        texts[action] % {"count": formats.count(found[action]["customers"])}
        for action in actions.SAVING
        if action in found and found[action]["customers"]
    ]
    if not counted:
        return []
    told = {"acts": _(", ").join(counted), "money": _whole(report, sum(row["stake"] or 0 for row in found.values()))}
    return [_("To do now, in customers: %(acts)s. With them %(money)s a year is at risk.") % told]


def _models_note(report: Report) -> list[str]:
    if report.facts("potential_curve").get("customers"):
        tested = _("What is expected comes from models of buying and spend that were tested on your own past orders.")
        return [
            f"{tested}{'' if formats.is_chinese() else ' '}{model_words.verdict(report)}",
            expected.terms_text(report),
        ]
    return [_("What customers will bring is not said: their past is too short for a model.")]


def _whole(report: Report, amount: float) -> str:
    """Return an amount without cents: its interval may be too narrow for a shorter form."""
    return report.symbol + formats.count(amount)


def _sum(report: Report, column: str) -> float:
    return sum(float(row[column] or 0) for row in report.rows("value_layers"))
