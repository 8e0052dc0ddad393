"""Segments side by side: the figures are those of their members, counted by hand."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from troth.access.actors import system_actor
from troth.console.conftest import NOW, SignIn
from troth.customers import services as customers
from troth.insights import services as insights
from troth.insights.tests.making import make_order
from troth.segments import refreshing, services

ACTOR = system_actor("test")


def shown(browser, **data):
    answer = browser.get(reverse("segments:compare"), data)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def cities(company, tmp_path, settings):
    """Two segments by city with two and one customers, who paid 100 and 300, and 50."""
    settings.LAKE_DIR = tmp_path
    made = {}
    for city, amounts in (("Shanghai", (100, 300)), ("Beijing", (50,))):
        for amount in amounts:
            person = customers.create_customer(actor=ACTOR, now=NOW, name=f"{city} {amount}", city=city)
            make_order(person.id, NOW.date() - timedelta(days=3), str(amount), cost=str(amount // 2))
        condition = {"field": "address.city", "operator": "is", "value": city}
        made[city] = services.create_segment(actor=ACTOR, now=NOW, name=f"In {city}", definition=condition)
        services.publish(actor=ACTOR, now=NOW, segment_id=made[city].id)
        refreshing.refresh_members(actor=ACTOR, now=NOW, segment_id=made[city].id)
    return made


@pytest.mark.slow
def test_each_segment_stands_beside_everybody(sign_in: SignIn, cities):
    insights.analyse(actor=ACTOR, now=NOW)
    text = shown(sign_in("manager"))
    assert "Customers with purchases 2 1 3" in text
    assert "Revenue of the last year ¥400.00 ¥50.00 ¥450.00" in text
    assert "Share of all revenue 88.9% 11.1% 100.0%" in text
    assert "Profit a head ¥100.00 ¥25.00 ¥75.00" in text
    assert "Value to come – – –" in text  # three customers tell no model
    only = shown(sign_in("manager", language="zh-hans"), segment=str(cities["Beijing"].id))
    assert "有消费的客户 1 3" in only


def test_before_an_analysis_and_without_segments_it_says_what_to_do(sign_in: SignIn, company):
    assert "No segment is in force yet" in shown(sign_in("manager"))


def test_segments_without_an_analysis(sign_in: SignIn, cities):
    assert "Nothing was analysed yet" in shown(sign_in("manager"))


def test_who_may_not_see_scores_may_not_compare(sign_in: SignIn, company):
    assert sign_in("clerk").get(reverse("segments:compare")).status_code == 403
