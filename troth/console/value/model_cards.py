"""How the models do: against what came, against each other, and their parameters."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from troth.console import charts, formats
from troth.console.components import Cell, ChartCard, Column, Table

from . import cells, model_words
from .report import Report


def tracking(report: Report) -> ChartCard:
    """Return repeat purchases week by week, as they came and as the model expects them of new customers."""
    rows = report.rows("model_tracking")
    days = [formats.day(date.fromisoformat(row["week_end"])) for row in rows]
    option = charts.trend(
        days,
        {_("Actual"): [row["came"] for row in rows], _("Expected"): [row["expected"] for row in rows]},
        value_format=charts.count(),
    )
    heads = cells.numbers(_("Actual"), _("Expected"), _("Actual so far"), _("Expected so far"))
    return ChartCard(
        id="model-tracking",
        title=_("Week by week"),
        subtitle=_("Repeat purchases of all customers: as they came, and as the model expects them"),
        option=option if rows else None,
        table=Table(
            columns=[Column(_("Week until")), *heads],
            rows=[
                [Cell(day, row["week_end"]), *(cells.count(round(row[name])) for name in _TRACKED)]
                for day, row in zip(days, rows, strict=True)
            ],
        ),
        empty=_("There is no whole week of orders yet."),
        note=_(
            "Nothing of a customer's own history is used here but the first day: the line shows whether the model has"
            " understood the whole. No list of people stands behind a week: the expectation is of all together."
        ),
    )


_TRACKED = ("came", "expected", "came_so_far", "expected_so_far")


def tenths(report: Report) -> ChartCard:
    """Return what was foretold of each tenth of customers, with its interval, and what came."""
    facts = report.facts("model_trials")
    shown = _shown(report)
    rows = [row for row in report.rows("model_tenths") if row["name"] == shown]
    option = charts.trend(
        [str(row["tenth"]) for row in rows],
        {_("Foretold"): [row["foretold"] for row in rows], _("Actual"): [row["came"] for row in rows]},
        interval=([row["low"] for row in rows], [row["high"] for row in rows]) if shown != "as_before" else None,
        interval_name=_("Interval"),
        value_format=charts.count(2),
    )
    heads = (_("Customers"), _("Foretold"), _("Lower end"), _("Upper end"), _("Actual"))
    return ChartCard(
        id="model-tenths",
        title=_("Foretold and actual, by tenths of customers"),
        subtitle=_("%(model)s, purchases a head in the %(days)s days after %(day)s; tenth 10 is foretold to buy most")
        % {
            "model": model_words.names().get(shown, shown),
            "days": facts["ahead_days"],
            "day": formats.day(date.fromisoformat(rows[0]["origin"])),
        }
        if rows
        else "",
        option=option if rows else None,
        table=Table(
            columns=cells.numbers(_("Tenth"), *heads),
            rows=[[cells.count(row["tenth"]), cells.count(row["customers"]), *_tenth(row)] for row in rows],
        ),
        note=_("A trial on a past day: of it the sums are kept, not who stood in which tenth."),
    )


def _shown(report: Report) -> str:
    """The fitted model in use; where going on as before wins, the best of the models."""
    facts = report.facts("model_trials")
    if facts["winner"] != "as_before":
        return str(facts["winner"])
    return next((str(row["name"]) for row in report.rows("model_trials") if row["name"] != "as_before"), "as_before")


def _tenth(row: dict[str, Any]) -> list[Cell]:
    return [_decimal(row[name], 2) for name in ("foretold", "low", "high", "came")]


def trials(report: Report) -> ChartCard:
    """Return how far each contestant missed, the baseline among them."""
    rows, called = report.rows("model_trials"), model_words.names()
    labels = [called.get(row["name"], row["name"]) for row in rows]
    option = charts.bars(
        labels, {_("Mean miss, purchases a head"): [row["mae"] for row in rows]}, horizontal=True,
        axis_format=charts.count(1), value_format=charts.count(3),
    )  # fmt: skip
    heads = (_("Mean miss, purchases a head"), _("Foretold ÷ actual"), _("Tenths within the interval"))
    told = model_words.explained()
    return ChartCard(
        id="model-trials",
        title=_("Against each other, and against going on as before"),
        subtitle=_("Fitted to the past, held against the %(days)s days that came after; shorter is better")
        % {"days": report.facts("model_trials")["ahead_days"]},
        option=option if rows else None,
        height="sm",
        table=Table(
            columns=[Column(_("Model")), *cells.numbers(*heads), Column(_("How it sees customers"))],
            rows=[
                [
                    Cell(label, row["name"]),
                    _decimal(row["mae"], 3),
                    cells.share(row["calibration"]),
                    cells.share(row["coverage"], 0) if row["coverage"] is not None else Cell("–", ""),
                    Cell(told.get(row["name"], "")),
                ]
                for label, row in zip(labels, rows, strict=True)
            ],
        ),
    )


def params(report: Report) -> Table:
    """Return the exact parameters of both models, with standard errors and intervals; none where one was held at the
    limit of the search: the likelihood still rises there, so its bend says nothing.
    """
    facts = report.facts("model_trials")
    models = ((facts["model"], facts["params"], facts["at_limit"]), (facts["spend_model"], facts["spend_params"], ()))
    columns = [Column(_("Model")), Column(_("Parameter"))]
    heads = cells.numbers(_("Estimate"), _("Standard error"), _("Low (95%)"), _("High (95%)"))
    return Table(
        columns=[*columns, *heads],
        rows=[
            [
                Cell(model_words.model_name(model)),
                Cell(name),
                _figure(estimate),
                *(Cell("–", "") if name in held else _figure(given) for given in interval),
            ]
            for model, rows, held in models
            for name, estimate, *interval in rows
        ],
    )


def health(report: Report) -> list[str]:
    """Return what should be known of the fit: whether it ended well, and what was held at a limit."""
    facts = report.facts("model_trials")
    found = [_("Fitted to %(count)s customers.") % {"count": formats.count(facts["customers"])}]
    if not facts["converged"]:
        found.append(_("The fit did not end surely: take the figures with care."))
    if facts["at_limit"]:
        text = _("Held at the limit of the search: %(names)s. The data do not tell how far beyond it lies.")
        found.append(text % {"names": ", ".join(facts["at_limit"])})
    return found


def _figure(given: float | None) -> Cell:
    """Four significant digits: parameters run from thousandths to millions."""
    if given is None:
        return Cell("–", "")
    return Cell(f"{given:.4g}" if abs(given) < 1_000 else formats.count(given), given)


def _decimal(given: float | None, places: int) -> Cell:
    return Cell("–", "") if given is None else Cell(formats.count(given, places), given)
