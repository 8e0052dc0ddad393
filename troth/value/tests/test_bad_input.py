"""What cannot be computed with is refused by table, column and row at every entrance; what can never makes NaN."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from troth import value
from troth.value import churn, experiments, loyalty, models, next_product
from troth.value.voice import drivers, kano, silence, texts

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


NAN, INF = float("nan"), float("inf")
PAIRS = [(day, f"p{day % 7}") for day in range(140)]
BASKETS = pl.DataFrame(
    {
        "customer_id": [f"c{place % 20}" for place, _pair in enumerate(PAIRS)],
        "product": [product for _day, product in PAIRS],
        "order_date": [date(2024, 1, 1 + day % 28) for day, _product in PAIRS],
    }
)
GROUPS = pl.DataFrame(
    {
        "arm": ["control", "mail"] * 200,
        "spend": [float(place * 7 % 13) for place in range(400)],
        "before": [float(place * 5 % 11) for place in range(400)],
    }
)
LEAVING = pl.DataFrame(
    {
        "cut_date": [date(2024, quarter, 1) for quarter in (1, 4, 7) for _one in range(70)],
        "silence": [float(place * 7 % 13) for place in range(210)],
        "left": [place % 2 for place in range(210)],
    }
)
ASKED = pl.DataFrame({"band": ["gold", "gold", "silver"], "answered": [True, False, True]})
RATED = pl.DataFrame({"said": [place * 7 % 11 for place in range(60)], "taste": [1 + place % 5 for place in range(60)]})
MONEY = pl.DataFrame({"customer_id": ["a", "b", "c"], "profit": [5.0, -20.0, -3.0]})
LINKS = pl.DataFrame({"customer_id": ["b", "c"], "referred_by": ["a", "b"]})
KEPT = pl.DataFrame({"profit": [10.0] * 40, "stayed": [True, False] * 20})
CHAIN = value.Chain(4, 0.5)
HALF: Any = [("like",)]  # what typed code would never pass
NOBODY: Any = None


def put(frame, column, given, row=1):
    """The frame with another value in one row."""
    values = frame[column].to_list()
    values[row] = given
    return frame.with_columns(pl.Series(column, values, strict=False))


def next_of(frame=BASKETS, **settings):
    return next_product.next_products(frame, as_of=date(2024, 1, 31), **({"least_buyers": 2} | settings))


def churn_of(frame=LEAVING, features=("silence",), **settings):
    return churn.fit_churn(frame, label="left", features=features, **settings)


def uplift_of(frame=GROUPS, features=("before",), **settings):
    return experiments.uplift(frame, outcome="spend", features=features, draws=settings.pop("draws", 100), **settings)


def compare_of(frame=GROUPS, **settings):
    return experiments.compare(frame, outcome="spend", **settings)


def drivers_of(frame=RATED, scale=(1, 5), **settings):
    return drivers.drivers(frame, outcome="said", scales={"taste": scale}, **settings)


def value_of(**settings):
    frame = pl.DataFrame({"frequency": [0, 2], "recency": [0, 5], "T": [9, 8], "monetary_value": [0.0, 20.0]})
    return models.lifetime_value(in_days(models.BetaGeoModel), SPEND, frame.with_columns(**settings.pop("also", {})),
                                 **settings)  # fmt: skip


REFUSED = {
    # Frames: the column and the row.
    "next: no frame": (lambda: next_of([1, 2]), "list is no frame: pass polars, pandas or pyarrow"),
    "next: no customer": (lambda: next_of(put(BASKETS, "customer_id", None)), "purchases: customer_id: 1 rows without"),
    "next: no product": (lambda: next_of(put(BASKETS, "product", None)), "purchases: product: 1 rows without it"),
    "next: products that are fractions": (lambda: next_of(BASKETS.with_columns(product=0.5)), "product: holds Float64"),
    "next: moments": (lambda: next_of(BASKETS.with_columns(order_date=datetime(2024, 1, 1))), "order_date: no dates"),
    "next: nobody": (lambda: next_of(BASKETS.head(0)), "product: no product was bought by 2 customers"),
    "next: only days to come": (lambda: next_of(BASKETS.with_columns(order_date=date(2030, 1, 1))), "no product was"),
    "churn: infinite": (lambda: churn_of(put(LEAVING, "silence", INF)), "customers: silence: infinite: inf in row 1"),
    "churn: too large": (lambda: churn_of(put(LEAVING, "silence", 1e39)), "beyond ±1e+30: 1e+39 in row 1"),
    "churn: label 2": (lambda: churn_of(put(LEAVING, "left", 2)), "customers: left: neither 0 nor 1: 2 in row 1"),
    "churn: label unknown": (lambda: churn_of(put(LEAVING, "left", None)), "left: neither 0 nor 1: None in row 1"),
    "churn: text": (lambda: churn_of(LEAVING.with_columns(silence=pl.lit("x"))), "silence: holds String, not numbers"),
    "churn: no day": (lambda: churn_of(put(LEAVING, "cut_date", None)), "cut_date: no day: None in row 1"),
    "churn: one row": (lambda: churn_of(LEAVING.head(1)), "cut_date: 1 different days"),
    "uplift: text": (lambda: uplift_of(GROUPS.with_columns(spend=pl.lit("x"))), "spend 'String': must hold numbers"),
    "uplift: nan": (lambda: uplift_of(put(GROUPS, "spend", NAN)), "spend nan: in row 1 (counted from 0): must be"),
    "uplift: one row": (lambda: uplift_of(GROUPS.head(1)), "must name one group besides the control"),
    "compare: infinite": (lambda: compare_of(put(GROUPS, "spend", INF)), "spend inf: in row 1 (counted from 0): must"),
    "compare: unknown": (lambda: compare_of(put(GROUPS, "spend", None)), "spend None: in row 1 (counted from 0): must"),
    "compare: too large": (lambda: compare_of(put(GROUPS, "spend", -1e300)), "spend -1e+300: in row 1 (counted"),
    "compare: before": (lambda: compare_of(put(GROUPS, "before", NAN), before="before"), "before nan: in row 1"),
    "compare: currencies": (lambda: compare_of(GROUPS.with_columns(currency=pl.col("arm").replace("mail", "USD"))),
                            "people: currency: more than one: USD, control"),
    "qini: nan": (lambda: experiments.qini(put(GROUPS, "spend", NAN), ranking="before", outcome="spend",
                                           treated="arm"), "spend nan: in row 1"),
    "qini: text": (lambda: experiments.qini(GROUPS, ranking="before", outcome="spend", treated="arm"), "arm 'String'"),
    "response: 2": (lambda: silence.response(ASKED.with_columns(answered=2), "band"), "answered 2: in row 0"),
    "response: unknown": (lambda: silence.response(put(ASKED, "answered", None), "band"), "answered None: in row 1"),
    "response: text": (lambda: silence.response(ASKED.with_columns(answered=pl.lit("yes")), "band"), "'String': must"),
    "drivers: nan": (lambda: drivers_of(put(RATED, "taste", NAN)), "taste nan: in row 1 (counted from 0): must be"),
    "drivers: infinite outcome": (lambda: drivers_of(put(RATED, "said", INF)), "said inf: in row 1 (counted from 0)"),
    "drivers: off the scale": (lambda: drivers_of(put(RATED, "taste", 9)), "taste 9.0: in row 1 (counted from 0)"),
    "drivers: text": (lambda: drivers_of(RATED.with_columns(taste=pl.lit("x"))), "taste 'String': must hold numbers"),
    "influence: infinite": (lambda: value.influence(put(MONEY, "profit", INF), LINKS), "profit inf: in row 1"),
    "influence: text": (lambda: value.influence(MONEY.with_columns(profit=pl.lit("x")), LINKS), "profit 'String'"),
    "influence: no id": (lambda: value.influence(MONEY, put(LINKS, "referred_by", None)),
                         "referrals: referred_by: no id: None in row 1"),
    "influence: two types": (lambda: value.influence(MONEY, LINKS.with_columns(customer_id=1)),
                             "referrals: customer_id: holds Int32, but the ids of customers are String"),
    "influence: currencies": (lambda: value.influence(MONEY.with_columns(currency=pl.col("customer_id")), LINKS),
                              "customers: currency: more than one: a, b, c"),
    "retention: unknown": (lambda: value.retention_gains(put(KEPT, "stayed", None)), "stayed None: in row 1"),
    "retention: 2": (lambda: value.retention_gains(KEPT.with_columns(stayed=2)), "stayed 2: in row 0"),
    "retention: text": (lambda: value.retention_gains(KEPT.with_columns(profit=pl.lit("x"))), "profit 'String'"),
    "retention: twice": (lambda: value.retention_gains(KEPT.with_columns(customer_id=1)), "1 stands twice"),
    "lifetime: margin of a row": (lambda: value_of(also={"m": pl.lit(NAN)}, margin="m"),
                                  "customers: m: no finite number: nan in row 0"),
    # Sides and pairs.
    "measures: none left": (lambda: churn.measures({"way": [0.5, 0.4]}, [0, 0]), "came 0: must hold some who left"),
    "measures: no chance": (lambda: churn.measures({"way": [0.5, 2]}, [0, 1]), "ways.way 2.0: in row 1"),
    "measures: nobody": (lambda: churn.measures({"way": []}, []), "came 0: must hold some who left"),
    "calibration: nan": (lambda: churn.calibration([NAN], [1]), "chance nan: in row 0 (counted from 0): must be"),
    "calibration: 2": (lambda: churn.calibration([0.5], [2]), "came 2.0: in row 0 (counted from 0): must be 1"),
    "stability: text": (lambda: churn.population_stability(["a"], [1.0]), "before ['a']: must be a column of numbers"),
    "kano: half a pair": (lambda: kano.feature("f", HALF), "pairs ('like',): must be two answers"),
    "texts: none": (lambda: texts.words(NOBODY), "text None: must be a text"),
    "texts: one text": (lambda: texts.keywords("tea"), "texts 'tea': must be a list of texts"),
    "texts: sides": (lambda: texts.keywords(["tea"], [True, False]), "is_bad 2: must be 1, one a text"),
    "texts: a rival": (lambda: texts.information("tea", rivals="abc"), "rivals 'abc': must be a list of names"),
    "features: a text": (lambda: churn_of(features="silence"), "features 'silence': must be a list of columns"),
    "features: twice": (lambda: churn_of(features=["silence", "silence"]), "features 'silence': must be named once"),
    "features: the label": (lambda: churn_of(features=["left"]), "features 'left': must be known on the day"),
    "features: the outcome": (lambda: uplift_of(features=["spend"]), "features 'spend': must be known"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_computed_with_is_refused_by_name_and_row(case):
    ask, said = REFUSED[case]
    with pytest.raises(value.ValueFault) as refused:
        ask()
    assert said in str(refused.value)


SETTINGS: dict[str, Any] = {
    "next": (next_of, ["ahead_days", "shown", "least_buyers", "most_products", "most_customers"], [0, -1, 1.5, None]),
    "next: shares": (next_of, ["confidence"], [0, 1, -1, None]),
    "churn": (churn_of, ["confidence"], [0, 1, -1, None]),
    "churn: seed": (churn_of, ["seed"], [-1, 1.5, None]),
    "uplift": (uplift_of, ["folds", "draws"], [0, -1, 4.5, None]),
    "uplift: cost": (uplift_of, ["cost"], [-1, None]),
    "compare": (compare_of, ["confidence"], [0, 1, -1, None]),
    "planned": (lambda **one: compare_of(planned={"control": one["share"], "mail": 1}), ["share"], [0, -1, None]),
    "needed": (lambda **one: experiments.people_needed(**({"deviation": 1, "difference": 1} | one)),
               ["deviation", "difference", "control_share", "power", "confidence"], [0, None]),
    "needed: tiny": (lambda **one: experiments.people_needed(deviation=1, **one), ["difference"], [1e-200, 1e-320]),
    "rate": (lambda **one: experiments.people_needed_for_rate(**({"rate": 0.1, "difference": 0.01} | one)),
             ["rate", "difference", "control_share", "power", "confidence"], [0, 1, -1, None]),
    "rate: tiny": (lambda **one: experiments.people_needed_for_rate(rate=0.5, **one), ["difference"], [1e-300]),
    "seen": (lambda **one: experiments.detectable(**({"people": 100, "deviation": 1} | one)),
             ["people", "deviation", "control_share", "power", "confidence"], [0, -1, None]),
    "looking": (lambda **one: experiments.always_valid(1.0, 0.1, **({"expected": 1} | one)),
                ["expected", "confidence"], [0, None]),
    "looking: error": (lambda **one: experiments.always_valid(1.0, one["deviation"], expected=1.0), ["deviation"],
                       [-1, 1e-200, 1e200, None]),
    "rake": (lambda **one: silence.rake(ASKED, {"band": {"gold": 1}}, **one), ["limit"], [0, 1, -1, None]),
    "rake: rounds": (lambda **one: silence.rake(ASKED, {"band": {"gold": 1}}, **one), ["rounds"], [0, -1, 1.5, None]),
    "rake: asked": (lambda **one: silence.rake(ASKED, {"band": one}), ["gold"], [-1, 1e300, None]),
    "needs": (lambda **one: kano.needs_map([], one, stated_from=0.5), ["stated"], [-1, 2, None]),
    "needs: from": (lambda **one: kano.needs_map([], {}, **one), ["stated_from"], [-1, 2, None]),
    "drivers": (drivers_of, ["resamples"], [0, -1, 1.5, None]),
    "drivers: scale": (lambda **one: drivers_of(scale=(1, one["taste"])), ["taste"], [1, -1, None]),
    "texts": (lambda **one: texts.keywords(["tea"], **one), ["most"], [0, -1, 1.5, None]),
    "chain": (lambda **one: value.Chain(**({"introductions": 4, "conversion": 0.5} | one)),
              ["introductions", "conversion"], [-1, None]),
    "rounds": (lambda **one: value.referral_rounds(CHAIN, **one), ["start"], [0, -1, None]),
    "rounds: how many": (lambda **one: value.referral_rounds(CHAIN, **one), ["rounds"], [0, -1, 1.5, 101, None]),
    "annuity": (lambda **one: value.Annuity(**({"profit": 1, "retention": 0.8, "annual_discount": 0.1} | one)),
                ["profit", "retention", "annual_discount"], [None, -1e200]),
    "annuity: cost": (lambda **one: value.Annuity(100, 0.8, 0.1).years_to_pay(**one), ["acquisition_cost"], [-1, None]),
    "retention": (lambda **one: value.retention_gains(KEPT, **one), ["more", "annual_discount", "confidence"],
                  [0, -1, None]),
    "influence": (lambda **one: value.influence(MONEY, LINKS, **one), ["passed_on"], [1, -1, None]),
    "simulate": (lambda **one: in_days(models.BetaGeoModel).simulate(**({"customers": 3, "T": 39, "seed": 1} | one)),
                 ["customers", "seed"], [-1, 1.5, "a", None]),
    "simulate: age": (lambda **one: in_days(models.BetaGeoModel).simulate(3, one["T"], seed=1), ["T"],
                      [-1, [1, 2], "a"]),
    "lifetime": (value_of, ["months"], [0, -1, 1.5, 601, None]),
    "lifetime: rates": (value_of, ["annual_discount"], [-1, -2, None]),
    "lifetime: level": (value_of, ["level"], [0, 1, "a"]),
    "lifetime: margin": (value_of, ["margin"], [1e7, None, [0.3, 0.2]]),
}  # fmt: skip


@pytest.mark.parametrize(
    ("case", "name", "given"),
    [(case, name, one) for case, (_ask, names, bad) in SETTINGS.items() for name in names for one in (NAN, INF, *bad)],
)
def test_a_setting_outside_its_limits_is_named_with_its_value(case, name, given):
    with pytest.raises(value.TermsError) as refused:
        SETTINGS[case][0](**{name: given})
    assert name in refused.value.field
    assert repr(given) in str(refused.value)


def test_what_is_odd_but_possible_follows_a_rule():
    """Stated in the docstrings: losses, unknown figures, who is not known, and the same thing said by everybody."""
    credit = dict(value.influence(MONEY, LINKS).select("customer_id", "influence_value").iter_rows())
    assert credit == {"a": -20.0 - 1.5, "b": -1.5, "c": 0.0}
    effect = compare_of(GROUPS.with_columns(spend=-5.0))
    assert (effect.effects[0].difference, effect.effects[0].relative) == (0.0, None)
    assert experiments.Doubt.NO_SPREAD in effect.doubts
    assert value.Annuity(-100, 0.5, 0.0).value == -200
    assert value.Annuity(-100, 0.5, 0.0).years_to_pay(50) is None
    assert value.Annuity(100, 1, 0.1).expected_years == INF  # nobody ever leaves
    whole = value_of(level=None)["lifetime_value"]
    assert value_of(level=None, margin=-0.5)["lifetime_value"].to_list() == [-one / 2 for one in whole]
    assert experiments.people_needed(deviation=1e-300, difference=1) == 2
    assert churn.population_stability([], [1.0]) == 0.0
    assert drivers_of(RATED.with_columns(said=5)).table.is_empty()
    assert drivers_of(RATED.head(1)).table.is_empty()
    assert silence.rake(ASKED.head(0), {"band": {"gold": 3}}).uncovered == ["band=gold"]
    found = silence.response(put(ASKED, "band", None), "band")
    assert found["band"].to_list() == ["gold", "silver", None]
    assert (kano.feature("f", []).count, texts.words(""), texts.keywords([])) == (0, [], [])
    popular = next_of(BASKETS.unique("product"), least_buyers=1)
    assert popular.reason == "too_few_to_tell"
    assert popular.recommend(["nobody we know"], count=1).height == 1
    assert popular.recommend([]).is_empty()
    with pytest.raises(value.TermsError, match="must be ids of type String"):
        popular.recommend([7])


@pytest.mark.slow
@pytest.mark.parametrize("given", [NAN, None, INF])
def test_an_unknown_trait_of_a_person_makes_no_nan(given):
    told = uplift_of(put(GROUPS, "before", given))
    for frame in (told.people, told.curve, told.tenths, told.traits):
        for name, kind in frame.schema.items():
            assert kind != pl.Float64 or frame[name].is_finite().all(), name


@pytest.mark.slow
@pytest.mark.parametrize("given", [NAN, None])
def test_an_unknown_feature_of_who_may_leave_makes_no_nan(given):
    told = churn_of(put(LEAVING, "silence", given))
    for frame in (told.trials, told.calibration, told.weights):
        for name, kind in frame.schema.items():
            assert kind != pl.Float64 or frame[name].is_finite().all(), name
