"""What rewards tell the condition language."""

from datetime import timedelta

import pytest

from troth.rewards import services
from troth.rewards.services import Redeem
from troth.segments import queries as segments

from .conftest import ACTOR, LATER, NOW, assigned, merge, post, redeem_one


@pytest.fixture
def found(campaign, reward, points, ann, bob, person):
    """Ann redeemed a mug and used one of two coupons; Bob's mug was cancelled; Cleo's coupon ended."""
    campaign()
    campaign(code="short", ends_at=LATER)
    reward()
    points(ann, 500)
    points(bob, 500)
    cleo = person(name="Cleo")
    assigned(cleo, campaign="short")
    redeem_one(ann)
    undone = redeem_one(bob).redemption_id
    services.cancel_redemption(actor=ACTOR, now=NOW, redemption_id=undone, reason="member")
    used, _kept = assigned(ann, "a"), assigned(ann, "b")
    post(Redeem(key="u", code=used.code, customer_id=ann.id, occurred_at=NOW, currency="CNY"))
    names = {ann.id: "Ann", bob.id: "Bob", cleo.id: "Cleo"}

    def ask(field, operator, value, now=LATER, **params):
        leaf = {"field": field, "operator": operator, "value": value} | ({"with": params} if params else {})
        fields = segments.catalogue()
        return {
            names[one]
            for one in names
            if segments.matches(segments.condition_of(leaf, fields), fields, segments.as_of(now), one)
        }

    return ask


@pytest.mark.slow
def test_redemptions_are_counted_but_for_cancelled_ones(found):
    assert found("rewards.redemptions", "at_least", 1) == {"Ann"}
    assert found("rewards.redemptions", "at_least", 1, now=NOW + timedelta(days=9), days=9) == set()
    assert found("rewards.redeemed", "has_any_of", ["mug"]) == {"Ann"}
    assert found("rewards.last_redeemed", "in_last_days", 1) == {"Ann"}


@pytest.mark.slow
def test_coupons_in_hand_are_those_that_can_be_used(found):
    assert found("coupons.usable", "equals", 1) == {"Ann"}
    assert found("coupons.usable", "equals", 1, now=NOW) == {"Ann", "Cleo"}
    assert found("coupons.held", "has_any_of", ["short"], now=NOW) == {"Cleo"}


@pytest.mark.slow
def test_uses_are_counted(found):
    assert found("coupons.uses", "at_least", 1) == {"Ann"}
    assert found("coupons.used", "has_any_of", ["welcome"]) == {"Ann"}


@pytest.mark.slow
def test_what_merged_records_did_counts_for_the_customer(found, ann, bob):
    merge(ann, bob)
    assert found("rewards.redemptions", "at_least", 1) == {"Ann", "Bob"}
