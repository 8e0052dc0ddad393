"""Conditions over orders, lines, time and members."""

from datetime import UTC, date, datetime

import pytest

from troth.access.actors import system_actor
from troth.events import services as events
from troth.programs.answers import birthday_parts
from troth.programs.baskets import event_basket
from troth.programs.evaluation import evaluate
from troth.programs.state import MemberState
from troth.programs.tests.making import FRIDAY, NOBODY, SATURDAY, ZONE, compiled, evaluated, points, reasons

pytestmark = pytest.mark.django_db  # the catalogue of the customer's fields is stored in part

LINES = [("Dairy", "10", "2"), ("Bread", "5", "1")]


def when(condition: str, head: str = "") -> str:
    return f"{head}rules:\n  - {{code: one, name: One, when: {condition}, effect: {{type: fixed, points: 1}}}}\n"


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("{field: order.net_amount, operator: at_least, value: 15}", True),
        ("{field: order.net_amount, operator: more_than, value: 15}", False),
        ("{field: order.net_amount, operator: between, value: [14.99, 15.01]}", True),
        ("{field: order.quantity, operator: equals, value: 3}", True),
        ("{field: order.line_count, operator: not_equals, value: 2}", False),
        ("{field: order.categories, operator: has_all_of, value: [dairy, BREAD]}", True),
        ("{field: order.categories, operator: has_none_of, value: [Dairy]}", False),
        ("{field: order.channel, operator: is, value: WEB}", True),
        ("{field: order.channel, operator: none_of, value: [web, app]}", False),
        ("{field: order.tags, operator: has_any_of, value: [payment=card]}", True),
        ("{field: order.store_city, operator: is_empty}", True),
        ("{field: time.weekday, operator: any_of, value: [friday]}", True),
        ("{field: time.hour, operator: equals, value: 12}", True),
        ("{field: time.date, operator: between, value: [2026-11-20, 2026-11-20]}", True),
        ("{field: time.date, operator: in_period, value: last_month}", False),
        ("{field: time.month, operator: at_most, value: 10}", False),
        ("{field: time.day_of_month, operator: equals, value: 20}", True),
        ("{field: member.order_number, operator: equals, value: 1}", True),
        ("{field: member.days_since_last_order, operator: at_least, value: 1}", False),
        ("{field: member.days_since_last_order, operator: is_empty}", True),
        ("{not: {field: order.line_count, operator: equals, value: 2}}", False),
        (
            "{any: [{field: time.hour, operator: equals, value: 1}, {field: time.hour, operator: equals, value: 12}]}",
            True,
        ),
    ],
)
def test_a_condition_over_the_order_the_time_and_the_member(condition, holds):
    fired = points(when(condition), *LINES, channel="web", tags={"payment": "card"})
    assert bool(fired) is holds


def test_a_condition_that_fails_says_which_part_and_the_value_it_found():
    found = evaluated(
        when(
            "{all: [{field: time.hour, operator: equals, value: 12},"
            " {field: order.net_amount, operator: at_least, value: 99.5}]}"
        ),
        *LINES,
    )
    assert found.outcomes[0].to_json() == {
        "rule": "one",
        "reason": "condition",
        "values": {"condition": {"field": "order.net_amount", "operator": "at_least", "value": "99.5"}, "value": "15"},
    }


@pytest.mark.parametrize(("hour", "parts"), [(21, 0), (22, 1), (23, 1), (0, 1), (5, 1), (6, 0), (12, 0)])
def test_a_part_of_the_day_may_run_past_midnight(hour, parts):
    """lesson: a window across midnight (22–06) read as 06–22."""
    head = "dayparts: {night: {from: 22:00, until: 06:00}}\n"
    at = datetime(2026, 11, 20, hour, tzinfo=ZONE).astimezone(UTC)
    assert points(when("{field: time.daypart, operator: has_any_of, value: [night]}", head), *LINES, at=at) == parts


