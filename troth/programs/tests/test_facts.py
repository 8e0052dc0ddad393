"""What texts say of a member's tier."""

from datetime import timedelta
from decimal import Decimal

import pytest

from troth.messaging.templates import Reader, catalogue
from troth.programs import facts
from troth.programs.tests.making import BASE, FRIDAY

LADDER = """tiers:
  ladder:
    - {code: silver, name: {en: Silver, zh: 银卡}, reach: {spend: 100}}
    - {code: gold, name: {en: Gold, zh: 金卡}, reach: {any: [{spend: 1000}, {points: 5000}]}}
"""
LATER = FRIDAY + timedelta(days=1)


def told(owner, language="en"):
    (found,) = facts.known([Reader(owner, language)], {"tier"}, LATER)
    return found


def test_a_member_is_told_the_tier_and_what_is_missing(publish, person, buy):
    publish(BASE + LADDER)
    ann = person()
    buy(ann, ("apple", "300", "1"))
    found = told(ann)
    assert (found["tier"], found["next_tier"]) == ("Silver", "Gold")
    assert found["tier_spend_missing"] == Decimal(700)
    assert told(ann, "zh-hans")["tier"] == "银卡"


def test_nobody_is_told_a_tier_who_never_joined(publish, person):
    publish(BASE + LADDER)
    assert told(person()) == {}


def test_without_a_ladder_nothing_is_known(publish, person, buy):
    publish(BASE)
    ann = person()
    buy(ann, ("apple", "300", "1"))
    assert told(ann) == {}


@pytest.mark.slow
def test_a_batch_keeps_its_order_and_asks_few_queries(publish, person, buy, django_assert_max_num_queries):
    publish(BASE + LADDER)
    people = [person() for _number in range(30)]
    for one in people[::2]:
        buy(one, ("apple", "150", "1"))
    with django_assert_max_num_queries(12):
        found = facts.known([Reader(one, "en") for one in people], {"tier"}, LATER)
    assert [bool(one) for one in found] == [number % 2 == 0 for number in range(30)]


def test_the_facts_stand_in_the_catalogue_of_texts():
    assert {"tier", "next_tier", "tier_until", "tier_spend_missing"} <= catalogue().keys()
