"""What is expected of each customer: models of buying and spend chosen and fitted, loyalty, the next thing to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil, floor, log10
from typing import Any

from troth import value
from troth.value import loyalty
from troth.value.later import pl
from troth.value.terms import unit_days

from . import referring, rewarding, troubles
from .frames import Frame, best_steps, frame_of, plain

MONTHS = 12
ANNUAL_DISCOUNT = 0.10
AHEADS = (91, 28)  # days that the models must foretell: a quarter, or four weeks where the past is short
FOLDS = 2
SCATTER_POINTS = 1500
VALUABLE_SHARE = 0.2
CURVE_POINTS = 100
STORED_PLACES = 4
FINEST = 0.01  # of money: the narrowest step of a histogram
MOST_MONEY = 1e13  # an interval that passes it says that the model knows nothing
WORTH_FROM = 0.01  # money at stake that is more than nothing


@dataclass(frozen=True, slots=True)
class Outlook:
    """One row a customer, and the reports on them. Without a model there are no values to come.

    frame: `customer_id` and the columns of `CustomerOutlook`.
    """

    frame: pl.DataFrame
    frames: list[Frame] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Fitted:
    """The models in use. margin: the company's profit ÷ revenue, which turns spend into profit."""

    best: value.models.Best
    spend: value.models.ChosenSpend
    margin: float
    ahead: int
    tracking: pl.DataFrame


def outlook(
    scores: pl.DataFrame,
    fitted: Fitted | None,
    costs: rewarding.RewardCosts,
    brought: referring.Influence,
    loyal: pl.DataFrame,
    known: pl.DataFrame,
    *,
    as_of: date,
) -> Outlook:
    """Compute what is expected of every scored customer; scores are ordered by customer_id, as for `fit`.

    loyal: index and type (`loyal.of`); known: what is told beside the orders (`knowing.known`).
    """
    frame = _net(_values(scores, fitted, as_of), fitted, costs).join(loyal, on="customer_id", how="left")
    frame = frame.join(brought.people, on="customer_id", how="left")
    frame = frame.join(known.select("customer_id", *WALLET), on="customer_id", how="left")
    quarters = _quarters(frame, scores)
    frame = frame.join(quarters.select("customer_id", "quarter"), on="customer_id", how="left")
    frame = frame.join(_actions(frame, scores), on="customer_id", how="left")
    return Outlook(
        frame, [*_reports(frame, scores, quarters), costs.frame, brought.frame, *_model_reports(fitted, as_of)]
    )


