"""Whom an offer moves: known truth, nothing to find, a published experiment, input without sense."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from troth.value import TermsError, experiments
from troth.value.experiments import Verdict, design, ridge
from troth.value.experiments.tests.test_experiments import EMAILS

DRAWS = 100


def simulated(people: int, effect: Any, *, seed: int = 1) -> pl.DataFrame:
    """Half of the people get the offer; `effect` turns (spent, is_member) into the true effect of each."""
    rng = np.random.default_rng(seed)
    spent, is_member = rng.gamma(2.0, 50.0, people), rng.random(people) < 0.4
    offered = rng.random(people) < 0.5
    truth = effect(spent, is_member)
    outcome = 0.1 * spent + offered * truth + rng.normal(0, 5, people)
    return pl.DataFrame(
        {
            "arm": np.where(offered, "mail", "control"),
            "outcome": outcome,
            "spent": spent,
            "club": np.where(is_member, "member", "guest"),
            "truth": truth,
        }
    )


def members_gain(spent: Any, is_member: Any) -> Any:
    return np.where(is_member, 6.0, -1.0)


def everybody_gains(spent: Any, is_member: Any) -> Any:
    return np.full(len(spent), 2.0)


def asked(people: pl.DataFrame, **more: Any) -> experiments.Uplift:
    terms: dict[str, Any] = {"outcome": "outcome", "features": ["spent", "club"], "draws": DRAWS} | more
    return experiments.uplift(people, **terms)


@pytest.mark.slow
def test_who_gains_is_found_and_aiming_pays() -> None:
    people = simulated(4_000, members_gain)
    found = asked(people, cost=1.0)
    assert found.verdict == Verdict.AIM
    assert found.ranks
    joined = found.people.join(people.with_row_index("row"), on="row")
    of_members = joined.filter(pl.col("club") == "member")
    assert of_members["effect"].mean() == pytest.approx(6.0, abs=0.4)
    assert joined.filter(pl.col("club") == "guest")["effect"].mean() == pytest.approx(-1.0, abs=0.4)
    # Who is aimed at is whose true effect is above the cost; what it earns is what the truth says.
    assert int((joined["is_aimed"] == (joined["truth"] > 1)).sum()) > 0.97 * joined.height
    earned = float((of_members["truth"] - 1).sum())
    assert found.aimed.low < earned < found.aimed.high
    lost = float((joined["truth"] - 1).sum())
    assert found.everybody.low < lost < found.everybody.high
    assert found.more_by_aiming.low < earned - lost < found.more_by_aiming.high
    assert found.aimed_share == pytest.approx(of_members.height / joined.height, abs=0.03)
    traits = found.traits.filter((pl.col("feature") == "club") & (pl.col("level") == "member")).row(0, named=True)
    assert traits["best"] > 0.95
    assert traits["others"] < 0.35


@pytest.mark.slow
def test_the_curve_and_its_coefficient_are_those_of_the_ranking_alone() -> None:
    people = simulated(2_000, members_gain)
    found = asked(people)
    ranked = people.with_columns(place=found.people["place"], offered=pl.col("arm") == "mail")
    drawn = experiments.qini(ranked, ranking="place", outcome="outcome", treated="offered")
    assert found.coefficient.value == drawn.coefficient
    assert found.curve["gain"].to_list() == drawn.curve["gain"].to_list()
    inside = found.curve.filter((pl.col("low") <= pl.col("gain")) & (pl.col("gain") <= pl.col("high")))
    assert inside.height >= 0.95 * found.curve.height


@pytest.mark.slow
def test_the_figures_are_those_of_a_count_by_hand() -> None:
    people = simulated(1_200, members_gain)
    found = asked(people, cost=0.5)
    rows = found.people.join(people.with_row_index("row"), on="row").to_dicts()

    def net(chosen: list[dict[str, Any]]) -> float:
        given = [row["outcome"] for row in chosen if row["arm"] == "mail"]
        others = [row["outcome"] for row in chosen if row["arm"] == "control"]
        return float((sum(given) / len(given) - sum(others) / len(others) - 0.5) * len(chosen))

    aimed = [row for row in rows if row["effect"] > 0.5]
    assert found.everybody.value == pytest.approx(net(rows))
    assert found.aimed.value == pytest.approx(net(aimed))
    assert found.more_by_aiming.value == pytest.approx(net(aimed) - net(rows))
    best = [row for row in rows if row["place"] >= 0.9]
    first = found.tenths.row(0, named=True)
    assert (first["tenth"], first["people"]) == (1, len(best))
    assert first["effect"] == pytest.approx((net(best) / len(best)) + 0.5)


@pytest.mark.slow
def test_where_all_gain_alike_it_says_everybody() -> None:
    found = asked(simulated(3_000, everybody_gains), cost=0.5)
    assert found.verdict == Verdict.EVERYBODY
    assert not found.ranks
    assert found.everybody.low < 1.5 * 3_000 < found.everybody.high


@pytest.mark.slow
def test_an_offer_that_costs_what_it_brings_is_not_proven() -> None:
    found = asked(simulated(3_000, everybody_gains), cost=2.0)
    assert found.verdict == Verdict.UNPROVEN


@pytest.mark.slow
def test_nothing_is_found_where_there_is_nothing_but_for_what_the_interval_allows() -> None:
    ranks = [asked(simulated(1_000, everybody_gains, seed=seed)).ranks for seed in range(40)]
    assert sum(ranks) <= 4  # one in forty is allowed on this side; five would be one chance in three hundred


def test_a_feature_that_says_nothing_leaves_all_at_one_place() -> None:
    people = simulated(800, everybody_gains).with_columns(same=pl.lit("x"), empty=pl.lit(None, dtype=pl.Float64))
    found = asked(people, features=["same", "empty"])
    assert found.people["place"].unique().to_list() == [0.5]
    assert found.coefficient.value == 0.0
    assert not found.ranks


@pytest.mark.slow
def test_unknown_values_and_yes_or_no_are_features() -> None:
    people = simulated(3_000, members_gain).with_columns(
        spent=pl.when(pl.col("spent") > 150).then(None).otherwise("spent"), club=pl.col("club") == "member"
    )
    assert asked(people, cost=1.0).verdict == Verdict.AIM


@pytest.mark.slow
def test_the_same_seed_says_the_same() -> None:
    people = simulated(600, members_gain)
    assert asked(people).coefficient == asked(people).coefficient


@pytest.mark.parametrize(
    ("terms", "named"),
    [
        ({"outcome": "nothing"}, "people"),
        ({"features": []}, "features"),
        ({"features": ["nothing"]}, "features"),
        ({"offer": "letter"}, "offer"),
        ({"control": "nobody"}, "offer"),
        ({"cost": -1.0}, "cost"),
        ({"cost": float("nan")}, "cost"),
        ({"folds": 2}, "folds"),
        ({"draws": 10}, "draws"),
        ({"confidence": 1.0}, "confidence"),
    ],
)
def test_input_without_sense_is_refused(terms: dict[str, Any], named: str) -> None:
    with pytest.raises(TermsError) as refused:
        asked(simulated(500, everybody_gains), **terms)
    assert refused.value.field == named


def test_too_few_people_and_unknown_outcomes_are_refused() -> None:
    with pytest.raises(TermsError, match="at least 200"):
        asked(simulated(380, everybody_gains))
    people = simulated(500, everybody_gains)
    with pytest.raises(TermsError, match="outcome"):
        asked(people.with_columns(outcome=pl.lit(None, dtype=pl.Float64)))
    with pytest.raises(TermsError, match="arm"):
        asked(people.with_columns(arm=pl.when(pl.col("outcome") > 0).then("arm")))


def test_ridge_is_ridge() -> None:
    rng = np.random.default_rng(3)
    rows = design.matrix(pl.DataFrame({"x": rng.normal(size=300), "y": rng.normal(size=300)}), ["x", "y"])
    values = rows[:, 0] * 2 + rng.normal(size=300)
    line = ridge.fit(rows, values)
    centred = rows - rows.mean(axis=0)
    held = centred.T @ centred + line.penalty * 300 * np.eye(rows.shape[1])
    assert line.slopes == pytest.approx(np.linalg.solve(held, centred.T @ (values - values.mean())))
    assert line.start == pytest.approx(values.mean())
    pure = ridge.fit(rows, rng.normal(size=300) * 0 + 4.0)
    assert pure.slopes == pytest.approx(0)
    assert pure.at(rows) == pytest.approx(4.0)


@pytest.mark.slow
@pytest.mark.skipif(not EMAILS.exists(), reason="needs hillstrom_email.csv.gz in ../shared/data")
def test_the_womens_mail_moves_buyers_of_womens_goods_and_the_mens_mail_moves_everybody() -> None:
    # Radcliffe 2008 on the same data: the men's mail works on nearly all, the women's depends on what was bought.
    people = pl.read_csv(EMAILS)
    features = ["recency", "history", "mens", "womens", "zip_code", "newbie", "channel"]
    told = {"arm": "segment", "control": "No E-Mail", "features": features, "draws": DRAWS}
    womens = experiments.uplift(people, outcome="visit", offer="Womens E-Mail", **told)  # type: ignore[arg-type]
    assert womens.ranks
    assert womens.verdict == Verdict.EVERYBODY
    assert womens.everybody.value / womens.people.height == pytest.approx(0.0452, abs=5e-5)
    assert womens.coefficient.value == pytest.approx(0.0080, abs=0.0006)
    best = womens.traits.filter(pl.col("feature") == "womens").row(0, named=True)
    assert best["best"] == 1.0
    assert best["others"] < 0.5
    halves = womens.tenths.with_columns(is_best=pl.col("tenth") <= 5).group_by("is_best").agg(pl.col("effect").mean())
    effects = dict(halves.iter_rows())
    assert effects[True] > 0.07
    assert effects[False] < 0.02
    # Where a mail costs what three visits in a hundred are worth, it pays to leave the others out.
    aimed = experiments.uplift(people, outcome="visit", offer="Womens E-Mail", cost=0.03, **told)  # type: ignore[arg-type]
    assert aimed.verdict == Verdict.AIM
    assert aimed.aimed_share == pytest.approx(0.55, abs=0.05)
    mens = experiments.uplift(people, outcome="spend", offer="Mens E-Mail", **told)  # type: ignore[arg-type]
    assert mens.verdict == Verdict.EVERYBODY
    assert not mens.ranks
