"""What was known on past evenings: by hand, and never from what came later."""

import random
from datetime import date, timedelta

import polars as pl
import pytest

from troth import value
from troth.value.churn import Trace, churn_rows
from troth.value.errors import FactsError
from troth.value.tests.cases import lines_frame, orders_frame, returns_frame

pytestmark = pytest.mark.slow
AS_OF = date(2026, 1, 1)
START = AS_OF - timedelta(days=200)


def on(days_ago):
    return (AS_OF - timedelta(days=days_ago)).isoformat()


def bought(customer, *days_ago, net="10"):
    return [(f"{customer}-{number}", customer, on(ago), net) for number, ago in enumerate(days_ago)]


ORDERS = [
    *bought("ann", *range(200, -1, -10)),  # every tenth day to the end
    *bought("bob", *range(200, 79, -10)),  # the same, until eighty days ago
    *bought("eve", 200, 190, net="30"),  # long lost
]
TRACES = pl.DataFrame(
    {
        "customer_id": ["ann", "ann", "ann", "bob"], "trace": ["complaint", "complaint", "mood", "mood"],
        "day": [AS_OF - timedelta(days=ago) for ago in (90, 20, 60, 100)], "amount": [1.0, 1.0, 8.0, 3.0],
    }
)  # fmt: skip
KINDS = {"complaint": Trace("complaints"), "mood": Trace("answers", "last")}


def rows(orders=ORDERS, **more):
    return churn_rows(value.Facts(orders_frame(*orders), **more), as_of=AS_OF, traces=TRACES, kinds=KINDS)


def steady(count):
    """Customers who buy at random, about every tenth day."""
    chance = random.Random(1)
    return [
        row
        for number in range(count)
        for row in bought(f"c{number}", *sorted({chance.randrange(201) for _purchase in range(20)}, reverse=True))
    ]


def known(found, customer, days_ago=None):
    frame = found.now if days_ago is None else found.past.filter(pl.col("cut_date") == AS_OF - timedelta(days=days_ago))
    return frame.row(by_predicate=pl.col("customer_id") == customer, named=True)


def test_what_is_foretold_is_three_own_gaps_and_who_falls_silent_has_left():
    found = rows()
    # Every tenth day, so three gaps are thirty days, the same for all here; whole weeks cover them.
    assert found.ahead_days == 35
    assert sorted(found.now["customer_id"]) == ["ann"]  # bob is silent for eighty days, beyond six gaps
    assert known(found, "ann")["ahead_days"] == 30
    # Bob's last purchase is eighty days ago: the cut-off 105 days ago saw him come back, the one of 70 did not.
    assert [(known(found, "bob", ago)["left"], known(found, "ann", ago)["left"]) for ago in (105, 70)] == [
        (0, 0),
        (1, 0),
    ]
    with pytest.raises(pl.exceptions.NoRowsReturnedError):
        known(found, "eve", 105)


def test_features_of_an_evening_by_hand():
    told = known(rows(returns=returns_frame((None, "ann", on(75), "5"), (None, "ann", on(5), "5"))), "ann", 70)
    # Fourteen purchases from 200 to 70 days ago; ten of them in the 91 days that end there.
    assert (told["purchases"], told["age_days"], told["silent_days"]) == (14, 130, 0)
    assert told["silence_share"] == 0.0
    assert known(rows(), "bob", 70)["silence_share"] == 1.0  # ten days against a usual gap of ten
    assert (told["purchases_91"], told["spend_91"], told["mean_purchase"]) == (10, 100.0, 10.0)
    assert "pace" not in told  # no evening has two quarters to compare yet
    assert told["returned_share"] == pytest.approx(5 / 140)
    assert (told["complaint"], told["mood"]) == (1.0, None)


def test_traces_count_half_a_year_and_the_last_answer_stays():
    found = rows()
    told = known(found, "ann")
    assert (told["complaint"], told["mood"]) == (2.0, 8.0)
    assert known(found, "bob", 70)["mood"] == 3.0
    assert found.themes["complaint"] == "complaints"


