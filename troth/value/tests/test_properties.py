"""What must hold for any facts, and the same figures computed another way."""

import math
from datetime import date, timedelta

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth import value
from troth.value.tests.cases import D, orders_frame, returns_frame

START = date(2024, 1, 1)
AS_OF = date(2024, 12, 31)

order = st.tuples(
    st.sampled_from("abcdefgh"),
    st.integers(0, 400),
    st.integers(0, 10**7),
    st.integers(0, 3),
    st.integers(0, 4),
)
order_lists = st.lists(order, min_size=1, max_size=60)
few = settings(max_examples=10, deadline=None)


def made(rows):
    """Orders, and returns of a part, all or none of them; some orders have known costs."""
    orders, returns = [], []
    for number, (customer, days, amount, kind, back) in enumerate(rows):
        when = (START + timedelta(days=days)).isoformat()
        net = D(amount) / 10000
        costed = net if kind < 2 else D(0)
        cost = (costed * 2 / 3).quantize(D("0.0001"))
        orders.append((str(number), customer, when, str(net), str(costed), str(cost)))
        if back < 2:
            later = (START + timedelta(days=days + 10)).isoformat()
            returns.append((str(number), customer, later, str(net if back else (net / 2).quantize(D("0.0001")))))
    return orders, returns


def facts_of(rows):
    orders, returns = made(rows)
    return value.Facts(orders_frame(*orders), returns=returns_frame(*returns))


@pytest.mark.slow
@few
@given(order_lists, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows, random):
    orders, returns = made(rows)
    one = value.scores(value.Facts(orders_frame(*orders), returns=returns_frame(*returns)), as_of=AS_OF)
    random.shuffle(orders)
    random.shuffle(returns)
    other = value.scores(value.Facts(orders_frame(*orders), returns=returns_frame(*returns)), as_of=AS_OF)

    assert one.frame.sort("customer_id").equals(other.frame.sort("customer_id"))
    assert one.notes == other.notes


@pytest.mark.slow
@few
@given(order_lists)
def test_no_figure_is_missing_and_every_share_lies_between_0_and_1(rows):
    frame = value.scores(facts_of(rows), as_of=AS_OF).frame

    assert frame.null_count().sum_horizontal().item() == 0
    for name, kind in frame.schema.items():
        if kind == pl.Float64:
            assert all(math.isfinite(figure) for figure in frame[name])
    for name in ("profit_assumed_share", "discount_share", "band_place"):
        assert frame[name].is_between(0, 1).all()
    assert (frame["recency"] <= frame["T"]).all()
    assert frame["rfm"].is_between(111, 555).all()


@pytest.mark.slow
@few
@given(order_lists)
def test_frames_and_notes_together_are_the_books(rows):
    given_facts = facts_of(rows)
    result = value.scores(given_facts, as_of=AS_OF)
    months = value.trend(given_facts, as_of=AS_OF, is_complete_only=False)
    notes = result.notes

    assert result.frame["revenue"].sum() == notes.revenue
    assert months["revenue"].sum() == notes.revenue + notes.without_purchase_revenue
    assert months["new_customers"].sum() == notes.customers
    # The margin is rounded once a customer and once a month: each rounding is at most half a ten-thousandth.
    difference = months["profit"].sum() - notes.profit - notes.without_purchase_profit
    assert abs(difference) <= D("0.0001") * 4 * (len(rows) + 1)


@pytest.mark.slow
@few
@given(order_lists)
def test_shares_add_up_to_one(rows):
    result = value.scores(facts_of(rows), as_of=AS_OF)
    bands, by_status = value.pyramid(result), value.by_status(result)

    for frame, name in ((bands, "customers_share"), (bands, "revenue_share"), (by_status, "customers_share")):
        total = frame[name].sum()
        assert total == 0 or math.isclose(total, 1)
    curve = value.pareto(result).curve
    assert curve["revenue_share"].is_sorted()
    assert curve["customers_share"].is_sorted()


@pytest.mark.slow
@few
@given(order_lists, st.integers(1, 200), st.integers(1, 200))
def test_the_waterfall_adds_up(rows, first, length):
    start = START + timedelta(days=first)
    given_facts = facts_of(rows)
    end = start + timedelta(days=length)
    moves = dict(value.active_waterfall(given_facts, start=start, end=end).rows())
    active = {"new", "repeat", "active"}

    assert moves["start"] + moves["new"] + moves["won_back"] + moves["to_sleeping"] + moves["to_lost"] == moves["end"]
    for step, day in (("start", start), ("end", end)):
        frame = value.scores(given_facts, as_of=day).frame
        assert moves[step] == frame["status"].is_in(active).sum()


@few
@given(st.lists(st.integers(0, 8), min_size=1, max_size=60))
@pytest.mark.slow
def test_equal_values_get_the_same_score_and_better_ones_no_lower_one(purchases):
    frame = pl.DataFrame(
        {
            "customer_id": range(len(purchases)),
            "purchases": purchases,
            "days_since_last_purchase": purchases,
            "revenue": [D(n) for n in purchases],
        }
    )
    scored = value.rfm(frame).join(frame, on="customer_id").sort("purchases")

    assert scored.group_by("purchases").agg(pl.col("f_score", "r_score").n_unique()).select(
        "f_score", "r_score"
    ).max().row(0) == (1, 1)
    assert scored["f_score"].is_sorted()
    assert scored["r_score"].is_sorted(descending=True)
    assert scored["f_score"].equals(scored["m_score"].rename("f_score"))


