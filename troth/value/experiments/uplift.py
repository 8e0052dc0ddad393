"""Whom an offer moves: the effect foretold for each person, and whether aiming by it earns more than not aiming."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from troth.value.experiments import design, ridge
from troth.value.experiments.comparing import compare
from troth.value.experiments.qini import qini
from troth.value.experiments.resampling import Interval, resampled
from troth.value.given import number, people_of, seed_of, whole
from troth.value.later import np, pl
from troth.value.terms import require

FEWEST_PEOPLE = 200
"""In each group: below, no model is tried."""

TENTHS = 10
BEST_SHARE = 0.2


class Verdict(StrEnum):
    """What to do with an offer by what was measured."""

    AIM = "aim"  # offering it to those who are foretold to gain earns more than offering it to everybody
    EVERYBODY = "everybody"  # it earns more than it costs, and leaving anybody out is not proven to be better
    UNPROVEN = "unproven"  # not proven to earn more than it costs, neither with all nor with those foretold to gain


@dataclass(frozen=True, slots=True)
class Uplift:
    """The effect of an offer person by person, out of sample. Money and counts in the outcome's unit.

    people: `row` (of the frame given), `effect` foretold by models that have not seen the person, `place` (0 to 1,
    the highest is offered first), `is_aimed` (the effect foretold is above the cost).
    curve: `share` of people reached, `gain`, `low`, `high`, `random_gain`: outcome earned more than without the
    offer, over all people, costs not taken off. coefficient: area between curve and chance, per person, with its
    interval (Qini).
    tenths: by place, 1 the best: `tenth`, `people`, `foretold`, `effect`, `low`, `high`, per person.
    traits: `feature`, `level` ("" for the mean of a number), `best` and `others`: of the fifth foretold to gain
    most, and of the others.
    aimed_share: of all people, 0 to 1, those foretold to gain more than the `cost`. confidence: of every interval.
    everybody, aimed, more_by_aiming: outcome earned less cost, over all people, with intervals: offering it to all, to
    those foretold to gain, and the second less the first. ranks: the curve is proven to lie above chance.
    """

    verdict: Verdict
    ranks: bool
    coefficient: Interval
    everybody: Interval
    aimed: Interval
    more_by_aiming: Interval
    aimed_share: float
    curve: pl.DataFrame
    tenths: pl.DataFrame
    traits: pl.DataFrame
    people: pl.DataFrame
    cost: float
    confidence: float


def uplift(
    people: Any,
    *,
    outcome: str,
    features: Sequence[str],
    arm: str = "arm",
    offer: str | None = None,
    control: str = "control",
    cost: float = 0.0,
    folds: int = 5,
    draws: int = 300,
    confidence: float = 0.95,
    seed: int = 0,
) -> Uplift:
    """Foretell the effect of an offer on each person, and measure on the others whether that helps.

    Args:
        people: polars, pandas or Arrow; one row per person who was assigned, also those who did nothing. Offer decided
            by chance.
        outcome: a number, or true and false, per person.
        features: columns known *before* the offer: numbers, texts, true and false; unknown values are allowed.
        offer: the group with the offer; may be left out where there is but one besides the control.
        cost: of offering it to one person, in the outcome's unit.
        folds: people are dealt into so many parts; the effect on each is foretold by models fitted to the others, so
            that curve, tenths and gains are out of sample.
        draws: of the bootstrap behind the intervals; it draws people anew, by group, and keeps the models.

    The model is an X-learner (Künzel, Sekhon, Bickel, Yu 2019) of ridge regressions on steps of the features: their
    penalty may say that everybody gains alike, which is most often so. Places are ranks within a part, so that parts
    with another mean do not order people. Several groups with offers: ask once for each; looking at many until one
    is proven proves nothing.

    Raises:
        TermsError: a column is missing or not finite, no control group, no group of the offer, fewer than 200 people
            in either, figures outside their limits.
    """
    whole("folds", folds, least=3, most=20)
    whole("draws", draws, least=100)
    cost = number("cost", cost, "must be a finite number, 0 or more", least=0)
    seed_of(seed)
    _refuse_features(features, (outcome, arm))
    chosen = _both_groups(people, arm, offer, control)
    # Checks the columns and the confidence, too; the effect on all is read from it.
    compare(chosen, outcome=outcome, arm=arm, control=control, confidence=confidence)
    values = chosen[outcome].cast(pl.Float64).to_numpy()
    with_offer = (chosen[arm] != control).to_numpy()
    for name, is_in in ((control, ~with_offer), ("the offer", with_offer)):
        require(
            int(is_in.sum()) >= FEWEST_PEOPLE,
            f"people of {name}",
            int(is_in.sum()),
            f"must be at least {FEWEST_PEOPLE}",
        )
    rng = np.random.default_rng(seed)
    parts = _dealt(with_offer, folds, rng)
    effect = _foretold(design.matrix(chosen, features), values, with_offer, parts)
    scored = chosen.select("row", pl.Series("effect", effect), pl.Series("place", _places(effect, parts)))
    scored = scored.with_columns(is_aimed=pl.col("effect") > cost)
    return _judged(chosen, scored, outcome, with_offer, features, cost=cost, draws=draws, level=confidence, rng=rng)


def _refuse_features(features: Any, taken: Sequence[str]) -> None:
    """A text is no list of columns; what happened after the draw foretells nothing."""
    require(not isinstance(features, str), "features", features, "must be a list of columns")
    for name in features:
        require(name not in taken, "features", name, "must be known before the offer, which this column is not")


def _both_groups(people: Any, arm: str, offer: str | None, control: str) -> pl.DataFrame:
    frame = people_of(people, "people", [arm])
    others = sorted(name for name in frame[arm].unique().to_list() if name != control and name is not None)
    named = [offer] if offer is not None else others
    require(len(named) == 1 and named[0] in others, "offer", offer or others, "must name one group besides the control")
    return frame.with_row_index("row").filter(pl.col(arm).is_in([control, named[0]]) | pl.col(arm).is_null())


def _dealt(with_offer: Any, folds: int, rng: Any) -> Any:
    """Return the part of each person: parts of equal size, with the same mixture of both groups."""
    parts = np.empty(len(with_offer), dtype=np.int64)
    for is_in in (with_offer, ~with_offer):
        (rows,) = np.nonzero(is_in)
        parts[rng.permutation(rows)] = np.arange(len(rows)) % folds
    return parts


def _foretold(rows: Any, values: Any, with_offer: Any, parts: Any) -> Any:
    effect = np.empty(len(values))
    for part in range(int(parts.max()) + 1):
        own = parts == part
        learned = _learned(rows[~own], values[~own], with_offer[~own])
        effect[own] = learned(rows[own])
    return effect


def _learned(rows: Any, values: Any, with_offer: Any) -> Any:
    """The X-learner: each group's outcome less what the other group's model says of the person is fitted once more."""
    share = with_offer.mean()
    treated, others = (rows[with_offer], values[with_offer]), (rows[~with_offer], values[~with_offer])
    if not rows.shape[1]:
        alike = float(treated[1].mean() - others[1].mean())
        return lambda asked: np.full(len(asked), alike)
    given, not_given = ridge.fit(*treated), ridge.fit(*others)
    of_treated = ridge.fit(treated[0], treated[1] - not_given.at(treated[0]))
    of_others = ridge.fit(others[0], given.at(others[0]) - others[1])
    return lambda asked: share * of_others.at(asked) + (1 - share) * of_treated.at(asked)


def _places(effect: Any, parts: Any) -> Any:
    """The share of the person's own part that is foretold to gain as much or less; equal ones stand together."""
    places = np.empty(len(effect))
    for part in range(int(parts.max()) + 1):
        own = parts == part
        ordered = np.sort(effect[own])
        low = np.searchsorted(ordered, effect[own], side="left")
        high = np.searchsorted(ordered, effect[own], side="right")
        places[own] = (low + high) / 2 / len(ordered)
    return places


