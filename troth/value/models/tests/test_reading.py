"""What is refused, with the column, the row and the way out."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest

from troth.value import FactsError, TermsError, models

GOOD = {"customer_id": ["a", "b", "c"], "frequency": [0, 2, 1], "recency": [0.0, 5.0, 3.0], "T": [9.0, 8.0, 7.0]}


def bad(**columns):
    return pl.DataFrame(GOOD | columns, strict=False)


@pytest.mark.parametrize(
    ("columns", "code", "column", "told"),
    [
        ({"T": [9.0, -1.0, 7.0]}, "negative", "T", "-1.0 in row 1 (counted from 0, customer b)"),
        ({"recency": [0.0, 9.0, 8.0]}, "recency_above_T", "recency", "(counted from 0, customer b) and 1 more"),
        ({"frequency": [0.0, 2.5, 1.0]}, "not_whole", "frequency", "2.5 in row 1"),
        ({"frequency": [-1, 2, 1]}, "negative", "frequency", "-1 in row 0"),
        ({"frequency": [0, 0, 1]}, "recency_of_one", "recency", "5.0 in row 1"),
        ({"recency": [0.0, 0.0, 3.0]}, "recency_of_many", "recency", "0.0 in row 1"),
        ({"T": [9.0, float("nan"), 7.0]}, "no_value", "T", "nan in row 1"),
        ({"T": [9.0, None, 7.0]}, "no_value", "T", "None in row 1"),
        ({"T": [9.0, float("inf"), 7.0]}, "no_value", "T", "inf in row 1"),
        ({"customer_id": ["a", "b", "a"]}, "repeated_id", "customer_id", "a in row 2"),
        ({"currency": ["CNY", "EUR", "CNY"]}, "mixed_currencies", "currency", "CNY, EUR"),
        ({"T": ["9", "8", "7"]}, "no_numbers", "T", "String"),
        ({"T": [datetime(2024, 1, 1, tzinfo=UTC)] * 3}, "no_numbers", "T", "Datetime"),
        ({"customers": [1, 0, 1]}, "no_count", "customers", "0 in row 1"),
    ],
)  # fmt: skip
def test_a_bad_row_is_named(columns, code, column, told):
    with pytest.raises(FactsError) as refused:
        models.BetaGeoModel().fit(bad(**columns))

    problem = next(problem for problem in refused.value.problems if problem.code == code)
    assert (problem.table, problem.column) == ("customers", column)
    assert told in problem.what
    assert problem.way_out


def test_every_problem_is_told_at_once():
    with pytest.raises(FactsError) as refused:
        models.ParetoNBDModel().fit(bad(frequency=[0, 2.5, -1], T=[9.0, 4.0, 7.0]))

    assert [problem.code for problem in refused.value.problems] == ["negative", "not_whole", "recency_above_T"]


@pytest.mark.parametrize(
    ("rows", "code"),
    [([], "no_rows"), ([(0, 0.0, 9.0), (0, 0.0, 3.0)], "no_repeats"), ([(2, 3.0, 9.0)], "one_customer")],
)
def test_what_nothing_can_be_learnt_from(rows, code):
    schema = {"frequency": pl.Int64, "recency": pl.Float64, "T": pl.Float64}
    with pytest.raises(FactsError) as refused:
        models.BetaGeoModel().fit(pl.DataFrame(rows, schema=schema, orient="row"))

    assert [problem.code for problem in refused.value.problems] == [code]


def test_a_missing_column_is_named_with_what_there_is():
    with pytest.raises(FactsError, match=r"customers: recency: column is missing: .* there are frequency, T"):
        models.BetaGeoModel().fit(pl.DataFrame({"frequency": [1], "T": [2.0]}))


@pytest.mark.slow
def test_the_order_of_rows_and_the_library_of_frames_change_nothing():
    rows = pl.DataFrame(GOOD | {"frequency": [0, 4, 1]})
    model = models.BetaGeoModel().fit(rows)

    assert models.BetaGeoModel().fit(rows.reverse()).params == model.params
    assert models.BetaGeoModel().fit(pd.DataFrame(rows.to_dict(as_series=False))).params == model.params
    assert models.BetaGeoModel().fit(rows.to_arrow()).params == model.params


def test_answers_stand_in_the_order_of_the_rows_asked_and_carry_the_ids():
    model = models.BetaGeoModel.from_params({"r": 0.5, "alpha": 5.0, "a": 0.8, "b": 2.0})
    found = model.probability_alive(pl.DataFrame(GOOD))
    turned = model.probability_alive(pl.DataFrame(GOOD).reverse())

    assert found.columns == ["customer_id", "probability_alive", "probability_alive_low", "probability_alive_high"]
    assert found["customer_id"].to_list() == ["a", "b", "c"]
    assert turned.reverse().equals(found)


@pytest.mark.parametrize("t", [-1.0, float("nan"), [1.0, 2.0]])
def test_a_time_to_come_that_makes_no_sense(t):
    model = models.BetaGeoModel.from_params({"r": 0.5, "alpha": 5.0, "a": 0.8, "b": 2.0})
    with pytest.raises(TermsError, match="t "):
        model.expected_purchases(pl.DataFrame(GOOD), t)


@pytest.mark.parametrize(
    "params", [{"r": 1.0}, {"r": 1.0, "alpha": 0.0, "a": 1.0, "b": 1.0}, {"r": 1, "alpha": 1, "a": 1, "b": 1, "c": 1}]
)
def test_parameters_that_are_none(params):
    with pytest.raises(TermsError):
        models.BetaGeoModel.from_params(params)


def test_a_model_without_parameters_says_so():
    with pytest.raises(models.NotFitted, match="BetaGeoModel has no parameters yet"):
        models.BetaGeoModel().probability_alive(pl.DataFrame(GOOD))
    with pytest.raises(models.NotFitted, match="was not fitted"):
        _ = models.BetaGeoModel.from_params({"r": 1, "alpha": 1, "a": 1, "b": 1}).report


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ((3, 2, 6), "above_recency"), ((0, 2, 6), "recency_of_none"),
        ((1, 7, 6), "recency_above_T"), ((1, 1.5, 6), "not_whole"),
    ],
)  # fmt: skip
def test_occasions(row, code):
    data = pl.DataFrame([(1, 2, 6), row], schema=["frequency", "recency", "T"], orient="row", strict=False)
    with pytest.raises(FactsError) as refused:
        models.BetaGeoBetaBinomModel().fit(data)

    assert code in [problem.code for problem in refused.value.problems]


def test_occasions_are_whole():
    model = models.BetaGeoBetaBinomModel.from_params({"alpha": 1.2, "beta": 0.8, "gamma": 0.7, "delta": 3.0})
    with pytest.raises(TermsError, match="must be whole"):
        model.expected_purchases({"frequency": 1, "recency": 2, "T": 6}, 1.5)
    assert np.isfinite(model.expected_purchases({"frequency": 1, "recency": 2, "T": 6}, 2).to_numpy()).all()


# lesson: NaN for customers with zero spend
def test_spend_below_0_is_refused_and_spend_of_0_left_out_and_counted():
    made = models.GammaGammaModel.from_params({"p": 6.0, "q": 4.0, "v": 15.0}).simulate([1, 2, 3] * 50, seed=1)
    nothing = pl.DataFrame({"frequency": [3, 0], "monetary_value": [0.0, 0.0]})
    assert models.GammaGammaModel().fit(pl.concat([made, nothing])).report.left_out == 1

    with pytest.raises(FactsError, match=r"monetary_value: below 0: -3.0 in row 1"):
        models.GammaGammaModel().fit(pl.DataFrame({"frequency": [1, 2], "monetary_value": [10.0, -3.0]}))
    with pytest.raises(FactsError, match="at least two"):
        models.GammaGammaModel().fit(pl.DataFrame({"frequency": [1, 0], "monetary_value": [10.0, 0.0]}))


def test_contracts_nobody_left_teach_nothing():
    with pytest.raises(FactsError, match="nobody has left"):
        models.ShiftedBetaGeoModel().fit(pl.DataFrame({"recency": [3, 3], "T": [3, 3]}))
