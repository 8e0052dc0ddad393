"""The contest on simulated customers whose true chances are known, and on contracts."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy.special import expit
from threadpoolctl import threadpool_limits

from troth.value.churn import fit_churn
from troth.value.errors import FactsError, TermsError

CUTS = [date(2025, 1, 1) + timedelta(days=90 * number) for number in range(4)]
FEATURES = ["silence", "complaints", "noise"]


def customers(count, *, seed=3, odds=lambda silence, complaints: -1.5 + silence + 1.2 * complaints, cuts=CUTS):
    draws = np.random.default_rng(seed)
    frames = []
    for cut in cuts:
        silence, complaints = draws.normal(size=count), draws.integers(0, 2, size=count).astype(float)
        truth = expit(odds(silence, complaints))
        frames.append(
            pl.DataFrame(
                {
                    "customer_id": [f"c{number}" for number in range(count)], "cut_date": [cut] * count,
                    "silence": silence, "complaints": complaints, "noise": draws.normal(size=count),
                    "left": (draws.random(count) < truth).astype(int), "truth": truth,
                }
            )
        )  # fmt: skip
    return pl.concat(frames)


@pytest.fixture(scope="module")
def rows():
    return customers(3000)


@pytest.fixture(scope="module")
def fit(rows):
    return fit_churn(
        rows, label="left", features=FEATURES, baselines={"own_rhythm": ["silence"]}, themes={"silence": "rhythm"}
    )


pytestmark = pytest.mark.slow


def test_a_model_that_knows_more_beats_the_plain_way(fit):
    assert (fit.way, fit.reason, fit.rival) == ("model", "model_wins", "own_rhythm")
    rival = fit.trials.row(by_predicate=pl.col("way") == "own_rhythm", named=True)
    model = fit.trials.row(by_predicate=pl.col("way") == "model", named=True)
    assert rival["gain_low"] > 0
    assert rival["gain"] == pytest.approx(rival["brier"] - model["brier"])
    assert model["auc"] > rival["auc"]
    assert fit.slices["customers"].to_list() == [6000, 3000, 3000]
    assert fit.slices["last"].to_list() == [CUTS[1], CUTS[2], CUTS[3]]


def test_chances_are_true_where_the_truth_is_known(fit):
    fresh = customers(20_000, seed=9, cuts=CUTS[:1])
    chance, truth = fit.predict(fresh), fresh["truth"].to_numpy()
    assert np.abs(chance - truth).mean() < 0.03
    tenths = pl.DataFrame({"chance": chance, "left": fresh["left"]}).sort("chance").with_row_index()
    apart = tenths.group_by(pl.col("index") // 2000).agg(pl.col("chance").mean(), pl.col("left").mean())
    assert (apart["chance"] - apart["left"]).abs().max() < 0.04


def test_what_speaks_for_leaving_adds_up_to_the_chance_exactly(fit):
    fresh = customers(50, seed=10, cuts=CUTS[:1]).with_columns(
        silence=pl.lit(2.5), noise=pl.lit(None, dtype=pl.Float64)
    )
    reasons = fit.reasons(fresh, most=3)
    first = reasons.filter(pl.col("row") == 0)
    assert first["theme"][0] == "rhythm"
    assert first.row(0, named=True)["feature"] == "silence"
    assert first["value"][0] == 2.5
    assert first["points"][0] > 0
    assert abs(first["typical"][0]) < 0.1
    inner = fit._fitted
    values = fresh.select(FEATURES).cast(pl.Float64).fill_null(float("nan")).to_numpy()
    odds = np.log(fit.predict(fresh) / (1 - fit.predict(fresh)))
    np.testing.assert_allclose(inner.base + inner.points(values).sum(axis=1), odds, atol=1e-9)


def test_the_tables_are_the_trees():
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415

    from troth.value.churn.boosting import codes_of, edges_of, tables_of  # noqa: PLC0415

    draws = np.random.default_rng(4)
    values = draws.normal(size=(2000, 3))
    values[draws.random((2000, 3)) < 0.1] = np.nan
    edges = [edges_of(values[:, place], 16) for place in range(3)]
    codes = np.column_stack([codes_of(values[:, place], cut) for place, cut in enumerate(edges)]).astype(np.float32)
    came = draws.random(2000) < expit(np.nan_to_num(values).sum(axis=1))
    trees = HistGradientBoostingClassifier(max_iter=30, interaction_cst="no_interactions", early_stopping=False)
    with threadpool_limits(limits=1):
        trees.fit(codes, came)
        start, tables = tables_of(trees, edges)
    written = start + sum(table[codes[:, place].astype(int)] for place, table in enumerate(tables))
    np.testing.assert_allclose(written, trees.decision_function(codes), atol=1e-9)


def test_where_only_the_plain_way_tells_it_is_used_and_said():
    rows = customers(2000, seed=5, odds=lambda silence, _complaints: -1.5 + silence)
    fit = fit_churn(rows, label="left", features=FEATURES, baselines={"own_rhythm": ["silence"]})
    assert (fit.way, fit.reason, fit.rival) == ("own_rhythm", "baseline_wins", "own_rhythm")
    assert fit.weights["feature"].to_list() == ["silence"]
    assert set(fit.reasons(rows.head(100))["feature"]) == {"silence"}


def test_where_nothing_tells_everybody_is_alike():
    rows = customers(1500, seed=6, odds=lambda silence, _complaints: -1.5 + 0 * silence)
    fit = fit_churn(rows, label="left", features=FEATURES)
    assert fit.way == "constant"
    last = rows.filter(pl.col("cut_date") == CUTS[-1])["left"].mean()
    np.testing.assert_allclose(fit.predict(rows.head(5)), last)
    assert fit.reasons(rows.head(5)).is_empty()
    assert fit.weights.is_empty()


def test_what_came_at_the_last_cut_off_teaches_nobody_before_the_trial(rows, fit):
    """Turning the last labels around changes how the ways did, not what they foretold."""
    turned = rows.with_columns(left=pl.when(pl.col("cut_date") == CUTS[-1]).then(1 - pl.col("left")).otherwise("left"))
    other = fit_churn(turned, label="left", features=FEATURES, baselines={"own_rhythm": ["silence"]})
    tenths = ("way", "tenth", "customers", "foretold")
    assert_frame_equal(other.calibration.select(tenths), fit.calibration.select(tenths))
    assert other.trials["auc"][0] == pytest.approx(1 - fit.trials["auc"][0])


def test_the_same_rows_give_the_same_model(rows, fit):
    again = fit_churn(
        rows, label="left", features=FEATURES, baselines={"own_rhythm": ["silence"]}, themes={"silence": "rhythm"}
    )
    assert again.trials.equals(fit.trials)
    np.testing.assert_array_equal(again.predict(rows), fit.predict(rows))


def test_drift_finds_the_feature_that_moved(fit):
    fresh = customers(3000, seed=11, cuts=CUTS[:1])
    assert set(fit.drift(fresh)["state"]) == {"steady"}
    moved = fit.drift(fresh.with_columns(silence=pl.col("silence") + 1))
    states = dict(moved.select("feature", "state").iter_rows())
    assert states == {"silence": "shifted", "score": "shifted", "complaints": "steady", "noise": "steady"}


def test_drift_takes_equal_values_for_equal():
    rows = customers(400)
    rows = rows.with_columns(noise=pl.Series(np.resize([0.1, 0.7, 0.9], rows.height)))
    fit = fit_churn(rows, label="left", features=FEATURES)
    found = fit.drift(rows.filter(pl.col("cut_date") < CUTS[-1]))
    assert found.row(by_predicate=pl.col("feature") == "noise", named=True)["psi"] == pytest.approx(0, abs=1e-9)


def test_contracts_bring_their_own_label():
    """Renewals: the label is a column of truth and falsehood, the features whatever the contract knows."""
    draws = np.random.default_rng(12)
    seats = draws.integers(1, 50, size=4000)
    frame = pl.DataFrame(
        {
            "due": [CUTS[number % 3] for number in range(4000)], "seats": seats, "is_yearly": draws.random(4000) < 0.5,
            "has_ended": draws.random(4000) < expit(1 - seats / 12),
        }
    )  # fmt: skip
    fit = fit_churn(frame, label="has_ended", features=["seats", "is_yearly"], cut="due")
    assert (fit.way, fit.rival) == ("model", "constant")
    few, many = fit.predict(pl.DataFrame({"seats": [2, 45], "is_yearly": [True, True]}))
    assert few > 0.6
    assert many < 0.2


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"left": pl.lit(None, dtype=pl.Int64)}, "no_label", "left: neither 0 nor 1: None in row 0"),
        ({"left": pl.lit(2)}, "no_label", "left: neither 0 nor 1: 2 in row 0"),
        ({"left": pl.lit("yes")}, "no_numbers", "left: holds String"),
        ({"silence": pl.lit(float("inf"))}, "infinite", "silence: infinite: inf in row 0"),
        ({"silence": pl.lit("long")}, "no_numbers", "silence: holds String"),
        ({"cut_date": pl.lit("2025-01-01")}, "not_a_day", "cut_date: holds String"),
        ({"cut_date": pl.lit(CUTS[0])}, "too_few", "cut_date: 1 different days"),
        ({"left": pl.lit(0)}, "too_few", "left: 0 left and 3000 stayed in the slice “straighten”"),
    ],
)
def test_bad_rows_are_refused_by_column_and_row(rows, change, code, said):
    with pytest.raises(FactsError) as refused:
        fit_churn(rows.with_columns(**change), label="left", features=FEATURES)
    assert code in {one.code for one in refused.value.problems}
    assert said in str(refused.value)


def test_a_missing_column_is_named(rows):
    with pytest.raises(FactsError, match="noise: column is missing"):
        fit_churn(rows.drop("noise"), label="left", features=FEATURES)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"features": []}, "features"),
        ({"confidence": 1.0}, "confidence"),
        ({"baselines": {"model": ["silence"]}}, "baselines"),
        ({"baselines": {"other": ["age"]}}, "baselines"),
        ({"baselines": {"other": []}}, "baselines"),
    ],
)
def test_settings_outside_their_limits_are_refused(rows, given, field):
    with pytest.raises(TermsError) as refused:
        fit_churn(rows, **({"label": "left", "features": FEATURES} | given))
    assert refused.value.field == field
