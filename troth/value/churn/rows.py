"""What was known of each customer on past evenings, whether they then fell silent, and what is known now.

Non-contractual customers do not say that they leave. The label is theirs all the same: who buys nothing for as long as
would be sleeping by the own rhythm, counted from the cut-off day and at most `ahead_days`, has left.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from statistics import median
from typing import Any

import numpy as np
import polars as pl

from troth.value.churn import traces as tracing
from troth.value.engine import Table
from troth.value.errors import FactsError, Problem
from troth.value.facts import Facts, as_facts
from troth.value.models.beta_geo import BetaGeoModel, ModifiedBetaGeoModel
from troth.value.models.buying import BuyingModel
from troth.value.models.fitting import NotConverged
from troth.value.summary import observed_until
from troth.value.terms import Rhythm, require

SHORTEST, LONGEST = 28, 182  # days that may be foretold
COVERED = 0.9  # of customers: whose own limit lies within the span
ORDINARY = 28  # days by which a last day is judged
FEWER = 0.5  # of the usual number of buyers: a day that is not over, or a holiday
BACK = 7  # days: the most that a last day is moved back
LATELY, BEFORE = 91, 182  # days: the last quarter, and with the one before it
CUTS, STEP = 6, 28  # evenings looked back to; the earliest ones so many days apart
FEWEST = 100  # customers to fit a model of buying to
KNOWN = 28  # days of past that the earliest must know
ALIVE, PLACE = "probability_alive", "alive_place"
SILENCE = "silence_share"

THEMES: Mapping[str, str] = {
    "silent_days": "rhythm",
    SILENCE: "rhythm",
    "usual_gap_days": "rhythm",
    ALIVE: "rhythm",
    PLACE: "rhythm",
    "purchases": "habit",
    "age_days": "habit",
    "purchases_91": "pace",
    "pace": "pace",
    "mean_purchase": "money",
    "spend_91": "money",
    "spend_pace": "money",
    "discount_share": "discounts",
    "categories": "breadth",
    "returns_182": "returns",
    "returned_share": "returns",
}
"""Features by the theme under which reasons tell them; those of traces stand under their module's."""

BASELINES: Mapping[str, tuple[str, ...]] = {"own_rhythm": (SILENCE,), "alive": (ALIVE,)}
"""The plain ways: silence against the own usual gap, and the chance to be there by a model of buying."""


@dataclass(frozen=True, slots=True)
class ChurnRows:
    """past: a row a customer and cut-off day, with the label `left`; now: a row a customer of the last day.

    Both hold `customer_id`, `ahead_days` (what is foretold of this customer: days without a purchase, from the day on)
    and the features; past also `cut_date`. Who is lost by the own rhythm stands in neither. features: those that are
    not the same for all; themes and baselines: for `fit_churn`. ahead_days: the longest that is foretold.
    """

    past: pl.DataFrame
    now: pl.DataFrame
    features: tuple[str, ...]
    themes: Mapping[str, str]
    baselines: Mapping[str, tuple[str, ...]]
    as_of: date
    ahead_days: int
    is_sample: bool


