"""Against the remission of leukaemia patients of Freireich and others (1963), as every textbook prints it."""

import numpy as np
import polars as pl
import pytest

from troth.value.errors import FactsError, TermsError
from troth.value.models import CoxModel, NotFitted, log_rank, survival_curve
from troth.value.models.cox import CoxLikelihood
from troth.value.models.survival import spells_of

TREATED = (6, 6, 6, 7, 10, 13, 16, 22, 23)
TREATED_SEEN = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
UNTREATED = (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)


def spells(ended, seen=(), group="treated"):
    return pl.DataFrame(
        {
            "duration": [float(one) for one in (*ended, *seen)],
            "ended": [True] * len(ended) + [False] * len(seen),
            "group": group,
        }
    )


PATIENTS = pl.concat([spells(TREATED, TREATED_SEEN), spells(UNTREATED, group="untreated")]).with_columns(
    untreated=(pl.col("group") == "untreated").cast(pl.Int64)
)


def test_the_curve_of_the_textbooks():
    curve = survival_curve(spells(TREATED, TREATED_SEEN))
    printed = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    found = {time: curve.share_at(time) for time in printed}
    assert {time: round(share, 3) for time, share in found.items()} == printed
    at_risk = dict(curve.frame.filter(pl.col("ended") > 0).select("time", "at_risk").iter_rows())
    assert at_risk == {6: 21, 7: 17, 10: 15, 13: 12, 16: 11, 22: 7, 23: 6}
    assert curve.time_until(0.5) == 23
    assert survival_curve(spells(UNTREATED)).time_until(0.5) == 8


def test_intervals_stay_within_zero_and_one():
    # At 10 weeks: Greenwood's error of the share is 0.0963; on the scale of ln(-ln) .503 to .889.
    frame = survival_curve(spells(TREATED, TREATED_SEEN)).frame
    (ten,) = frame.filter(time=10).to_dicts()
    assert (round(ten["low"], 3), round(ten["high"], 3)) == (0.503, 0.889)
    assert frame["low"].is_between(0, 1).all()
    assert frame["high"].is_between(0, 1).all()


def test_before_anybody_left_and_beyond_what_was_watched():
    curve = survival_curve(spells(TREATED, TREATED_SEEN))
    assert curve.share_at(0) == curve.share_at(5.9) == 1
    assert curve.share_at(35) == pytest.approx(0.448, abs=5e-4)
    assert curve.share_at(36) is None
    assert curve.time_until(0.1) is None


def test_the_mean_stay_is_the_area_under_the_curve():
    curve = survival_curve(spells((2, 4), (4, 4)))
    assert curve.mean_until(4) == 2 * 1 + 2 * 0.75
    assert curve.mean_until(3) == 2.75
    with pytest.raises(TermsError, match="0 to 4"):
        curve.mean_until(5)


def test_customers_who_share_a_row_count_as_many():
    once = survival_curve(spells((3, 3, 5), (4,)))
    shared = pl.DataFrame({"duration": [3, 5, 4], "ended": [True, True, False], "customers": [2, 1, 1]})
    assert survival_curve(shared).frame.equals(once.frame)


def test_all_leave_and_none_leaves():
    assert survival_curve(spells((1, 2))).frame["survival"].to_list() == [1, 0.5, 0]
    none = survival_curve(spells((), (1, 2)))
    assert none.frame["survival"].to_list() == none.frame["low"].to_list() == [1, 1, 1]
    assert none.time_until(0.5) is None


def test_log_rank_tells_the_groups_apart():
    found = log_rank(PATIENTS, by="group")
    assert round(found.statistic, 2) == 16.79
    assert found.degrees == 1
    assert found.chance == pytest.approx(4.17e-5, rel=0.01)
    rows = {row["group"]: row for row in found.frame.to_dicts()}
    assert round(rows["treated"]["expected"], 2) == 19.25
    assert rows["treated"]["ended"] == 9
    assert rows["untreated"]["ended"] == 21


def test_cox_finds_the_published_effect():
    model = CoxModel().fit(PATIENTS, ["untreated"])
    (row,) = model.summary().to_dicts()
    assert round(row["coefficient"], 3) == 1.572
    assert round(row["standard_error"], 3) == 0.412
    assert round(row["hazard_ratio"], 2) == 4.82
    assert model.report.converged
    assert model.chance == pytest.approx(5.26e-5, rel=0.01)


