"""The arithmetic of tiers, without a database."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.programs.document.reading import stored_document
from troth.programs.tiers import Figures, Holding, Ladder, Span, ladder_of, months_after

JOINED = date(2024, 5, 10)


def ladder(window: str = "rolling", grace: int = 0, **more) -> Ladder:
    raw = {
        "programme": "c", "name": {"en": "C"}, "currency": "CNY",
        "tiers": {
            "window": {"type": window, **more}, "grace_days": grace,
            "ladder": [
                {"code": "basic", "name": {"en": "B"}},
                {"code": "silver", "name": {"en": "S"}, "reach": {"spend": 100}},
                {"code": "gold", "name": {"en": "G"}, "reach": {"any": [{"spend": 1000}, {"visits": 40, "points": 5}]},
                 "keep": {"spend": 500}},
            ],
        },
    }  # fmt: skip
    found = ladder_of(stored_document(raw))
    assert found is not None
    return found


def spent(amount: int, visits: int = 0, points: int = 0) -> Figures:
    return Figures(points, amount * 10_000, visits)


@pytest.mark.parametrize(
    ("figures", "tier"),
    [
        (spent(0), "basic"),
        (spent(99), "basic"),
        (spent(100), "silver"),
        (spent(1000), "gold"),
        (spent(100, visits=40), "silver"),
        (spent(0, visits=40, points=5), "gold"),
    ],
)
def test_the_highest_tier_whose_goal_is_met(figures, tier):
    """lesson: tier minimum ignored for years."""
    assert ladder().reached(figures) == tier


def test_what_is_missing_is_told_for_each_way():
    gold = ladder().steps[2]
    assert gold.reach.missing(spent(400, visits=38)) == (spent(600), Figures(5, 0, 2))
    assert gold.reach.missing(spent(1000)) == ()
    assert gold.keep.missing(spent(400)) == (spent(100),)


@pytest.mark.parametrize(
    ("window", "more", "wanted"),
    [
        ("rolling", {"months": 12}, Span(date(2025, 3, 16), date(2026, 3, 15))),
        ("rolling", {"months": 1}, Span(date(2026, 2, 16), date(2026, 3, 15))),
        ("calendar", {"period": "year"}, Span(date(2026, 1, 1), date(2026, 12, 31))),
        ("calendar", {"period": "quarter"}, Span(date(2026, 1, 1), date(2026, 3, 31))),
        ("calendar", {"period": "month"}, Span(date(2026, 3, 1), date(2026, 3, 31))),
        ("membership_year", {}, Span(date(2025, 5, 10), date(2026, 5, 9))),
    ],
)
def test_each_window(window, more, wanted):
    assert ladder(window, **more).span(date(2026, 3, 15), JOINED) == wanted


def test_the_year_of_a_member_who_joined_on_a_leap_day():
    assert ladder("membership_year").span(date(2026, 2, 28), date(2024, 2, 29)) == Span(
        date(2026, 2, 28), date(2027, 2, 27)
    )


@pytest.mark.parametrize(
    ("window", "until"),
    [("rolling", date(2027, 3, 16)), ("calendar", date(2028, 1, 1)), ("membership_year", date(2027, 5, 10))],
)
def test_how_long_a_tier_reached_counts(window, until):
    move = ladder(window).climb(Holding("basic"), date(2026, 3, 15), JOINED, lambda _span: spent(1000))
    assert move is not None
    assert move.after == Holding("gold", date(2026, 3, 15), until)


def test_a_review_keeps_or_takes_one_step_and_asks_for_what_came_after_the_tier_was_reached():
    steps, asked = ladder(), []

    def sums(amount):
        def answer(span):
            asked.append(span)
            return spent(amount)

        return answer

    gold = Holding("gold", date(2025, 3, 1), date(2026, 3, 2))
    (kept,) = steps.reviews(gold, date(2026, 3, 2), JOINED, sums(500))
    assert (kept.reason, kept.after) == ("kept", Holding("gold", date(2025, 3, 1), date(2027, 3, 2)))
    assert asked == [Span(date(2025, 3, 2), date(2026, 3, 1))]
    (down,) = steps.reviews(gold, date(2026, 3, 2), JOINED, sums(0))
    assert (down.reason, down.after) == ("reviewed", Holding("silver", date(2026, 3, 2), date(2027, 3, 2)))


def test_two_years_away_are_two_steps_down_each_after_its_own_review():
    gold = Holding("gold", date(2024, 3, 1), date(2025, 3, 2))
    moves = list(ladder().reviews(gold, date(2026, 6, 1), JOINED, lambda _span: spent(0)))
    assert [(move.after.tier, move.day) for move in moves] == [
        ("silver", date(2025, 3, 2)),
        ("basic", date(2026, 3, 2)),
    ]
    assert moves[-1].after.until is None


def test_days_of_grace_leave_time_to_keep_the_tier():
    steps, gold = ladder(grace=30), Holding("gold", date(2025, 3, 1), date(2026, 3, 2))
    assert list(steps.reviews(gold, date(2026, 3, 31), JOINED, lambda _span: spent(499))) == []
    (kept,) = steps.reviews(gold, date(2026, 3, 31), JOINED, lambda _span: spent(500))
    assert kept.after.until == date(2027, 3, 2)
    (down,) = steps.reviews(gold, date(2026, 4, 1), JOINED, lambda _span: spent(499))
    assert (down.after.tier, down.day) == ("silver", date(2026, 4, 1))


def test_a_tier_that_left_the_ladder_falls_back_to_its_start():
    (move,) = ladder().reviews(
        Holding("platinum", date(2025, 1, 1), date(2026, 1, 1)), date(2026, 1, 1), JOINED, lambda _span: spent(0)
    )
    assert move.after.tier == "basic"


@given(st.integers(0, 2_000), st.integers(0, 2_000), st.integers(0, 60), st.integers(0, 60))
def test_earning_more_never_reaches_less(amount, more, visits, further):
    steps = ladder()
    low = steps.rank(steps.reached(spent(amount, visits, 5)))
    assert steps.rank(steps.reached(spent(amount + more, visits + further, 5))) >= low


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.sampled_from(["rolling", "calendar", "membership_year"]))
def test_every_day_lies_in_its_own_window_and_before_its_review(day, window):
    steps = ladder(window)
    span = steps.span(day, JOINED)
    assert span.first <= day <= span.last
    assert steps.held_until(day, JOINED, is_renewal=False) > day


def test_months_after_the_end_of_a_month():
    assert months_after(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_after(date(2024, 2, 29), -12) == date(2023, 2, 28)