def churn_rows(
    facts: Any,
    *,
    as_of: date | None = None,
    rhythm: Rhythm | None = None,
    traces: Any = None,
    kinds: Mapping[str, tracing.Trace] | None = None,
    buying: type[BuyingModel] = BetaGeoModel,
    without: Sequence[Any] = (),
    most_customers: int = 200_000,
) -> ChurnRows:
    """The rows that `fit_churn` learns from, and those to foretell.

    Args:
        facts: orders, as for `value.scores`; returns and lines where there are any.
        as_of: the last day that counts (default: the last day with an order). Where fewer than half of the usual number
            bought on it, it is not over or a holiday: the last ordinary day of the week before stands in its place, for
            a silence until noon is not one until evening.
        rhythm: whose `sleeping_after` usual gaps of silence are leaving.
        traces: what else is known of customers, day by day: `customer_id`, `trace`, `day`, `amount`; kinds: what
            becomes of each trace. See `Trace`.
        buying: the model of buying whose chance to be there is a feature and a baseline. It is fitted at every cut-off
            to what was known then.
        without: customers (ids as text) who are neither learned from nor foretold.
        most_customers: past rows are of so many, drawn by their id; now holds everybody.

    A day with an order counts as a purchase here even if all was given back later: a return after the cut-off must not
    change what was known on it, and who returns still comes. The three latest cut-offs lie `ahead_days` apart, so that
    no label reaches beyond the next one; up to three more, to learn from, go before them. `ahead_days` is the least
    number of whole weeks (28 to 182 days) within which nine of ten customers would be sleeping, or less where the past
    is too short for four such spans.

    Raises:
        FactsError: facts that cannot be computed with, or a past of less than four times 28 days.
        TermsError: a setting outside its limits.
    """
    require(most_customers >= 1, "most_customers", most_customers, "must be 1 or more")
    facts, rhythm = as_facts(facts), rhythm or Rhythm()
    day = last_ordinary(facts, observed_until(facts, as_of))
    with ExitStack() as held:
        source = Source(facts, day, rhythm, buying, tracing.checked(traces, kinds or {}), without, held)
        everybody = source.at(day)
        now = everybody.filter("is_here")
        first = facts.profile.first_date or day
        ahead = _ahead(now, first, day)
        is_sample = everybody.height > most_customers
        if is_sample:
            source = source.of(everybody["customer_id"], most_customers)
        past = pl.concat(_past(source, _cuts(day, first, ahead), ahead))
    names = [name for name in source.features if _is_told(name, past, now)]
    keep = ["customer_id", "ahead_days", *names]
    now = now.with_columns(ahead_days=pl.col("sleeping_after").clip(upper_bound=ahead))
    known = _known_before(past, names)
    baselines = {way: columns for way, columns in BASELINES.items() if set(columns) <= known}
    themes = {name: source.themes[name] for name in names}
    past = past.select("customer_id", "cut_date", "left", *keep[1:])
    return ChurnRows(past, now.select(keep), tuple(names), themes, baselines, day, ahead, is_sample)


def _is_told(name: str, past: pl.DataFrame, now: pl.DataFrame) -> bool:
    """Whether a feature differs, and is known of somebody now and on the two latest evenings.

    Else "not known" was learned of few and would then be true of all.
    """
    evenings = past["cut_date"].unique().sort().tail(2)
    latest = [past.filter(pl.col("cut_date") == evening) for evening in evenings]
    is_known = all(rows[name].count() for rows in (now, *latest))
    return is_known and past[name].drop_nulls().n_unique() > 1


def _known_before(past: pl.DataFrame, names: Sequence[str]) -> set[str]:
    """The features known of somebody before the two latest evenings: a plain way by any other has nothing to learn."""
    evenings = past["cut_date"].unique().sort().tail(2)
    earlier = past.filter(~pl.col("cut_date").is_in(evenings.implode()))
    return {name for name in names if earlier[name].count()}


def last_ordinary(facts: Facts, day: date) -> date:
    """The day itself, or the latest of the week before on which at least half of the usual number bought.

    Usual is the median of the four weeks before; where that is nobody, every day is ordinary.
    """
    orders, first = facts.orders, day - timedelta(days=ORDINARY)
    recent = orders.filter(orders.order_date > first, orders.order_date <= day)
    counted = facts.engine.frame(recent.group_by("order_date").agg(buyers=recent.customer_id.nunique()))
    buyers = dict(counted.iter_rows())
    days = [day - timedelta(days=back) for back in range(ORDINARY)]
    usual = median(buyers.get(one, 0) for one in days)
    return next((one for one in days[: BACK + 1] if buyers.get(one, 0) >= FEWER * usual), day)


def _ahead(now: pl.DataFrame, first: date, day: date) -> int:
    """The shortest span that covers most customers' own limits, of those for which there are three cut-offs."""
    room = (day - first).days // 28 * 7
    if room < SHORTEST:
        what = f"a past of {(day - first).days} days"
        way_out = f"it takes {4 * SHORTEST} days to learn and to try"
        raise FactsError(Problem("too_short", "orders", "order_date", now.height, what, way_out))
    here = now["sleeping_after"]
    wanted = float(here.quantile(COVERED) or 0.0) if here.len() else 0.0
    return int(min(max(ceil(wanted / 7) * 7, SHORTEST), LONGEST, room))


def _cuts(day: date, first: date, ahead: int) -> Iterator[date]:
    """Three cut-offs so far apart that each label ends before the next one; to learn from, more before them."""
    for number in range(CUTS):
        back = ahead * min(number + 1, 3) + STEP * max(number - 2, 0)
        cut = day - timedelta(days=back)
        if (cut - first).days >= KNOWN:
            yield cut