def test_cox_survival_lies_on_both_sides_of_the_common_curve():
    model = CoxModel().fit(PATIENTS, ["untreated"])
    both = pl.DataFrame({"customer_id": ["t", "u"], "untreated": [0, 1]})
    found = model.survival(both, 10)
    assert found["survival"][0] == pytest.approx(0.75, abs=0.07)
    assert found["survival"][1] == pytest.approx(0.35, abs=0.07)
    assert model.survival(both, 0)["survival"].to_list() == [1, 1]
    ratios = model.hazard_ratio(both)["hazard_ratio"]
    assert ratios[1] / ratios[0] == pytest.approx(4.817, abs=0.01)


def test_cox_finds_again_what_was_drawn():
    random = np.random.default_rng(5)
    size = 4000
    spend, is_new = random.normal(100, 20, size), random.random(size) < 0.3
    rate = 0.02 * np.exp(-0.03 * (spend - 100) + 0.8 * is_new)
    stay = np.ceil(random.exponential(1 / rate))  # whole days: many ties
    frame = pl.DataFrame({"duration": np.minimum(stay, 90), "ended": stay <= 90, "spend": spend, "is_new": is_new})
    found = CoxModel().fit(frame, ["spend", "is_new"]).summary()
    assert found["coefficient"].to_list() == pytest.approx([-0.03, 0.8], abs=0.06)
    for row, truth in zip(found.to_dicts(), (-0.03, 0.8), strict=True):
        assert row["low"] < np.exp(truth) < row["high"]


def test_gradient_of_cox_is_the_slope_of_its_likelihood():
    random = np.random.default_rng(2)
    frame = PATIENTS.with_columns(customers=pl.Series(random.integers(1, 4, PATIENTS.height)))
    likelihood = CoxLikelihood(spells_of(frame, "duration", "ended"), random.normal(size=(frame.height, 2)))
    point = np.array([0.3, -0.2])
    slope = likelihood(point)[1]
    for column in range(2):
        step = np.eye(2)[column] * 1e-6
        rise = (likelihood(point + step)[0] - likelihood(point - step)[0]) / 2e-6
        assert slope[column] == pytest.approx(rise, rel=1e-5)


def test_a_covariate_that_tells_all_is_held_at_the_limit():
    frame = pl.DataFrame({"duration": [1, 2, 3, 9, 9, 9], "ended": [True] * 3 + [False] * 3, "sign": [1] * 3 + [0] * 3})
    model = CoxModel().fit(frame, ["sign"])
    assert model.report.at_limit == ("sign",)
    (row,) = model.summary().to_dicts()
    assert row["chance"] is None
    assert np.isfinite([row["hazard_ratio"], row["low"], row["high"]]).all()


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (pl.DataFrame({"duration": [-1.0], "ended": [True]}), "below 0"),
        (pl.DataFrame({"duration": [0.0], "ended": [True]}), "duration 0"),
        (pl.DataFrame({"duration": [float("nan")], "ended": [True]}), "no finite number"),
        (pl.DataFrame({"duration": [1.0]}), "ended: column is missing"),
        (pl.DataFrame({"duration": [1.0], "ended": [None]}, schema_overrides={"ended": pl.Boolean}), "no finite"),
    ],
)
def test_spells_that_cannot_be_are_refused(frame, said):
    with pytest.raises(FactsError, match=said):
        survival_curve(frame)


def test_what_cox_cannot_do_is_refused():
    with pytest.raises(TermsError, match="one value for all"):
        CoxModel().fit(PATIENTS.with_columns(x=pl.lit(1)), ["x"])
    with pytest.raises(TermsError, match="nobody left"):
        CoxModel().fit(PATIENTS.with_columns(ended=pl.lit(value=False)), ["untreated"])
    with pytest.raises(TermsError, match="one or more"):
        CoxModel().fit(PATIENTS, [])
    with pytest.raises(NotFitted):
        CoxModel().summary()
    with pytest.raises(TermsError, match="0 to 35"):
        CoxModel().fit(PATIENTS, ["untreated"]).survival({"untreated": 1}, 36)
    with pytest.raises(TermsError, match="two or more groups"):
        log_rank(PATIENTS.with_columns(group=pl.lit("one")), by="group")


def test_a_model_shows_its_coefficients():
    rows = pl.DataFrame({"duration": [1, 2, 3, 4], "ended": [True, True, True, False], "high": [0, 1, 0, 1]})
    assert repr(CoxModel()) == "CoxModel()"
    fitted = CoxModel().fit(rows, ["high"])
    assert repr(fitted) == f"CoxModel(high={fitted.summary()['coefficient'][0]:.4g})"