def test_the_stores_clock_decides_the_weekday_not_utc():
    """lesson: visitor's zone against UTC removes a reward after payment."""
    saturday_in_shanghai = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
    text = when("{field: time.weekday, operator: any_of, value: [saturday]}")
    assert points(text, *LINES, at=saturday_in_shanghai) == 1


def test_tier_segments_birthday_and_badges_come_from_the_state():
    head = (
        "badges: [{code: b, name: B}]\n"
        "tiers: {ladder: [{code: basic, name: B}, {code: gold, name: G, reach: {spend: 1}}]}\n"
    )
    for condition, state in (
        ("{field: member.tier, operator: any_of, value: [gold]}", MemberState(tier="gold")),
        ("{field: member.birthday, operator: has_any_of, value: [week]}", MemberState(birthday=("week", "month"))),
        ("{field: member.badges, operator: has_any_of, value: [b]}", MemberState(badges=("b",))),
        ("{field: member.joined_days, operator: at_least, value: 30}", MemberState(joined_days=30)),
    ):
        text = when(condition, head)
        assert (points(text, *LINES, state=state), points(text, *LINES)) == (1, 0)


def test_what_rules_ask_of_the_customer_is_answered_by_the_state():
    text = when("{field: address.city, operator: is, value: Shanghai}")
    (key,) = compiled(text).questions
    assert points(text, *LINES, state=MemberState(answers={key: True})) == 1
    assert points(text, *LINES, state=MemberState(answers={key: False})) == 0
    with pytest.raises(LookupError, match="no answer"):
        points(text, *LINES)


@pytest.mark.parametrize(
    ("birth", "today", "is_lunar", "wanted"),
    [
        ((1990, 11, 22), (2026, 11, 22), False, ("day", "week", "month")),
        ((1990, 11, 22), (2026, 11, 16), False, ("week", "month")),
        ((1990, 11, 22), (2026, 11, 23), False, ("month",)),
        ((1992, 2, 29), (2026, 2, 28), False, ("day", "week", "month")),
        ((1990, 1, 1), (2025, 12, 30), False, ("week",)),
        ((1990, 6, 15), (2026, 7, 7), True, ("day", "week", "month")),  # 23rd of the 5th lunar month
        ((1990, 6, 15), (2026, 6, 15), True, ()),
    ],
)
def test_the_birthday_its_week_and_its_month(birth, today, is_lunar, wanted):
    assert birthday_parts(date(*birth), date(*today), is_lunar=is_lunar) == wanted


# --- challenges, streaks, and other happenings


def test_a_challenge_rewards_once_when_its_goal_is_reached():
    text = "challenges:\n  - {code: three, name: T, goal: 3, period: month, reward: {type: fixed, points: 30}}\n"
    key = "challenge:three:2026-11"
    assert [points(text, *LINES, state=MemberState(counters={key: n})) for n in range(3)] == [0, 0, 30]
    assert evaluated(text, *LINES, state=MemberState(counters={key: 2})).counters == {key: 1, f"given:{key}": 1}
    rewarded = [evaluated(text, *LINES, state=MemberState(counters={key: n, f"given:{key}": 1})) for n in (1, 2, 3)]
    assert [reasons(one) for one in rewarded] == [{"three": "done"}] * 3
    assert [one.points for one in rewarded] == [{}, {}, {}]
    assert points(text, *LINES, state=MemberState(counters={key: 3})) == 30, "the order that had it came back"


def test_a_challenge_of_amount_that_repeats_rewards_as_often_as_it_is_reached():
    text = (
        "challenges:\n"
        "  - {code: spend, name: S, counts: amount, goal: 10, repeats: true, reward: {type: fixed, points: 2}}\n"
    )
    assert points(text, ("A", "35", "1")) == 6
    rewarded = {"challenge:spend:": 350_000, "given:challenge:spend:": 3}
    assert points(text, ("A", "5", "1"), state=MemberState(counters=rewarded)) == 2
    assert points(text, ("A", "5", "1"), state=MemberState(counters={**rewarded, "challenge:spend:": 250_000})) == 0
    assert points(text, ("A", "25", "1"), state=MemberState(counters={**rewarded, "challenge:spend:": 150_000})) == 2