@pytest.mark.slow
@few
@given(order_lists)
def test_pandas_finds_the_same_figures(rows):
    orders, returns = made(rows)
    o = pd.DataFrame(orders, columns=["order_id", "customer_id", "day", "net", "costed", "cost"], dtype=object)
    o["day"], o["net"] = pd.to_datetime(o["day"]), [D(net) for net in o["net"]]
    o = o[o["day"] <= pd.Timestamp(AS_OF)]
    r = pd.DataFrame(returns, columns=["order_id", "customer_id", "day", "net"], dtype=object)
    r["net"] = [D(net) for net in r["net"]]
    r = r[pd.to_datetime(r["day"]) <= pd.Timestamp(AS_OF)]
    given_back = dict(zip(r["order_id"], r["net"], strict=True))
    back = [given_back.get(number, D(0)) for number in o["order_id"]]
    o["kept"] = [net - gone for net, gone in zip(o["net"], back, strict=True)]
    is_kept = [gone == 0 or left > 0 for gone, left in zip(back, o["kept"], strict=True)]
    kept = o[pd.Series(is_kept, index=o.index, dtype=bool)]

    frame = value.summary(facts_of(rows), as_of=AS_OF)

    assert sorted(kept["customer_id"].unique()) == frame["customer_id"].to_list()
    for found in frame.to_dicts():
        own = kept[kept["customer_id"] == found["customer_id"]]
        days = own.groupby("day")["kept"].agg(lambda kept: sum(kept, D(0))).sort_index()
        repeats = list(days)[1:]
        assert found["frequency"] == len(days) - 1
        assert found["recency"] == (days.index[-1] - days.index[0]).days
        assert found["T"] == (pd.Timestamp(AS_OF) - days.index[0]).days
        assert found["monetary_value"] == (float(sum(repeats)) / len(repeats) if repeats else 0.0)
        mine = o["customer_id"] == found["customer_id"]
        returned = sum(r.loc[r["customer_id"] == found["customer_id"], "net"], D(0))
        assert found["revenue"] == sum(o.loc[mine, "net"], D(0)) - returned


@pytest.mark.slow
def test_plain_sql_finds_the_same_scores():
    rows = [("abcdefghijklmnopqrst"[n * 7 % 20], n * 37 % 366, n * n * 977 % 10**6, n % 4, 5) for n in range(300)]
    orders, _ = made(rows)
    frame = orders_frame(*orders)  # noqa: F841  # DuckDB reads it by its name
    result = value.scores(facts_of(rows), as_of=AS_OF).frame.sort("customer_id")
    sql = """
    with days as (select customer_id, order_date, sum(net_amount) amount from frame group by all),
    people as (
      select customer_id, count(*) purchases, max(order_date) last_day, min(order_date) first_day,
             sum(amount) revenue, date '2024-12-31' - max(order_date) silent
      from days group by all
    ), gaps as (select median((last_day - first_day) / (purchases - 1)) gap from people where purchases > 1)
    select customer_id, purchases, revenue, silent,
           1 + (5 * (2 * (rank() over (order by purchases) - 1) + count(*) over (partition by purchases)))
               // (2 * count(*) over ()) f_score,
           1 + (5 * (2 * (rank() over (order by revenue) - 1) + count(*) over (partition by revenue)))
               // (2 * count(*) over ()) m_score,
           1 + (5 * (2 * (rank() over (order by silent desc) - 1) + count(*) over (partition by silent)))
               // (2 * count(*) over ()) r_score,
           round((2 * round(gap, 2) + (last_day - first_day)) / (2 + purchases - 1), 2) usual_gap
    from people, gaps order by customer_id
    """
    wanted = duckdb.sql(sql).fetchall()
    columns = (
        *("customer_id", "purchases", "revenue", "days_since_last_purchase"),
        *("f_score", "m_score", "r_score", "usual_gap_days"),
    )
    assert result.select(columns).rows() == wanted


@pytest.mark.slow
@few
@given(order_lists, st.booleans())
def test_a_plain_log_gives_the_figures_of_one_that_also_tells_costs_of_nothing(rows, has_returns):
    """It is grouped another way; see `troth.value.base`."""
    orders, returns = made([(customer, days, amount, 2, back) for customer, days, amount, _, back in rows])
    wide, back = orders_frame(*orders), returns_frame(*returns) if has_returns else None
    plain = wide.drop("costed_amount", "cost_amount")

    for reckon in (value.summary, lambda facts, as_of: value.scores(facts, as_of=as_of).frame):
        found = reckon(value.Facts(plain, returns=back), as_of=AS_OF)
        wanted = reckon(value.Facts(wide, returns=back), as_of=AS_OF)
        assert found.sort("customer_id").equals(wanted.sort("customer_id"))
        assert found.schema == wanted.schema


@pytest.mark.slow
@few
@given(order_lists, st.sampled_from(["days", "weeks"]))
def test_histories_counted_by_the_engine_are_those_of_the_summary(rows, unit):
    given_facts = facts_of(rows)
    frame = value.summary(given_facts, as_of=AS_OF, unit=unit)
    (_, found), *_ = value.models.histories_of(given_facts, as_of=AS_OF, unit=unit)

    wanted = value.models.histories(frame, unit=unit)
    rows_of = [sorted(zip(h.frequency, h.recency, h.T, h.customers, strict=True)) for h in (found, wanted)]
    assert rows_of[0] == rows_of[1]
