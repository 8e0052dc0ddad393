"""What a fitted model says of the company's customers, in sentences that need no statistics."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, expm1, log, log1p, sqrt
from typing import Any

from django.utils.translation import gettext as _

from troth.console import formats

from .report import Report

REACH = 1.959964  # standard errors to each side of an interval of 95 %
STEP = 1e-4
MONTH_DAYS = 30
UNIT_DAYS = {"days": 1, "weeks": 7}

Point = Sequence[float]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and the interval of 95 % in which it lies."""

    value: float
    low: float
    high: float


def names() -> dict[str, str]:
    """Return what the contestants are called."""
    return {
        "bg_nbd": "BG/NBD",
        "mbg_nbd": "MBG/NBD",
        "pareto_nbd": "Pareto/NBD",
        "as_before": _("As before"),
    }


def explained() -> dict[str, str]:
    """Return how each contestant sees customers."""
    return {
        "bg_nbd": _("Everybody buys at a pace of their own and may leave after any purchase but the first."),
        "mbg_nbd": _("Everybody buys at a pace of their own and may leave after any purchase, the first too."),
        "pareto_nbd": _("Everybody buys at a pace of their own and may leave at any moment."),
        "as_before": _("No model: everybody goes on buying as often as lately."),
    }


def verdict(report: Report) -> str:
    """Return which model is in use, and why, in a sentence."""
    facts, scores = report.facts("model_trials"), {row["name"]: row for row in report.rows("model_trials")}
    mine, other = scores[facts["winner"]], scores[facts["runner_up"]]
    values = {
        "winner": _called(facts["winner"]),
        "other": _called(facts["runner_up"]),
        "days": facts["ahead_days"],
        "mine": formats.count(mine["mae"], 2),
        "theirs": formats.count(other["mae"], 2),
        "true": formats.percent(mine["calibration"]),
        "other_true": formats.percent(other["calibration"]),
        "used": model_name(facts["model"]),
    }
    match facts["reason"]:
        case "clearly_better":
            text = _(
                "%(winner)s is in use: foretelling the purchases of %(days)s days it misses a customer's by"
                " %(mine)s on average, %(other)s by %(theirs)s."
            )
        case "baseline":
            text = _(
                "Nothing beats going on as before here: over %(days)s days it misses a customer's purchases by"
                " %(mine)s, %(other)s by %(theirs)s. Chances and values need a model all the same: %(used)s is in use."
            )
        case _:
            text = _(
                "%(winner)s is in use: over %(days)s days it misses a customer's purchases by %(mine)s,"
                " %(other)s by %(theirs)s, which is no sure difference; and of all purchases that came it foretold"
                " %(true)s, %(other)s %(other_true)s."
            )
    return text % values


def _called(name: str) -> str:
    return _("going on as before") if name == "as_before" else names()[name]


def model_name(class_name: str) -> str:
    """Return what a fitted model is called."""
    return {
        "BetaGeoModel": "BG/NBD",
        "ModifiedBetaGeoModel": "MBG/NBD",
        "ParetoNBDModel": "Pareto/NBD",
        "GammaGammaModel": "Gamma-Gamma",
        "RobustSpendModel": _("Robust mean"),
    }.get(class_name, class_name)


def spend_verdict(report: Report) -> str:
    """Return which model of spend is in use, and why."""
    return {
        "gamma_gamma": _(
            "Gamma-Gamma: how much customers spend at a time hardly depends on how often they come, as it assumes."
        ),
        "spend_depends_on_frequency": _(
            "A robust mean: spend depends on how often customers come, which Gamma-Gamma does not allow."
        ),
        "not_converged": _("A robust mean: Gamma-Gamma could not be fitted surely."),
        "infinite_mean": _("A robust mean: by Gamma-Gamma a few large amounts would decide the mean."),
    }.get(report.facts("model_trials")["spend_reason"], "")


def sentences(report: Report) -> list[str]:
    """Return what the parameters mean, each with its interval."""
    facts = report.facts("model_trials")
    point = [log(row[1]) for row in facts["params"]]
    unit = UNIT_DAYS.get(facts["unit"], 1)
    pace = estimate(lambda at: unit * exp(at[1] - at[0]), point, facts["covariance"])
    found = [
        _("While they are here, customers buy every %(days)s days on average (%(low)s to %(high)s).")
        % _in(pace, lambda days: formats.count(days, 1), "days"),
        _alike(exp(point[0])),
        _leaving(facts["model"], point, facts["covariance"], unit),
    ]
    spend = _spend(report)
    return [one for one in (*found, spend) if one]


def _alike(shape: float) -> str:
    """What the shape of the paces says: 1 is the edge at which the most customers are the slowest."""
    if shape < 1:
        return _("Their paces differ much: many buy seldom, a few very often.")
    return _("Their paces differ moderately: most lie around the middle.")


def _leaving(model: str, point: Point, covariance: Sequence[Point], unit: int) -> str:
    if model == "ParetoNBDModel":
        # Of those who are new: 1 − (β ÷ (β + t))^s. Source: Schmittlein, Morrison, Colombo (1987).
        month = MONTH_DAYS / unit
        leaving = estimate(lambda at: -expm1(-exp(at[2]) * log1p(month / exp(at[3]))), point, covariance)
        text = _("Of a hundred new customers %(share)s leave for good within a month (%(low)s to %(high)s).")
    else:
        # The mean of the beta distribution, a ÷ (a + b). Source: Fader, Hardie, Lee (2005).
        leaving = estimate(lambda at: 1 / (1 + exp(at[3] - at[2])), point, covariance)
        text = _("After a purchase, of a hundred customers %(share)s do not come back (%(low)s to %(high)s).")
    return text % _in(leaving, lambda share: formats.count(100 * share, 1), "share")


def _spend(report: Report) -> str:
    """The mean spend over customers, where the model of spend has a finite one."""
    facts = report.facts("model_trials")
    params = {row[0]: row[1] for row in facts["spend_params"]}
    if facts["spend_model"] == "GammaGammaModel" and params["q"] > 1:
        mean = params["p"] * params["v"] / (params["q"] - 1)
    elif "mean" in params:
        mean = params["mean"]
    else:
        return ""
    return _("On a day with a purchase they spend %(amount)s on average.") % {"amount": report.money(round(mean, 4))}


def estimate(figure: Callable[[Point], float], point: Point, covariance: Sequence[Point]) -> Estimate:
    """Return a positive figure of the logarithms of parameters, with its interval by the delta method, in logarithms.

    covariance: of `point`, as the models store it.
    """
    slopes = [_slope(lambda at: log(figure(at)), point, place) for place in range(len(point))]
    variance = sum(
        one * other * shared
        for one, row in zip(slopes, covariance, strict=True)
        for other, shared in zip(slopes, row, strict=True)
    )
    value, reach = figure(point), REACH * sqrt(max(variance, 0.0))
    return Estimate(value, value * exp(-reach), value * exp(reach))


def _slope(figure: Callable[[Point], float], point: Point, place: int) -> float:
    above, below = list(point), list(point)
    above[place] += STEP
    below[place] -= STEP
    return (figure(above) - figure(below)) / (2 * STEP)


def _in(found: Estimate, shown: Callable[[float], str], name: str) -> dict[str, Any]:
    return {name: shown(found.value), "low": shown(found.low), "high": shown(found.high)}