def test_a_streak_of_weeks_is_rewarded_when_it_is_long_enough():
    text = (
        "streaks:\n"
        "  - {code: weekly, name: W, every: week, length: 3, repeats: true, reward: {type: fixed, points: 9}}\n"
    )
    first = evaluated(text, *LINES)
    (key,) = first.counters
    number = int(key.rpartition(":")[2])
    keys = [f"streak:weekly:week:{number - back}" for back in range(7)]

    def given(*weeks: int) -> int:
        return points(text, *LINES, state=MemberState(counters={keys[week]: 1 for week in weeks}))

    assert given() == 0
    assert given(1, 2) == 9
    assert given(1, 3) == 0, "a gap ends the row"
    counted = {keys[0]: 1, keys[1]: 1, keys[2]: 1, f"given:{keys[0]}": 1}
    assert points(text, *LINES, state=MemberState(counters=counted)) == 0, "the week was rewarded before"
    assert given(0, 1, 2) == 9, "the order of this week that had the reward came back"
    assert given(1, 2, 3) == 0
    assert given(1, 2, 3, 4, 5) == 9, "six in a row are twice three"


@pytest.mark.parametrize(("ended", "wanted"), [(None, 9), (3, 9), (2, 0), (1, 0), (0, 0)])
def test_no_day_of_a_streak_counts_for_two_rewards(ended, wanted):
    text = (
        "streaks:\n  - {code: daily, name: D, every: day, length: 3, repeats: true, reward: {type: fixed, points: 9}}\n"
    )
    (key,) = evaluated(text, *LINES).counters
    number = int(key.rpartition(":")[2])
    counters = {f"streak:daily:day:{number - back}": 1 for back in (1, 2)}
    if ended is not None:  # a row that was rewarded, and shortened since by a return
        counters[f"given:streak:daily:day:{number - ended}"] = 1
    assert points(text, *LINES, state=MemberState(counters=counters)) == wanted


def test_a_streak_that_does_not_repeat_is_rewarded_once():
    text = "streaks:\n  - {code: daily, name: D, every: day, length: 2, reward: {type: fixed, points: 9}}\n"
    (key,) = evaluated(text, *LINES).counters
    yesterday = f"streak:daily:day:{int(key.rpartition(':')[2]) - 1}"
    first = evaluated(text, *LINES, state=MemberState(counters={yesterday: 1}))
    assert first.points == {"points": 9}
    assert first.counters == {key: 1, "given:streak:daily:": 1}
    again = evaluated(text, *LINES, state=MemberState(counters={yesterday: 1, "given:streak:daily:": 1}))
    assert (again.points, reasons(again)) == ({}, {"daily": "done"})


def test_any_event_of_the_log_can_earn_also_the_companys_own():
    events.define_event_type(
        name="custom.review.written", label="Review", fields={"stars": "whole"}, actor=system_actor("test"), now=FRIDAY
    )
    programme = compiled("""rules:
  - {code: hello, name: H, on: customers.customer.created, effect: {type: fixed, points: 100}}
  - {code: star, name: S, on: custom.review.written, effect: {type: fixed, points: 10},
     when: {field: event_number.stars, operator: at_least, value: 4}}
""")
    created = event_basket("customers.customer.created", FRIDAY, zone=ZONE, data={})
    assert evaluate(programme, created, NOBODY).points == {"points": 100}
    stars = [event_basket("custom.review.written", SATURDAY, zone=ZONE, data={"stars": n}) for n in (3, 4)]
    assert [evaluate(programme, one, NOBODY).points for one in stars] == [{}, {"points": 10}]
    assert evaluate(programme, event_basket("customers.tag.added", FRIDAY, zone=ZONE, data={}), NOBODY).outcomes == ()