def fit(facts: value.Facts, scores: pl.DataFrame, *, as_of: date, terms: value.Terms) -> Fitted | None:
    """Choose and fit the models that foretell this company's customers best; None where the past is too short."""
    best = None
    for days in AHEADS:
        try:
            ahead = max(days // unit_days(terms.unit), 1)
            best = value.models.fit_best(facts, as_of=as_of, unit=terms.unit, ahead=ahead, folds=FOLDS)
            break
        except value.FactsError:
            continue
    if best is None or not best.model.report.converged:
        return None
    revenue, profit = (float(scores[name].cast(pl.Float64).sum()) for name in ("revenue", "profit"))
    margin = min(max(profit / revenue, -1.0), 1.0) if revenue > 0 else float(terms.margin.assumed)
    try:
        spend = value.models.fit_spend(_spending(scores))
    except value.FactsError:
        return None
    return Fitted(best, spend, margin, days, value.models.tracking(facts, best.model, as_of=as_of))


def _spending(scores: pl.DataFrame) -> pl.DataFrame:
    """The columns that the models read; a mean below 0 is money given back, and counts as nothing spent."""
    return scores.select(
        "customer_id", "frequency", "recency", "T", monetary_value=pl.col("monetary_value").cast(pl.Float64).clip(0)
    )


def _values(scores: pl.DataFrame, fitted: Fitted | None, as_of: date) -> pl.DataFrame:
    """The chance to be there, purchases and profit of the coming year, with intervals; null without a model."""
    made = scores.select("customer_id", made_value=pl.col("profit"))
    if fitted is None:
        empty = {name: pl.lit(None, dtype=pl.Float64) for name in EXPECTED}
        return made.with_columns(**empty)
    return values_of(scores, fitted.best.model, fitted.spend.model, margin=fitted.margin, as_of=as_of)


def values_of(
    scores: pl.DataFrame,
    buying: value.models.BuyingModel,
    spend: value.models.SpendModel,
    *,
    margin: float,
    as_of: date,
) -> pl.DataFrame:
    """Return what models of buying and of spend tell of each score: `made_value` and the columns of `EXPECTED`.

    The coming months are those of the calendar, counted from `as_of`.
    """
    made, data = scores.select("customer_id", made_value=pl.col("profit")), _spending(scores)
    alive = buying.probability_alive(data).drop("customer_id")
    coming = value.models.lifetime_value(
        buying, spend, data, months=MONTHS, annual_discount=ANNUAL_DISCOUNT, margin=margin, as_of=as_of
    )
    ends = {"lifetime_value": "potential_value", "lifetime_value_low": "potential_low"}
    ends |= {"lifetime_value_high": "potential_high"}
    coming = coming.rename(ends).select("expected_purchases", *ends.values())
    names = {"probability_alive_low": "alive_low", "probability_alive_high": "alive_high"}
    found = pl.concat([made, alive.rename(names), coming], how="horizontal")
    is_told = pl.all_horizontal(pl.col(*ends.values()).abs() < MOST_MONEY)
    told = {name: pl.when(is_told).then(name) for name in ends.values()}
    return found.with_columns(**told).select("customer_id", "made_value", *EXPECTED)


def _net(frame: pl.DataFrame, fitted: Fitted | None, costs: rewarding.RewardCosts) -> pl.DataFrame:
    """The values to come less what points and rewards cost of the revenue from which they come."""
    collects = costs.collectors.with_columns(reward_share=pl.lit(costs.share))
    shared = frame.join(collects, on="customer_id", how="left", maintain_order="left")
    shared = shared.with_columns(pl.col("reward_share").fill_null(costs.other_share))
    if fitted is None or fitted.margin == 0:
        return shared.with_columns(**{name: pl.lit(None, dtype=pl.Float64) for name in NET}, reward_share=pl.lit(None))
    factor = (fitted.margin - pl.col("reward_share")) / fitted.margin
    ends = [pl.col(name) * factor for name in ("potential_low", "potential_high")]
    return shared.with_columns(
        net_value=pl.col("potential_value") * factor, net_low=pl.min_horizontal(ends), net_high=pl.max_horizontal(ends)
    )


WALLET = ("wallet_share", "wallet_low", "wallet_high", "wallet_source")
NET = ("net_value", "net_low", "net_high")
EXPECTED = (
    "probability_alive",
    "alive_low",
    "alive_high",
    "expected_purchases",
    "potential_value",
    "potential_low",
    "potential_high",
)


def _quarters(frame: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """Loyalty against the profit to come; without a model, against that of the last year."""
    last_year = scores.select("customer_id", pl.col("window_profit").cast(pl.Float64))
    both = frame.join(last_year, on="customer_id", how="left")
    worth = pl.coalesce("potential_value", "window_profit")
    return loyalty.quadrant(both.with_columns(worth=worth), value="worth", valuable_share=VALUABLE_SHARE)


def _actions(frame: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """One suggestion for each; none where nothing is expected of anybody."""
    known = frame.filter(pl.col("potential_value").is_not_null())
    schema = {"action": pl.String, "action_reason": pl.String, "stake": pl.Float64, "stake_kind": pl.String}
    if known.is_empty():
        return pl.DataFrame(schema={"customer_id": pl.String, **schema})
    joined = known.join(scores.select("customer_id", "status", "purchases"), on="customer_id")
    joined = joined.join(troubles.open_complaints(), on="customer_id", how="left")
    rules = value.ActionRules(worth_from=WORTH_FROM)
    return value.next_actions(joined, rules=rules).rename({"reason": "action_reason"})


def _reports(frame: pl.DataFrame, scores: pl.DataFrame, quarters: pl.DataFrame) -> list[Frame]:
    joined = frame.join(scores.select("customer_id", "band", "window_revenue"), on="customer_id")
    sums = {
        "customers": pl.len(),
        "made": pl.col("made_value").sum(),
        "potential": pl.col("potential_value").sum(),
        "potential_low": pl.col("potential_low").sum(),
        "potential_high": pl.col("potential_high").sum(),
        **{name: pl.col(name).sum() for name in NET},
    }
    layers = joined.group_by("band").agg(**sums, alive=pl.col("probability_alive").mean()).sort("band")
    kinds = ["loyalty_type", "loyalty_hold", "type_is_assumed"]
    types = joined.group_by(kinds).agg(
        customers=pl.len(),
        window_revenue=pl.col("window_revenue").sum(),
        potential=pl.col("potential_value").sum(),
        confidence=pl.col("type_confidence").mean(),
    )
    placed = joined.group_by("quarter").agg(**sums, loyalty_index=pl.col("loyalty_index").mean())
    actions = joined.filter(pl.col("action").is_not_null()).group_by("action", "stake_kind").agg(
        customers=pl.len(), stake=pl.col("stake").sum()
    )  # fmt: skip
    return [
        frame_of("value_layers", layers),
        frame_of("loyalty_types", types.sort(kinds)),
        frame_of("quadrant", placed.sort("quarter"), **_edges(quarters)),
        frame_of("quadrant_sample", _sample(quarters)),
        frame_of("actions", actions.sort("action")),
        frame_of("index_histogram", _histogram(frame["loyalty_index"], 0.0, 5.0), **_means(frame)),
        _potential(frame),
    ]


def _means(frame: pl.DataFrame) -> dict[str, Any]:
    """The middle of the indexes, and how much of what the index weighs was known of a customer."""
    return {
        "customers": frame.height,
        "mean": frame["loyalty_index"].mean(),
        "median": frame["loyalty_index"].median(),
        "confidence": frame["loyalty_confidence"].mean(),
    }


def _edges(quarters: pl.DataFrame) -> dict[str, Any]:
    valuable = quarters["valuable_from"][0] if quarters.height else 0.0
    return {"loyal_from": 60.0, "valuable_from": valuable, "valuable_share": VALUABLE_SHARE}


def _sample(quarters: pl.DataFrame) -> pl.DataFrame:
    """At most so many customers, drawn by their id: the same ones from day to day."""
    drawn = quarters.with_columns(draw=pl.col("customer_id").hash(seed=1)).sort("draw", "customer_id")
    return drawn.head(SCATTER_POINTS).select("customer_id", "loyalty", "value", "quarter").sort("customer_id")


def _histogram(values: pl.Series, low: float, width: float, steps: int = 20) -> pl.DataFrame:
    """How many customers lie in each step: `low`, `high`, `customers`. What is beyond an end counts at the end.

    Values count as they are stored, so that as many are found by the edges of a step as stand in it.
    """
    edges = [round(low + step * width, STORED_PLACES) for step in range(steps + 1)]
    stored = values.drop_nulls().cast(pl.Float64).round(STORED_PLACES)
    counts = [stored.len(), *(int((stored >= edge).sum()) for edge in edges[1:-1]), 0]
    rows = [(edges[step], edges[step + 1], counts[step] - counts[step + 1]) for step in range(steps)]
    return pl.DataFrame(rows, schema=["low", "high", "customers"], orient="row")


def _round_steps(least: float, most: float, fewest: int = 10) -> tuple[float, float, int]:
    """Return where steps begin, how wide they are (1, 2 or 5 of a power of ten) and how many it takes to hold both."""
    span = max(most - least, FINEST * fewest)
    power = 10.0 ** floor(log10(span / fewest))
    width = max(next(power * one for one in (5, 2, 1) if power * one <= span / fewest), FINEST)
    first = floor(least / width)
    return first * width, width, max(ceil(most / width) - first, 1)


def _potential(frame: pl.DataFrame) -> Frame:
    """How the value to come is spread: of the best so many customers, what share it is; deciles beside."""
    known = frame["potential_value"].drop_nulls().sort(descending=True)
    total = float(known.sum()) if known.len() else 0.0
    rows: list[list[Any]] = []
    if total > 0:
        sums = known.cum_sum()
        for step in range(CURVE_POINTS + 1):
            count = known.len() * step // CURVE_POINTS
            reached = float(sums[count - 1]) if count else 0.0
            rows.append([count, plain(count / known.len()), plain(reached / total)])
    facts: dict[str, Any] = {"customers": known.len(), "total": plain(total), "months": MONTHS}
    facts["steps"] = best_steps(known.round(STORED_PLACES))
    if known.len():
        facts |= {"mean": plain(total / known.len()), "median": plain(_at(known, 0.5))}
        shape = _histogram(known, *_round_steps(min(_at(known, 0.0), 0.0), max(_at(known, 0.99), 0.0)))
        facts["histogram"] = [[plain(found) for found in row] for row in shape.rows()]
    return Frame("potential_curve", ["customers", "customers_share", "value_share"], rows, facts)


def _at(values: pl.Series, share: float) -> float:
    """The value that so many lie below, straight between two of them: half is the median."""
    return float(values.quantile(share, interpolation="linear") or 0.0)


def _model_reports(fitted: Fitted | None, as_of: date) -> list[Frame]:
    """Which models are in use, why, how they did, and how they track the past."""
    if fitted is None:
        return [Frame("model_trials", [], [], {"is_fitted": False})]
    best, buying, spend = fitted.best, fitted.best.model, fitted.spend
    told = {
        "is_fitted": True,
        "winner": best.winner,
        "runner_up": best.runner_up,
        "reason": best.reason,
        "gap": best.gap,
        "gap_error": best.gap_error,
        "ahead_days": fitted.ahead,
        "unit": buying.unit,
        "model": type(buying).__name__,
        "params": _params(buying),
        "covariance": buying.covariance.tolist(),
        "converged": buying.report.converged,
        "at_limit": list(buying.report.at_limit),
        "log_likelihood": buying.report.log_likelihood,
        "customers": buying.report.customers,
        "spend_model": type(spend.model).__name__,
        "spend_params": _params(spend.model),
        "spend_covariance": spend.model.covariance.tolist(),
        "spend_cap": getattr(spend.model, "cap", None),
        "spend_reason": spend.reason,
        "margin": fitted.margin,
        "months": MONTHS,
        "until": (as_of + timedelta(days=value.models.month_days(as_of, MONTHS)[-1])).isoformat(),
        "annual_discount": ANNUAL_DISCOUNT,
    }
    return [
        frame_of("model_trials", value.models.averaged(best.trials), **told),
        frame_of("model_tenths", _last_origin(best)),
        frame_of("model_tracking", fitted.tracking),
    ]


def _last_origin(best: value.models.Best) -> pl.DataFrame:
    return best.tenths.filter(pl.col("origin") == pl.col("origin").max())


def _params(model: value.models.Model) -> list[list[Any]]:
    return [list(row) for row in model.summary().rows()]