def _past(source: Source, cuts: Iterable[date], ahead: int) -> Iterator[pl.DataFrame]:
    for cut in cuts:
        rows = source.at(cut).filter("is_here")
        own = pl.col("sleeping_after").clip(upper_bound=ahead)
        is_silent = pl.col("next_date").is_null() | ((pl.col("next_date") - cut).dt.total_days() > own)
        yield rows.with_columns(cut_date=pl.lit(cut), ahead_days=own, left=is_silent.cast(pl.Int8))


class Source:
    """Everything recorded, asked for what was known on one evening."""

    def __init__(
        self, facts: Facts, until: date, rhythm: Rhythm, buying: type[BuyingModel],
        traces: tracing.Traces, without: Sequence[Any], held: ExitStack, ids: Table | None = None,
    ) -> None:  # fmt: skip
        self._given = (facts, until, rhythm, buying, without, held)
        self._facts, self._rhythm, self._buying, self._traces = facts, rhythm, buying, traces
        self._without = pl.Series(list(without), dtype=pl.String)
        engine = facts.engine

        def stored(rows: Table) -> Table:
            return held.enter_context(engine.stored(rows if ids is None else rows.semi_join(ids, "customer_id")))

        orders = facts.orders.filter(facts.orders.order_date <= until)
        self._days = stored(
            orders.group_by("customer_id", "order_date").agg(
                amount=orders.net_amount.sum().cast("float64"), full=orders.full_price_amount.sum().cast("float64")
            )
        )
        self._returns = self._pairs = None
        if facts.has("returns"):
            returns = facts.returns.filter(facts.returns.return_date <= until)
            amounts = returns.net_amount.cast("float64")
            self._returns = stored(returns.select("customer_id", "return_date", amount=amounts))
        if facts.has("lines"):
            lines = facts.lines.filter(facts.lines.order_date <= until)
            self._pairs = stored(lines.group_by("customer_id", "category").agg(first=lines.order_date.min()))

    def of(self, customers: pl.Series, most: int) -> Source:
        """The same, of so many customers drawn by their id."""
        drawn = customers.to_frame("customer_id").sort(pl.col("customer_id").hash(seed=3), "customer_id").head(most)
        facts, until, rhythm, buying, without, held = self._given
        ids = facts.engine.register(drawn.to_arrow())
        ids = ids.mutate(customer_id=ids.customer_id.cast(self._days.customer_id.type()))
        traces = self._traces.among(drawn["customer_id"])
        return Source(facts, until, rhythm, buying, traces, without, held, ids)

    @property
    def features(self) -> list[str]:
        return list(self.themes)

    @property
    def themes(self) -> dict[str, str]:
        return {**THEMES, **self._traces.themes}

    def at(self, cut: date) -> pl.DataFrame:
        """Everybody who had bought by the cut-off, with the features as they were then.

        Beside them `is_here` (not lost by the own rhythm), `sleeping_after` and `next_date`, the first purchase after
        it, which is the future and no feature.
        """
        # In the order of ids: draws of customers again, and sums of trees, are then the same each time.
        frame = self._facts.engine.frame(_portable(self._sums(cut))).sort("customer_id")
        if self._without.len():
            frame = frame.filter(~pl.col("customer_id").cast(pl.String).is_in(self._without.implode()))
        frame = _with_rhythm(frame, cut, self._rhythm)
        frame = _with_figures(frame)
        chance = pl.Series(alive(self._buying, frame)).fill_nan(None)
        here = pl.when("is_here").then(chance)
        place = (here.rank() - 0.5) / here.count()  # the level moves as the company ages, the order does not
        return self._traces.beside(frame.with_columns(chance.alias(ALIVE), place.alias(PLACE)), cut)

    def _sums(self, cut: date) -> Table:
        days = self._days
        past = days.order_date <= cut
        lately = past & (days.order_date > cut - timedelta(days=LATELY))
        before = past & ~lately & (days.order_date > cut - timedelta(days=BEFORE))
        sums = days.group_by("customer_id").agg(
            purchases=days.count(where=past),
            first_date=days.order_date.min(where=past),
            last_date=days.order_date.max(where=past),
            next_date=days.order_date.min(where=~past),
            purchases_91=days.count(where=lately),
            purchases_before=days.count(where=before),
            spend=days.amount.sum(where=past),
            full=days.full.sum(where=past),
            spend_91=days.amount.sum(where=lately).coalesce(0.0),
            spend_before=days.amount.sum(where=before).coalesce(0.0),
        )
        sums = sums.filter(sums.purchases > 0)
        if (returns := self._returns) is not None:
            known = returns.filter(returns.return_date <= cut)
            recent = known.return_date > cut - timedelta(days=BEFORE)
            given = known.group_by("customer_id").agg(
                returned=known.amount.sum(), returns_182=known.count(where=recent)
            )
            sums = sums.left_join(given, "customer_id").drop("customer_id_right")
        if (pairs := self._pairs) is not None:
            known = pairs.filter(pairs["first"] <= cut)
            counted = known.group_by("customer_id").agg(categories=known.count())
            sums = sums.left_join(counted, "customer_id").drop("customer_id_right")
        return sums