def test_nothing_that_came_after_an_evening_changes_what_was_known_on_it():
    """The past of 70 days ago is the same with another future: orders, returns, lines, traces."""
    cut = 70
    lines = [("c1", on(150), "tea"), ("ann", on(100), "tea"), ("ann", on(80), "cups"), ("ann", on(60), "milk")]
    crowd = steady(120)  # enough to fit a model of buying to
    given = rows([*ORDERS, *crowd], lines=lines_frame(*lines), returns=returns_frame(("ann-5", "ann", on(75), "5")))
    future = [*bought("bob2", 60, 55)]
    changed = [(order, "bob" if customer == "bob2" else customer, day, net) for order, customer, day, net in future]
    orders = [row for row in ORDERS if not (row[1] == "ann" and row[2] > on(cut))] + changed + crowd
    later = TRACES.head(1).with_columns(day=pl.lit(AS_OF - timedelta(days=10)), amount=pl.lit(99.0))
    traces = pl.concat([TRACES.filter(pl.col("day") <= AS_OF - timedelta(days=cut)), later])
    facts = value.Facts(
        orders_frame(*orders),
        lines=lines_frame(*lines[:3], ("ann", on(40), "jam"), ("ann", on(3), "bread")),
        # All of an order that was counted on that evening comes back later.
        returns=returns_frame(("ann-5", "ann", on(75), "5"), ("ann-6", "ann", on(40), "10")),
    )
    other = churn_rows(facts, as_of=AS_OF, traces=traces, kinds=KINDS)
    assert other.ahead_days == given.ahead_days == 35
    evening = pl.col("cut_date") <= AS_OF - timedelta(days=cut)
    shared = ["customer_id", "cut_date", "ahead_days", *(set(given.features) & set(other.features))]
    assert {"purchases", "categories", "returned_share", "complaint", "alive_place"} <= {*shared}
    assert given.past.filter(evening)["alive_place"].count() > 0
    first, second = (one.past.filter(evening).select(shared).sort("customer_id", "cut_date") for one in (given, other))
    assert first.height > 6
    assert first.equals(second)
    assert not given.past["left"].equals(other.past["left"]), "the futures do differ"


def test_whoever_objects_is_neither_learned_from_nor_foretold():
    found = churn_rows(value.Facts(orders_frame(*ORDERS)), as_of=AS_OF, without=["ann"])
    assert "ann" not in {*found.past["customer_id"], *found.now["customer_id"]}
    assert "bob" in set(found.past["customer_id"])


def test_of_many_customers_a_sample_is_learned_from_and_everybody_foretold():
    orders = [row for number in range(12) for row in bought(f"c{number}", *range(200 - number, -1, -10))]
    found = churn_rows(value.Facts(orders_frame(*orders)), as_of=AS_OF, most_customers=5)
    assert found.is_sample
    assert found.past["customer_id"].n_unique() == 5
    assert found.now.height == 12
    again = churn_rows(value.Facts(orders_frame(*orders)), as_of=AS_OF, most_customers=5)
    assert set(again.past["customer_id"]) == set(found.past["customer_id"])


def test_a_last_day_that_is_not_over_is_no_evening():
    """About six buy on a usual day; on this one nobody has yet, or one has."""
    crowd = steady(60)
    facts = value.Facts(orders_frame(*crowd, ("x", "c1", (AS_OF + timedelta(days=1)).isoformat(), "10")))
    assert churn_rows(facts, as_of=AS_OF + timedelta(days=1)).as_of == AS_OF
    assert churn_rows(facts, as_of=AS_OF + timedelta(days=2)).as_of == AS_OF
    assert rows().as_of == AS_OF, "where usually nobody buys, every day is ordinary"


def test_what_nobody_knew_lately_is_no_feature():
    """No evening but today's had two quarters to compare."""
    found = rows()
    assert "pace" not in found.features
    assert {"silence_share", "complaint"} <= set(found.features)


def test_what_was_known_of_nobody_learned_from_is_no_plain_way():
    """It takes a hundred customers to fit a model of buying, and there were sixty until four months ago."""
    chance = random.Random(2)

    def leaving(name, first):
        last = chance.randrange(first)
        return bought(name, *sorted({first, *(chance.randrange(last, first) for _one in range(8))}, reverse=True))

    old = [row for number in range(60) for row in leaving(f"o{number}", 200)]
    young = [row for number in range(90) for row in leaving(f"n{number}", 110)]
    found = rows([*old, *young])
    assert "probability_alive" in found.features
    assert set(found.baselines) == {"own_rhythm"}
    assert set(rows([*old, *(row for number in range(90) for row in leaving(f"m{number}", 199))]).baselines) == {
        "own_rhythm", "alive",
    }  # fmt: skip


def test_a_past_of_less_than_sixteen_weeks_is_refused():
    with pytest.raises(FactsError) as refused:
        churn_rows(value.Facts(orders_frame(*bought("ann", *range(100, -1, -10)))), as_of=AS_OF)
    assert refused.value.problems[0].code == "too_short"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"day": pl.lit(None, dtype=pl.Date)}, "traces: day: 4 rows without it, the first in row 0"),
        ({"day": pl.lit("x")}, "traces: day: holds String, not days"),
        ({"trace": pl.lit("visit")}, "traces: trace: visit: name it in kinds"),
    ],
)
def test_bad_traces_are_refused_by_column_and_row(change, said):
    with pytest.raises(FactsError, match=said):
        churn_rows(value.Facts(orders_frame(*ORDERS)), as_of=AS_OF, traces=TRACES.with_columns(**change), kinds=KINDS)
