"""Delivered value from marks: by hand, beside the formulas for whole answers, and true as often as it says."""

from math import sqrt

import numpy as np
import polars as pl
import pytest
from scipy.stats import t

from troth.value import FactsError, TermsError
from troth.value.delivered import BENEFITS, COSTS
from troth.value.voice.marks import rated

PARTS = (*BENEFITS, *COSTS)


def frame(*rows):
    return pl.DataFrame(rows, schema=["person", "who", "part", "mark"], orient="row")


def sheets(who, products, prices, first=0):
    return [(first + place, who, "product", mark) for place, mark in enumerate(products)] + [
        (first + place, who, "money", mark) for place, mark in enumerate(prices)
    ]


def test_net_and_ratio_of_whole_answers_have_the_intervals_of_a_mean_and_of_a_ratio():
    products, prices = [9, 6, 8, 3, 7, 9], [7, 2, 9, 4, 5, 3]
    (us,) = rated(frame(*sheets("us", products, prices)), parts=("product", "money"))

    got, given = np.array(products), 11 - np.array(prices)
    assert (us.people, us.benefit, us.cost, us.net) == (6, 7.0, 6.0, 1.0)
    half = t.ppf(0.975, 5) * np.std(got - given, ddof=1) / sqrt(6)
    assert (us.net_low, us.net_high) == pytest.approx((1 - half, 1 + half))
    half = t.ppf(0.975, 5) * np.std(got - us.ratio * given, ddof=1) / sqrt(6) / 6
    assert us.ratio == 7 / 6
    assert us.ratio_low == pytest.approx(us.ratio - half)
    assert us.ratio_high == pytest.approx(us.ratio + half)
    assert (us.lead, us.lead_low, us.lead_high) == (None, None, None)


def test_marks_that_stand_for_more_people_count_more():
    """By hand: weighted means; what each pulls is the weighted distance to them over the sum of weights."""
    products, prices, weights = [9, 6, 8, 3], [7, 2, 9, 4], np.array([0.5, 2.0, 1.0, 0.5])
    marks = frame(*sheets("us", products, prices)).with_columns(
        weight=pl.col("person").replace_strict(dict(enumerate(weights)))
    )
    (us,) = rated(marks, parts=("product", "money"))

    net = np.array(products) - (11 - np.array(prices))
    assert us.benefit == pytest.approx((4.5 + 12 + 8 + 1.5) / 4)
    assert us.net == pytest.approx(weights @ net / 4)
    half = t.ppf(0.975, 3) * sqrt(np.sum((weights / 4 * (net - us.net)) ** 2) * 4 / 3)
    assert (us.net_low, us.net_high) == pytest.approx((max(us.net - half, -9), min(us.net + half, 9)))
    (even,) = rated(marks.with_columns(weight=pl.lit(3.0)), parts=("product", "money"))
    (plain,) = rated(marks.drop("weight"), parts=("product", "money"))
    assert [getattr(even, name) for name in ("net", "net_low", "ratio", "ratio_high")] == pytest.approx(
        [getattr(plain, name) for name in ("net", "net_low", "ratio", "ratio_high")]
    )


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan"), float("inf"), None])
def test_a_weight_that_is_none_is_refused(weight):
    marks = frame(*sheets("us", [9, 6], [7, 2])).with_columns(weight=pl.Series([1.0, 1.0, 1.0, weight]))
    with pytest.raises(TermsError, match="must be a finite number above 0"):
        rated(marks, parts=("product", "money"))
    marks = marks.with_columns(weight=pl.Series([1.0, 1.0, 1.0, 2.0]))
    with pytest.raises(TermsError, match="must be one of a person"):
        rated(marks, parts=("product", "money"))


def test_a_lead_is_of_the_same_people():
    """Who rates both alike apart from one mark tells the difference far more exactly than either value."""
    ours, theirs = [10, 8, 4, 2], [9, 7, 3, 2]
    marks = frame(*sheets("us", ours, [5] * 4), *sheets("rival", theirs, [5] * 4))
    us, rival = rated(marks, parts=("product", "money"), against="us")

    assert rival.lead == us.net - rival.net == 0.75
    half = t.ppf(0.975, 3) * np.std(np.array(ours) - np.array(theirs), ddof=1) / 2
    assert half > t.ppf(0.975, 3) * sqrt(4 / 12 / 4) * 0.5
    rounded = t.ppf(0.975, 3) * sqrt(4 / 12 / 4)  # four means of whole marks
    assert rival.lead_high - rival.lead == pytest.approx(max(half, rounded))
    assert us.net_high - us.net > 2 * (rival.lead_high - rival.lead)