def _judged(
    chosen: pl.DataFrame,
    scored: pl.DataFrame,
    outcome: str,
    with_offer: Any,
    features: Sequence[str],
    *,
    cost: float,
    draws: int,
    level: float,
    rng: Any,
) -> Uplift:
    values = chosen[outcome].cast(pl.Float64)
    frame = scored.with_columns(value=values, offered=pl.Series(with_offer))
    drawn = qini(frame, ranking="place", outcome="value", treated="offered")
    again = resampled(frame, shares=drawn.curve["share"], cost=cost, draws=draws, confidence=level, rng=rng)
    coefficient = again.area.around(drawn.coefficient)
    curve = drawn.curve.with_columns(low=pl.Series(again.gain_low), high=pl.Series(again.gain_high))
    ranks = coefficient.low > 0
    return Uplift(
        verdict=_verdict(ranks, again.everybody, again.aimed, again.more_by_aiming),
        ranks=ranks,
        coefficient=coefficient,
        everybody=again.everybody,
        aimed=again.aimed,
        more_by_aiming=again.more_by_aiming,
        aimed_share=int(frame["is_aimed"].sum()) / frame.height,
        curve=curve.select("share", "gain", "low", "high", "random_gain"),
        tenths=_tenths(frame, level),
        traits=_traits(chosen, scored["place"], features),
        people=scored,
        cost=cost,
        confidence=level,
    )


