"""The proofs hold after all sorts of things, and each notices what it is there for."""

import pytest
from django.db.models import F

from troth.kit.ids import new_id
from troth.kit.proofs import examine
from troth.rewards import services
from troth.rewards.models import Coupon, CouponCode, MemberTally, Redemption, Slice
from troth.rewards.proofs import PROOFS
from troth.rewards.services import Redeem, Reserve, Reverse

from .conftest import ACTOR, GENERIC, NOW, assigned, post, redeem_one


@pytest.fixture
def busy(campaign, reward, points, ann, bob):
    """A module in which a good deal has happened."""
    welcome = campaign(uses_per_coupon=2, uses_per_member=5, coupons_per_member=9)
    campaign(GENERIC, uses_total=10, uses_per_member=3)
    mug = reward(member_limit=5)
    points(ann, 5000)
    services.issue_codes(actor=ACTOR, now=NOW, campaign_id=welcome.id, key="print", count=7)
    codes = [assigned(ann, f"a-{number}").code for number in range(3)]
    use = {"occurred_at": NOW, "currency": "CNY"}
    post(
        Redeem(key="1", code=codes[0], customer_id=ann.id, **use),
        Reserve(key="2", code=codes[1], customer_id=None, **use),
        Redeem(key="3", code="SPRING26", customer_id=bob.id, **use),
        Redeem(key="4", code="SPRING26", customer_id=ann.id, **use),
        Reverse(key="4", customer_id=ann.id, occurred_at=NOW),
    )
    redeem_one(ann, "a", quantity=2)
    undone, broken = (redeem_one(ann, key).redemption_id for key in ("b", "c"))
    cancel = services.cancel_redemption
    cancel(actor=ACTOR, now=NOW, redemption_id=undone, reason="member")
    cancel(actor=ACTOR, now=NOW, redemption_id=broken, reason="damaged", is_restocked=False)
    return mug


def broken_proofs():
    verdicts = [examine(proof) for proof in PROOFS]
    return {one.proof.code: (one.violations, one.first) for one in verdicts if not one.holds}


@pytest.mark.slow
def test_all_holds(busy):
    assert broken_proofs() == {}


@pytest.mark.slow
def test_a_miscounted_coupon_is_named(busy):
    row = Coupon.objects.filter(use_count=0).first()
    Coupon.objects.filter(id=row.id).update(use_count=1)
    assert broken_proofs() == {"rewards.coupon_uses": (1, f"coupon {row.id}")}


@pytest.mark.slow
def test_a_coupon_that_no_code_leads_to_is_named(busy):
    row = Coupon.objects.first()
    CouponCode.objects.filter(coupon_id=row.id).delete()
    assert broken_proofs() == {"rewards.codes": (1, f"coupon {row.id}")}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "code"),
    [("codes", "rewards.code_counters"), ("uses", "rewards.use_counters"), ("stock", "rewards.stock")],
)
def test_a_counter_that_is_off_is_named(busy, kind, code):
    row = Slice.objects.filter(slice_kind=kind, taken__lt=F("size")).order_by("id").first()
    Slice.objects.filter(id=row.id).update(taken=F("taken") + 1)
    ((found, (count, first)),) = broken_proofs().items()
    assert (found, count) == (code, 1)
    assert str(row.counter_id) in first


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "code"), [("uses", "rewards.member_uses"), ("redemptions", "rewards.member_pieces")])
def test_a_tally_that_is_off_is_named(busy, kind, code):
    row = MemberTally.objects.filter(tally_kind=kind).order_by("id").first()
    MemberTally.objects.filter(id=row.id).update(count=F("count") + 1)
    assert list(broken_proofs()) == [code]


@pytest.mark.slow
def test_a_redemption_of_nobody_is_found(busy):
    Redemption.objects.filter(state="requested").update(owner_id=new_id())
    assert list(broken_proofs()) == ["rewards.owners"]