def test_who_leaves_a_part_out_counts_in_the_others():
    marks = frame(*sheets("us", [9, 6, 8], [7, 2]))
    (us,) = rated(marks, parts=("product", "money"))

    assert (us.people, us.benefit, us.cost) == (2, 23 / 3, 6.5)
    pulls = np.array([9, 6, 8]) / 3 - 23 / 9
    pulls[:2] -= (11 - np.array([7, 2]) - 6.5) / 2
    half = t.ppf(0.975, 1) * sqrt((pulls**2).sum() * 2)
    assert us.net_low == pytest.approx(max(us.net - half, 1 - 10))
    assert us.net_high == pytest.approx(min(us.net + half, 10 - 1))


def test_marks_that_all_agree_are_still_whole_marks():
    (us,) = rated(frame(*sheets("us", [8] * 30, [6] * 30)), parts=("product", "money"))

    assert us.net == 3
    assert us.net_high - us.net == pytest.approx(t.ppf(0.975, 29) * sqrt(2 / 12 / 30))


def test_where_no_cost_was_asked_for_there_is_no_ratio():
    (us,) = rated(frame((1, "us", "product", 8), (2, "us", "product", 6)), parts=("product",), against="nobody")

    assert (us.benefit, us.cost, us.net, us.ratio, us.ratio_low, us.lead) == (7, 0, 7, None, None, None)
    assert us.net_high == 10  # no further than the scale


def test_one_answer_has_no_interval_and_who_was_not_rated_on_all_no_value():
    marks = frame(*sheets("us", [8], [6]), (0, "rival", "product", 9))
    (us,) = rated(marks, parts=("product", "money"))

    assert (us.who, us.net, us.net_low, us.net_high, us.ratio_low) == ("us", 3.0, None, None, None)
    assert rated(marks.clear(), parts=("product", "money")) == []


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(1, "us", "colour", 5)], "part"),
        ([(1, "us", None, 5)], "part"),
        ([(1, "us", "time", 5)], "those that count"),
        ([(1, "us", "product", 0)], "whole number of 1 to 10"),
        ([(1, "us", "product", 11)], "whole number of 1 to 10"),
        ([(1, "us", "product", 5.5)], "whole number of 1 to 10"),
        ([(1, "us", "product", None)], "whole number of 1 to 10"),
        ([(1, "us", "product", float("nan"))], "whole number of 1 to 10"),
        ([(1, "us", "product", 5), (1, "us", "product", 6)], "one mark of a person"),
    ],
)
def test_what_is_no_mark_is_refused(rows, said):
    with pytest.raises(TermsError, match=said):
        rated(frame((9, "us", "money", 5), *rows), parts=("product", "money"))


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"parts": ()}, "at least one"),
        ({"parts": ("beauty", "money")}, "must be one of"),
        ({"parts": ("money",), "confidence": 1}, "between 0 and 1"),
        ({"parts": ("money",), "lowest": 10}, "below best"),
        ({"parts": ("money",), "lowest": 0}, "above 0"),
    ],
)
def test_terms_that_cannot_be_are_refused(terms, said):
    with pytest.raises(TermsError, match=said):
        rated(frame((1, "us", "money", 5)), **terms)


def test_a_missing_column_is_named():
    with pytest.raises(FactsError, match="mark"):
        rated(frame().drop("mark"), parts=PARTS)


@pytest.mark.slow
@pytest.mark.parametrize("people", [12, 60])
def test_the_interval_holds_the_true_value_as_often_as_it_says(people):
    """Marks of two who were rated, partly left out, drawn anew 400 times from a company that is known."""
    rng, parts = np.random.default_rng(people), ("product", "service", "money", "time")
    meant = {"us": (7.4, 6.8, 5.5, 7.1), "rival": (6.6, 7.2, 6.0, 5.2)}

    def drawn(count):
        mood = rng.normal(0, 1, (count, 1))  # who is content marks everything higher
        return {who: np.clip(np.rint(mood + rng.normal(means, 1.5, (count, 4))), 1, 10) for who, means in meant.items()}

    known = {who: marks.mean(axis=0) for who, marks in drawn(400_000).items()}
    sums = {who: (m[0] + m[1], 22 - m[2] - m[3]) for who, m in known.items()}
    true = {who: (got - given, got / given) for who, (got, given) in sums.items()}
    inside = dict.fromkeys(("net", "ratio", "lead"), 0)
    for _draw in range(400):
        rows = [
            (person, who, part, float(mark))
            for who, marks in drawn(people).items()
            for person, row in enumerate(marks)
            for part, mark in zip(parts, row, strict=True)
            if person < 4 or rng.random() < 0.9
        ]
        us, rival = rated(frame(*rows), parts=parts, against="us")
        inside["net"] += us.net_low <= true["us"][0] <= us.net_high
        inside["ratio"] += us.ratio_low <= true["us"][1] <= us.ratio_high
        inside["lead"] += rival.lead_low <= true["us"][0] - true["rival"][0] <= rival.lead_high
    # 95 % of 400 are 380; right intervals stay within 363 and 394 in 9,999 of 10,000 series.
    assert all(363 <= count <= 398 for count in inside.values()), inside