def _portable(table: Table) -> Table:
    is_uuid = table.customer_id.type().is_uuid()
    return table.mutate(customer_id=table.customer_id.cast("string")) if is_uuid else table


def _with_rhythm(frame: pl.DataFrame, cut: date, rhythm: Rhythm) -> pl.DataFrame:
    """Gaps, silence and the own limits, by the rules of `value.rhythm`; the company's gap is that of the same day."""
    day = pl.lit(cut)
    frame = frame.with_columns(
        age_days=(day - pl.col("first_date")).dt.total_days(),
        silent_days=(day - pl.col("last_date")).dt.total_days(),
        span=(pl.col("last_date") - pl.col("first_date")).dt.total_days(),
        gaps=pl.col("purchases") - 1,
    )
    own = frame.filter(pl.col("gaps") > 0).select(pl.col("span") / pl.col("gaps")).to_series().median()
    company = float(rhythm.fallback_gap_days) if own is None else round(float(own), 2)  # type: ignore[arg-type]  # a number
    weight = float(rhythm.company_gaps)
    gap = ((company * weight + pl.col("span")) / (pl.col("gaps") + weight)).round(2)
    counted = pl.max_horizontal(pl.col("usual_gap_days"), float(rhythm.floor_days / rhythm.sleeping_after))
    return frame.with_columns(usual_gap_days=gap).with_columns(
        sleeping_after=(counted * float(rhythm.sleeping_after)).floor().cast(pl.Int64).clip(lower_bound=1),
        is_here=pl.col("silent_days") <= (counted * float(rhythm.lost_after)).floor(),
    )


def _with_figures(frame: pl.DataFrame) -> pl.DataFrame:
    spent = pl.when(pl.col("spend") > 0).then("spend")
    none = pl.lit(None, dtype=pl.Float64)
    is_older = pl.col("age_days") >= BEFORE  # before that there are no two quarters to compare
    found = [name if name in frame.columns else none.alias(name) for name in ("returned", "returns_182", "categories")]
    frame = frame.with_columns(found)
    return frame.with_columns(
        pl.when(pl.lit("returned" in frame.columns)).then(pl.col("returned", "returns_182").fill_null(0)),
    ).with_columns(
        (pl.col("silent_days") / pl.col("usual_gap_days")).alias(SILENCE),
        pace=pl.when(is_older).then((pl.col("purchases_91") + 1) / (pl.col("purchases_before") + 1)),
        mean_purchase=pl.col("spend") / pl.col("purchases"),
        spend_pace=pl.when(is_older & (pl.col("spend_before") > 0)).then(pl.col("spend_91") / pl.col("spend_before")),
        discount_share=(1 - pl.col("spend") / pl.when(pl.col("full") > 0).then("full")).clip(lower_bound=0.0),
        returned_share=pl.col("returned") / spent,
    )


def alive(buying: type[BuyingModel], frame: pl.DataFrame) -> np.ndarray[Any, Any]:
    """The chance to be there of each, by a model fitted to the very same histories; NaN where none can be fitted.

    The kind asked for is tried first; where its fit does not end, MBG/NBD and BG/NBD, whose fits are tame.
    """
    unknown = np.full(frame.height, np.nan)
    if frame.height < FEWEST:
        return unknown
    history = frame.select(
        frequency=pl.col("gaps").cast(pl.Float64), recency=pl.col("span").cast(pl.Float64),
        T=pl.col("age_days").cast(pl.Float64),
    )  # fmt: skip
    for kind in dict.fromkeys([buying, ModifiedBetaGeoModel, BetaGeoModel]):
        with warnings.catch_warnings(), suppress(FactsError):
            warnings.simplefilter("ignore", NotConverged)
            model = kind().fit(history, unit="days")
            if model.report.converged:
                found: np.ndarray[Any, Any] = model.probability_alive(history, level=None)[
                    "probability_alive"
                ].to_numpy()
                return found
    return unknown
