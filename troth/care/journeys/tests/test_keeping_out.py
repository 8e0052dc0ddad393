"""What a journey gives spares those kept out of all offers, unless members were told that they get it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from troth.activity.models import Order
from troth.care.journeys import queries, services
from troth.care.journeys.tests.conftest import NOW, path
from troth.care.journeys.tests.making import BY_ORDER, text
from troth.care.models import JourneyRun
from troth.customers import queries as customers
from troth.ledger import services as ledger
from troth.ledger.models import Transaction
from troth.messaging import queries as messaging
from troth.messaging import services as messages
from troth.messaging.models import ControlDraw
from troth.rewards import services as rewards
from troth.rewards.models import Benefit, CodeKind, Coupon
from troth.rewards.services import CampaignFields
from troth.segments.tests.conftest import buy


@pytest.fixture
def half_get_no_offers(company, actor):
    """Keep half of the customers out of all offers, and make points to give."""
    version, terms = messaging.in_force()
    messages.save_policy(
        terms=replace(terms, control_percent=50), note="", expected_version=version, actor=actor, now=NOW
    )
    ledger.create_currency(actor=actor, now=NOW, code="points", rules=ledger.CurrencyRules(name="Points"))


def points(*, promised: bool) -> str:
    step = f"{{id: gift, type: points, currency: points, amount: 50, promised: {str(promised).lower()}}}"
    return f"\n  - {step}\n  - {{id: mark, type: tag, tag: Seen}}\n"


def came(owner_id) -> list[tuple[str, str]]:
    return path(JourneyRun.objects.get(owner_id=owner_id))


def points_given() -> list:
    return sorted(Transaction.objects.filter(transaction_kind="earn").values_list("owner_id", flat=True))


@pytest.mark.slow
def test_points_spare_whoever_gets_no_offers(half_get_no_offers, publish, person, actor, tick):
    people = [person() for _one in range(12)]
    journey = publish(text(points(promised=False)))
    services.enter(actor=actor, now=NOW, journey_id=journey.id, customer_ids=people)
    tick(NOW)
    draws = {one.owner_id: one for one in ControlDraw.objects.filter(subject="points:test/gift")}
    out = {owner_id for owner_id, one in draws.items() if one.is_kept_out}
    assert set(draws) == set(people)
    assert 0 < len(out) < 12
    assert all(one.is_of_all == one.is_kept_out for one in draws.values())
    for one in people:
        assert came(one) == [("gift", "kept_out" if one in out else "done"), ("mark", "done")]
    assert points_given() == sorted(set(people) - out)
    counts = queries.step_counts(journey.id)["gift"].outcomes
    assert counts == {"kept_out": len(out), "done": 12 - len(out)}


@pytest.mark.slow
def test_points_that_were_promised_are_withheld_from_nobody(half_get_no_offers, publish, person, actor, tick):
    people = [person() for _one in range(6)]
    journey = publish(text(points(promised=True)))
    services.enter(actor=actor, now=NOW, journey_id=journey.id, customer_ids=people)
    tick(NOW)
    assert points_given() == sorted(people)
    assert not ControlDraw.objects.exists()


@pytest.mark.slow
def test_a_coupon_that_was_promised_is_withheld_from_nobody(half_get_no_offers, publish, person, actor, tick):
    fields = CampaignFields(code="tea", name="Tea", code_kind=CodeKind.UNIQUE, size=9, benefit=Benefit.SHIPPING)
    campaign = rewards.create_campaign(actor=actor, now=NOW, fields=replace(fields, control_percent=50))
    rewards.start_campaign(actor=actor, now=NOW, campaign_id=campaign.id)
    people = [person() for _one in range(6)]
    journey = publish(text("\n  - {id: gift, type: coupon, campaign: tea, promised: true}\n"))
    services.enter(actor=actor, now=NOW, journey_id=journey.id, customer_ids=people)
    tick(NOW)
    assert sorted(Coupon.objects.values_list("owner_id", flat=True)) == sorted(people)
    assert not ControlDraw.objects.exists()


@pytest.mark.slow
def test_a_rehearsal_keeps_the_same_people_out_and_draws_nobody(half_get_no_offers, person, actor):
    people = [person() for _one in range(12)]
    for owner in people:
        buy(customers.customer(owner), 1)
    Order.objects.update(occurred_at=NOW - timedelta(days=10))
    draft = text(points(promised=False), entry=BY_ORDER, reentry="{rule: each_key}")
    journey = services.create_journey(actor=actor, now=NOW, text=draft)
    since = NOW - timedelta(days=30)
    row = services.rehearse(actor=actor, now=NOW, journey_id=journey.id, since=since, in_background=False)
    row = services.play_rehearsal(actor=actor, now=NOW, rehearsal_id=row.id)
    assert not ControlDraw.objects.exists()
    subject = "points:test/gift"
    out = messages.kept_out(subject, people, percent=0, spares_all=True, now=NOW)
    assert 0 < len(out) < 12
    assert row.result["steps"]["gift"] == {"kept_out": len(out), "done": 12 - len(out)}
    assert row.result["points"] == {"points": 50 * (12 - len(out))}
    acts = {one.owner_id: one.outcome for one in queries.rehearsed_acts(row.id) if one.step == "gift"}
    assert acts == {one: "kept_out" if one in out else "done" for one in people}