def _verdict(ranks: bool, everybody: Interval, aimed: Interval, more: Interval) -> Verdict:
    if ranks and more.low > 0 and aimed.low > 0:
        return Verdict.AIM
    return Verdict.EVERYBODY if everybody.low > 0 else Verdict.UNPROVEN


def _tenths(frame: pl.DataFrame, level: float) -> pl.DataFrame:
    """What was foretold of each tenth and what came, with Welch's interval; people of one place stay together."""
    groups = frame.with_columns(
        tenth=(TENTHS - (pl.col("place") * TENTHS).floor().clip(0, TENTHS - 1)).cast(pl.Int64),
        arm=pl.when("offered").then(pl.lit("offer")).otherwise(pl.lit("control")),
    )
    rows = []
    for (tenth,), own in groups.sort("tenth").group_by(["tenth"], maintain_order=True):
        if min(int(own["offered"].sum()), int((~own["offered"]).sum())) < 2:
            continue
        (found,) = compare(own, outcome="value", confidence=level).effects
        rows.append((tenth, own.height, float(own["effect"].mean() or 0.0), found.difference, found.low, found.high))  # type: ignore[arg-type]  # a mean of floats
    columns = ["tenth", "people", "foretold", "effect", "low", "high"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def _traits(chosen: pl.DataFrame, places: pl.Series, features: Sequence[str]) -> pl.DataFrame:
    is_best = places > 1 - BEST_SHARE
    rows: list[tuple[str, str, float, float]] = []
    for name in features:
        column = chosen[name]
        if column.dtype.is_numeric():
            known = column.cast(pl.Float64)
            levels = {"": known.set(~known.is_finite().fill_null(value=False), None)}
        else:
            told = column.cast(pl.String).fill_null("")
            levels = {level: (told == level).cast(pl.Float64) for level in sorted(told.unique().to_list()) if level}
        for level, values in levels.items():
            both = [values.filter(is_in).drop_nulls().mean() for is_in in (is_best, ~is_best)]
            if None not in both:
                rows.append((name, level, *both))  # type: ignore[arg-type]  # means of floats
    return pl.DataFrame(rows, schema=["feature", "level", "best", "others"], orient="row")
