"""Who may leave: how the ways of telling it did, whether chances came true, whether customers changed."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Column, Table
from troth.insights import queries as insights

from . import cells, churn_words

MANY = 5  # bars that fit a small picture


def cards() -> list[ChartCard]:
    """Return the contestants, the calibration, what weighs, and the drift; before the first time, one empty card."""
    report = insights.churn_report()
    if report is None or not report.rows:
        return [_nothing(report)]
    return [_trials(report), _calibration(report), _weights(report), _drift(report)]


def forwarded() -> list[ChartCard]:
    """Return what goes into the report that is forwarded: how the ways did, and whether chances came true."""
    return cards()[:2]


def sentence(report: insights.Table) -> str:
    """Return which way is in use, and why."""
    facts, called = report.facts, churn_words.ways()
    rows = {row["way"]: row for row in report.rows}
    model, rival = rows["model"], rows[facts["rival"]]
    values = {
        "rival": called[facts["rival"]],
        "gain": _places(rival["gain"]),
        "low": _places(rival["gain_low"]),
        "high": _places(rival["gain_high"]),
        "brier": _places(model["brier"]),
        "rival_brier": _places(rival["brier"]),
        "auc": formats.count(model["auc"], 2),
        "rival_auc": formats.count(rival["auc"], 2),
    }
    if facts["reason"] == "model_wins":
        text = _(
            "The learned model is in use. Its chances are surely truer than those of “%(rival)s”, the best plain way:"
            " the Brier score is lower by %(gain)s (%(low)s to %(high)s); AUC %(auc)s against %(rival_auc)s."
        )
    else:
        text = _(
            "“%(rival)s” is in use: the learned model is not surely truer. Brier score %(brier)s against"
            " %(rival_brier)s, and the interval of the difference, %(low)s to %(high)s, does not lie above zero;"
            " AUC %(auc)s against %(rival_auc)s."
        )
    return text % values


def _trials(report: insights.Table) -> ChartCard:
    facts, called = report.facts, churn_words.ways()
    labels = [called.get(row["way"], row["way"]) for row in report.rows]
    option = charts.bars(
        labels, {_("AUC"): [row["auc"] for row in report.rows]}, horizontal=True,
        axis_format=charts.count(1), value_format=charts.count(3),
    )  # fmt: skip
    heads = cells.numbers(
        _("Customers"), _("Who left"), _("AUC"), _("Average precision"), _("Brier score"), _("Lift of the first tenth"),
        _("Mean miss of the chance"), _("Model's Brier lower by"),
    )  # fmt: skip
    test = facts["slices"][2]
    subtitle = _(
        "Who buys nothing for three of their own usual gaps, at most %(days)s days: foretold on %(day)s by what was"
        " known until then, and held against what came"
    )
    return ChartCard(
        id="churn-trials",
        title=_("Who may leave"),
        subtitle=subtitle % {"days": facts["ahead_days"], "day": formats.day(date.fromisoformat(test["last"]))},
        option=option,
        height="sm",
        table=Table(
            columns=[Column(_("Way")), *heads],
            rows=[[Cell(label, row["way"]), *_figures(row)] for label, row in zip(labels, report.rows, strict=True)],
        ),
        note=sentence(report),
    )


def _figures(row: dict[str, Any]) -> list[Cell]:
    found = [cells.count(row["customers"]), cells.count(row["left"])]
    for name, places in (("auc", 3), ("average_precision", 3), ("brier", 4), ("lift", 1)):
        found.append(_with_interval(row, name, places))
    found.append(cells.share(row["calibration_error"]))
    gain = Cell("–", "") if row["way"] == "model" else _with_interval(row, "gain", 4)
    return [*found, gain]


def _with_interval(row: dict[str, Any], name: str, places: int) -> Cell:
    shown = [formats.count(row[key], places) for key in (name, f"{name}_low", f"{name}_high")]
    return Cell(
        _("%(figure)s (%(low)s to %(high)s)") % dict(zip(("figure", "low", "high"), shown, strict=True)), row[name]
    )


def _calibration(report: insights.Table) -> ChartCard:
    way = report.facts["way"]
    rows = [row for row in report.facts["calibration"] if row["way"] == way]
    option = charts.trend(
        [str(row["tenth"]) for row in rows],
        {_("Actual"): [row["came"] for row in rows], _("Foretold"): [row["foretold"] for row in rows]},
        interval=([row["low"] for row in rows], [row["high"] for row in rows]),
        interval_name=_("Interval"),
        axis_format=charts.percent(),
        value_format=charts.percent(1),
    )
    heads = (_("Customers"), _("Foretold"), _("Actual"), _("Low (95%)"), _("High (95%)"))
    return ChartCard(
        id="churn-calibration",
        title=_("Whether the chances came true"),
        subtitle=_("%(way)s: tenths of customers by chance, and how many of each then left")
        % {"way": churn_words.ways().get(way, way)},
        option=option,
        table=Table(
            columns=cells.numbers(_("Tenth"), *heads),
            rows=[
                [
                    cells.count(row["tenth"]), cells.count(row["customers"]),
                    *(cells.share(row[name]) for name in ("foretold", "came", "low", "high")),
                ]
                for row in rows
            ],
        ),
        note=_("Customers of equal chance stand in one tenth, so that some tenths may be missing. A trial on a past"
               " day: of it the sums are kept, not who stood in which tenth."),
    )  # fmt: skip


def _weights(report: insights.Table) -> ChartCard:
    rows = [row for row in report.facts["weights"] if row["share"] > 0]
    labels = [churn_words.name(row["feature"]) for row in rows]
    option = charts.bars(
        labels, {_("Share of what is said"): [row["share"] for row in rows]}, horizontal=True,
        axis_format=charts.percent(), value_format=charts.percent(1),
    )  # fmt: skip
    return ChartCard(
        id="churn-weights",
        title=_("What tells it"),
        subtitle=_("How much each thing known of a customer adds to or takes from the chance, on average"),
        option=option if rows else None,
        height="lg" if len(rows) > MANY else "sm",
        table=Table(
            columns=[Column(_("What is known")), *cells.numbers(_("Share of what is said"))],
            rows=[[Cell(label, row["feature"]), cells.share(row["share"])]
                  for label, row in zip(labels, rows, strict=True)],
        ),
        empty=_("Everybody has the same chance: nothing known of customers tells more."),
    )  # fmt: skip


def _drift(report: insights.Table) -> ChartCard:
    rows = report.facts["drift"]
    labels = [churn_words.name(row["feature"]) for row in rows]
    states = {"steady": _("steady"), "watch": _("to be watched"), "shifted": _("shifted")}
    option = charts.bars(
        labels, {_("Stability index (PSI)"): [row["psi"] for row in rows]}, horizontal=True,
        axis_format=charts.count(1), value_format=charts.count(2),
    )  # fmt: skip
    return ChartCard(
        id="churn-drift",
        title=_("Whether customers have changed"),
        subtitle=_("Those of today against those learned from: below 0.1 steady, from 0.25 on shifted"),
        option=option,
        height="lg" if len(rows) > MANY else "sm",
        table=Table(
            columns=[Column(_("What is known")), *cells.numbers(_("Stability index (PSI)")), Column(_("State"))],
            rows=[
                [Cell(label, row["feature"]), _decimal(row["psi"], 2), Cell(states[row["state"]])]
                for label, row in zip(labels, rows, strict=True)
            ],
        ),
        note=_drift_note(rows),
    )  # fmt: skip


def _drift_note(rows: list[dict[str, Any]]) -> str:
    state = next(row["state"] for row in rows if row["feature"] == "score")
    texts = {
        "steady": _("The chances themselves are spread as before."),
        "watch": _("The chances themselves have moved a little: look at it again after the next analysis."),
        "shifted": _(
            "The chances themselves have moved: customers differ from those learned from, so take a chance with care"
            " until newer ones are learned from. In a young company ages and counts grow by themselves."
        ),
    }
    return texts[state]


def _nothing(report: insights.Table | None) -> ChartCard:
    texts = {
        "too_short": _("The past of the orders is too short: it takes sixteen weeks to learn from and to try."),
        "too_few": _("Too few customers left or stayed in the past to tell the ways apart."),
    }
    empty = _("It is told in the background after an analysis, and will stand here then.")
    if report is not None:
        empty = texts[report.facts["problem"]]
    return ChartCard(
        id="churn-trials",
        title=_("Who may leave"),
        option=None,
        height="sm",
        table=Table(columns=[], rows=[]),
        empty=empty,
    )


def _decimal(given: float, places: int) -> Cell:
    return Cell(formats.count(given, places), given)


def _places(given: float) -> str:
    return formats.count(given, 4)
