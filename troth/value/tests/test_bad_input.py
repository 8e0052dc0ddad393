"""What cannot be computed with is refused by table, column and row at every entrance; what can never makes NaN."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from troth import value
from troth.value import loyalty, models

END = date(2024, 12, 31)
ORDERS = {
    "customer_id": ["ann", "ann", "bob", "cid"],
    "order_date": [date(2024, 3, 1), date(2024, 1, 1), date(2024, 2, 1), date(2024, 2, 1)],
    "net_amount": [10.0, 20.0, 5.0, 0.0],
}
BAD_ORDERS = [
    ({"net_amount": [10.0, -2.0, 5.0, -3.0]}, "orders: net_amount: 2 rows: below 0, such as -2.0 (customer_id ann)"),
    ({"net_amount": [10.0, None, 5.0, 1.0]}, "orders: net_amount: 1 rows: no finite amount, such as none"),
    ({"net_amount": [10.0, float("nan"), 5.0, 1.0]}, "orders: net_amount: 1 rows: no finite amount, such as nan"),
    ({"customer_id": ["ann", None, "bob", "cid"]}, "orders: customer_id: 1 rows: no id, such as none (order_date 2024"),
    ({"order_date": ["2024-02-30", "2024-01-01", "2024-01-01", "2024-01-01"]}, "such as 2024-02-30 (customer_id ann)"),
    ({"order_date": [datetime(2024, 1, 1, 23, tzinfo=UTC)] * 4}, "orders: order_date: 4 rows: moments with a zone"),
    ({"currency": ["CNY", "CNY", "USD", "CNY"]}, "orders: currency: more than one: CNY (3 rows), USD (1 rows)"),
    ({"order_id": ["1", "2", "2", "3"]}, "orders: order_id: 1 rows repeat an id, such as 2"),
]
OF_FACTS = {
    "summary": lambda facts: value.summary(facts, as_of=END),
    "scores": lambda facts: value.scores(facts, as_of=END).frame,
    "trend": lambda facts: value.trend(facts, as_of=END),
    "cohorts": lambda facts: value.cohorts(facts, as_of=END),
    "waterfall": lambda facts: value.active_waterfall(facts, start=date(2024, 6, 30), end=END),
    "histories": lambda facts: models.histories_of(facts, as_of=END),
    "fit_best": lambda facts: models.fit_best(facts, as_of=END, ahead=30),
    "tracking": lambda facts: models.tracking(facts, in_days(models.BetaGeoModel), as_of=END),
}


def in_days(kind):
    """A model whose unit of time is told."""
    model = kind.from_params(PARAMS[kind])
    model.unit = "days"
    return model


PARAMS = {
    models.BetaGeoModel: {"r": 0.5, "alpha": 5.0, "a": 0.8, "b": 2.0},
    models.ModifiedBetaGeoModel: {"r": 0.5, "alpha": 5.0, "a": 0.8, "b": 2.0},
    models.ParetoNBDModel: {"r": 0.5, "alpha": 10.0, "s": 0.6, "beta": 11.0},
    models.BetaGeoBetaBinomModel: {"alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.8},
}
SPEND = models.GammaGammaModel.from_params({"p": 6.25, "q": 3.74, "v": 15.44})
HISTORY = {"customer_id": ["a", "b", "c"], "frequency": [0, 2, 1], "recency": [0, 5, 3], "T": [9, 8, 7]}
BAD_HISTORIES = [
    ({"T": [9, -1, 7]}, "T", "-1"),
    ({"recency": [0, 9, 3]}, "recency", "9"),
    ({"frequency": [0, 1.5, 1]}, "frequency", "1.5"),
    ({"frequency": [0, -2, 1]}, "frequency", "-2"),
    ({"T": [9.0, float("nan"), 7.0]}, "T", "nan"),
    ({"customer_id": ["b", "b", "c"]}, "customer_id", "b"),
]


def told(entrance, given):
    with pytest.raises(value.FactsError) as refused:
        entrance(given)
    return str(refused.value)


@pytest.mark.slow
@pytest.mark.parametrize(("change", "said"), BAD_ORDERS[:1])
def test_a_bad_order_is_named(change, said):
    assert said in told(lambda frame: value.Facts(frame).check(), pl.DataFrame(ORDERS | change, strict=False))


@pytest.mark.slow
@pytest.mark.parametrize("entrance", OF_FACTS)
@pytest.mark.parametrize(("change", "said"), BAD_ORDERS)
def test_every_figure_of_facts_refuses_a_bad_order_by_column_and_row(entrance, change, said):
    assert said in told(OF_FACTS[entrance], pl.DataFrame(ORDERS | change, strict=False))


@pytest.mark.slow
@pytest.mark.parametrize("entrance", OF_FACTS)
def test_a_day_to_come_is_refused_where_today_is_known(entrance):
    said = told(OF_FACTS[entrance], value.Facts(pl.DataFrame(ORDERS), today=date(2024, 2, 15)))

    assert "orders: order_date: 1 rows: after today, 2024-02-15, such as 2024-03-01 (customer_id ann)" in said


@pytest.mark.parametrize("kind", PARAMS)
@pytest.mark.parametrize(("change", "column", "given"), BAD_HISTORIES)
def test_every_question_to_a_model_refuses_a_bad_history_by_column_and_row(kind, change, column, given):
    rows = pl.DataFrame(HISTORY | change, strict=False)
    model = kind.from_params(PARAMS[kind])
    entrances = [
        kind().fit,
        model.log_likelihood,
        model.probability_alive,
        lambda rows: model.expected_purchases(rows, 3),
        lambda rows: models.fit_by(kind, rows.with_columns(shop=pl.lit(1)), "shop"),
    ]
    for entrance in entrances:
        said = told(entrance, rows)
        assert f"customers: {column}: " in said
        assert f"{given}" in said
        assert "in row 1 (counted from 0" in said


def test_every_question_about_spend_refuses_money_below_0_by_row_and_two_currencies():
    rows = pl.DataFrame({"frequency": [1, 2], "recency": [1, 2], "T": [9, 9], "monetary_value": [5.0, -1.0]})
    buying = in_days(models.BetaGeoModel)
    entrances = [
        models.GammaGammaModel().fit,
        models.RobustSpendModel().fit,
        models.fit_spend,
        models.independence,
        SPEND.log_likelihood,
        SPEND.expected_spend,
        lambda rows: models.lifetime_value(buying, SPEND, rows, months=12, margin=0.3),
    ]
    mixed = rows.with_columns(monetary_value=pl.lit(5.0), currency=pl.Series(["CNY", "USD"]))
    for entrance in entrances:
        assert "customers: monetary_value: below 0: -1.0 in row 1 (counted from 0)" in told(entrance, rows)
        assert "customers: currency: more than one: CNY, USD" in told(entrance, mixed)


def test_contracts_of_no_period_are_refused_by_row():
    rows = pl.DataFrame({"recency": [1, 0, 3], "T": [2, 0, 2]})
    for entrance in (
        models.ShiftedBetaGeoModel().fit,
        models.ShiftedBetaGeoModel.from_params({"alpha": 1, "beta": 2}).log_likelihood,
    ):
        said = told(entrance, rows)
        assert "customers: T: below 1: 0 in row 1" in said
        assert "customers: recency: above T: 3 in row 2" in said


@pytest.mark.parametrize("column", ["purchases", "referrals"])
@pytest.mark.parametrize("given", [-1, 1.5, float("nan"), float("inf")])
def test_a_rung_needs_whole_counts(column, given):
    told = {"customer_id": ["ann"], "purchases": [3], "status": ["active"], "share_of_wallet": [0.9], "referrals": [1]}
    with pytest.raises(value.TermsError, match=f"{column} .*must be a whole number, 0 or more"):
        loyalty.ladder(pl.DataFrame(told | {column: [given]}))
    unknown = pl.DataFrame(told | {"referrals": [None]})
    assert loyalty.ladder(unknown)["rung"].to_list() == ["client"]
    with pytest.raises(value.TermsError, match="purchases"):
        loyalty.ladder(pl.DataFrame(told | {"purchases": [None]}))


@pytest.mark.parametrize("given", [-1, 1.5, float("nan"), float("inf")])
def test_a_band_has_whole_customers(given):
    with pytest.raises(value.TermsError, match="customers"):
        value.attrition_table([value.Band("best", given, 10.0), value.Band("rest", 5, 1.0)])


SMALLEST = {
    "one customer, once": [("ann", 0, 10.0)],
    "nobody came back": [("ann", 0, 10.0), ("bob", 3, 5.0)],
    "all identical": [("ann", 0, 5.0), ("ann", 9, 5.0), ("bob", 0, 5.0), ("bob", 9, 5.0)],
    "no money at all": [("ann", 0, 0.0), ("ann", 9, 0.0)],
    "first bought on the last day": [("ann", 365, 1.0)],
    "the same row twice": [("ann", 0, 1.0), ("ann", 0, 1.0)],
}


@pytest.mark.slow
@pytest.mark.parametrize("entrance", ["summary", "scores", "trend", "cohorts", "waterfall"])
@pytest.mark.parametrize("case", SMALLEST)
def test_the_smallest_companies_make_no_nan(case, entrance):
    rows = [(who, date.fromordinal(date(2024, 1, 1).toordinal() + day), amount) for who, day, amount in SMALLEST[case]]
    found = OF_FACTS[entrance](pl.DataFrame(rows, schema=list(ORDERS), orient="row"))

    frame = found if isinstance(found, pl.DataFrame) else found.frame
    assert frame.height
    for name, kind in frame.schema.items():
        assert frame[name].null_count() == 0 or entrance == "cohorts", name
        if kind == pl.Float64:
            assert frame[name].drop_nulls().is_finite().all(), name


@pytest.mark.parametrize("kind", PARAMS)
def test_who_bought_on_the_last_day_says_nothing_and_makes_no_nan(kind):
    model = kind.from_params(PARAMS[kind])
    row = {"frequency": 0, "recency": 0, "T": 0}

    assert model.log_likelihood(row) == 0.0
    for frame in (model.probability_alive(row), model.expected_purchases(row, 4)):
        assert all(frame[name].is_finite().all() for name in frame.columns)
