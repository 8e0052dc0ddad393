"""The next product, on purchases made by a known rule."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from troth import value
from troth.value.next_product import Method, next_products, purchases_of

AS_OF = date(2017, 12, 31)
TASTES, PRODUCTS = 6, 12  # of each taste


def bought(*, fidelity: float, customers: int = 600, seed: int = 3) -> pl.DataFrame:
    """Everybody has one taste and buys of it with this chance, else anything; one product on each of 10 days."""
    draw = np.random.default_rng(seed)
    taste = draw.integers(TASTES, size=customers)
    rows = []
    for customer in range(customers):
        for day in range(10):
            own = taste[customer] if draw.random() < fidelity else draw.integers(TASTES)
            product = f"{own}-{draw.integers(PRODUCTS):02d}"
            rows.append((f"c{customer:03d}", product, AS_OF - timedelta(days=int(9 * (9 - day)))))
    return pl.DataFrame(rows, schema=["customer_id", "product", "order_date"], orient="row")


@pytest.fixture(scope="module")
def faithful():
    return next_products(bought(fidelity=0.9), as_of=AS_OF, shown=5, least_buyers=5)


@pytest.mark.slow
def test_where_tastes_rule_it_tells_them_and_says_by_how_much(faithful):
    trials = {row["method"]: row for row in faithful.trials.iter_rows(named=True)}
    assert faithful.reason == "beats_popular"
    assert faithful.method in (Method.ITEM_TO_ITEM, Method.ALS)
    # Of a taste's 12 products about 7 are not bought yet: five shown at random among them hold most of 90 %.
    assert trials["item_to_item"]["recall"] > 0.45
    assert trials["popular"]["recall"] < 0.15
    assert trials["item_to_item"]["more_low"] > 0.3
    assert trials["popular"]["more"] == 0


@pytest.mark.slow
def test_what_is_suggested_is_of_the_customers_taste_new_to_him_and_says_why(faithful):
    purchases = bought(fidelity=0.9)
    found = faithful.recommend(count=3)
    owned = set(purchases.select("customer_id", "product").iter_rows())
    assert not owned & set(found.select("customer_id", "product").iter_rows())
    assert found["rank"].to_list()[:3] == [1, 2, 3]
    because = found.filter(pl.col("because").is_not_null())
    assert set(because.select("customer_id", "because").iter_rows()) <= owned
    alike = (found["product"].str.head(1) == found["because"].str.head(1)).mean()
    assert alike > 0.85


@pytest.mark.slow
def test_without_tastes_the_popular_are_shown():
    found = next_products(bought(fidelity=0.0), as_of=AS_OF, shown=5, least_buyers=5)
    assert (found.method, found.reason) == (Method.POPULAR, "popular_not_beaten")
    suggestions = found.recommend(["c000"], count=2)
    assert suggestions["because"].to_list() == [None, None]


@pytest.mark.slow
def test_who_is_not_known_is_shown_the_popular(faithful):
    purchases = bought(fidelity=0.9)
    lately = purchases.filter(pl.col("order_date") > AS_OF - timedelta(days=91))
    counted = lately.unique(["customer_id", "product"]).group_by("product").len()
    best = counted.sort("len", descending=True).head(1)
    found = faithful.recommend(["nobody"], count=1)
    assert found.select("customer_id", "rank", "because").row(0) == ("nobody", 1, None)
    shown = counted.filter(pl.col("product") == found["product"][0])
    assert shown["len"][0] == best["len"][0]


def test_recall_is_of_what_was_new_to_the_customer():
    """Forty people buy a, and in the last weeks a again and b; b is what most of the others buy."""
    rows = [(f"o{one}", "b", date(2017, 11, 1)) for one in range(60)]
    for one in range(40):
        rows += [(f"c{one}", "a", date(2017, 11, 1)), (f"c{one}", "a", date(2017, 12, 20))]
        rows += [(f"c{one}", "b", date(2017, 12, 20))]
    frame = pl.DataFrame(rows, schema=["customer_id", "product", "order_date"], orient="row")
    trials = next_products(frame, as_of=AS_OF, shown=1, methods=[Method.POPULAR]).trials
    assert trials.row(0) == ("popular", 40, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0)


def test_too_few_to_tell():
    frame = bought(fidelity=0.9, customers=20)
    found = next_products(frame, as_of=AS_OF, least_buyers=1)
    assert (found.method, found.reason, found.trials.height) == (Method.POPULAR, "too_few_to_tell", 0)


@pytest.mark.slow
def test_what_comes_after_the_day_does_not_count():
    frame = bought(fidelity=0.9)
    later = frame.with_columns(order_date=pl.lit(AS_OF + timedelta(days=1)))
    one = next_products(frame, as_of=AS_OF, least_buyers=5, methods=[Method.ITEM_TO_ITEM])
    two = next_products(pl.concat([frame, later]), as_of=AS_OF, least_buyers=5, methods=[Method.ITEM_TO_ITEM])
    assert one.trials.equals(two.trials)
    assert one.recommend().equals(two.recommend())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda frame: frame.drop("product"), "product"),
        (lambda frame: frame.with_columns(product=pl.lit(None, dtype=pl.String)), "600 rows without it"),
        (lambda frame: frame.with_columns(order_date=pl.lit("2017-01-01")), "no dates"),
        (lambda frame: frame.clear(), "no product was bought by 20 customers"),
    ],
)
def test_refuses_what_it_cannot_read(change, told):
    frame = bought(fidelity=0.9, customers=60)
    with pytest.raises(value.FactsError, match=told):
        next_products(change(frame), as_of=AS_OF)


@pytest.mark.parametrize("setting", [{"ahead_days": 0}, {"shown": 0}, {"confidence": 1.0}])
def test_refuses_settings_outside_their_limits(setting):
    with pytest.raises(value.TermsError, match=next(iter(setting))):
        next_products(bought(fidelity=0.9, customers=5), as_of=AS_OF, **setting)


@pytest.mark.slow
def test_reads_the_lines_of_the_facts():
    orders = pl.DataFrame({"customer_id": ["a", "b"], "order_date": [AS_OF, AS_OF], "net_amount": [1.0, 2.0]})
    lines = pl.DataFrame({
        "customer_id": ["a", "a", "b", "b"], "order_date": [AS_OF] * 4, "category": ["tea", "tea", "milk", ""],
        "sku": ["t1", "t2", "m1", "m2"],
    })  # fmt: skip
    facts = value.Facts(orders, lines=lines)
    by_category = purchases_of(facts, as_of=AS_OF, level="category")
    assert sorted(by_category.iter_rows()) == [("a", "tea", AS_OF), ("b", "milk", AS_OF)]
    assert purchases_of(facts, as_of=AS_OF).height == 4
