"""What ends by itself, and that it ends no sooner."""

from datetime import timedelta
from uuid import uuid4

import pytest

from troth.events.models import Event
from troth.jobs import registry
from troth.jobs.models import Schedule
from troth.rewards import services, tasks
from troth.rewards.models import Coupon, CouponUse, Slice
from troth.rewards.services import Redeem, Reserve

from .conftest import ACTOR, GENERIC, LATER, NOW, assigned, available, post, redeem_one, stock_left


def test_coupons_expire_at_their_end_if_a_use_was_left(campaign, ann):
    campaign(ends_at=LATER)
    used, unused = assigned(ann, "a"), assigned(ann, "b")
    post(Redeem(key="u", code=used.code, customer_id=ann.id, occurred_at=NOW, currency="CNY"))
    assert services.expire_coupons(actor=ACTOR, now=LATER - timedelta(seconds=1)) == 0
    assert services.expire_coupons(actor=ACTOR, now=LATER) == 1
    assert services.expire_coupons(actor=ACTOR, now=LATER) == 0
    row = Coupon.objects.get(state="expired")
    assert (row.id, row.ended_at) == (unused.coupon_id, LATER)
    event = Event.objects.get(name="rewards.coupon.expired")
    assert (event.owner_id, event.occurred_at) == (ann.id, LATER)


def test_reservations_come_free_after_their_time(campaign, ann):
    campaign(GENERIC, uses_total=1, reserve_minutes=10)
    for key, customer_id in (("u", ann.id), ("v", None)):
        operation = Reserve(key=key, code="SPRING26", customer_id=customer_id, occurred_at=NOW, currency="CNY")
        post(operation)
    assert CouponUse.objects.count() == 1
    assert services.release_timed_out(actor=ACTOR, now=NOW + timedelta(minutes=9)) == 0
    assert services.release_timed_out(actor=ACTOR, now=NOW + timedelta(minutes=10)) == 1
    assert CouponUse.objects.get().state == "released"
    assert sum(Slice.objects.values_list("taken", flat=True)) == 0


class Context:
    """What a handler sees of its job."""

    job_id = uuid4()

    def progress(self, *_progress, **_more):
        """Take any progress."""


@pytest.mark.slow
def test_one_job_does_it_all(campaign, reward, points, ann, monkeypatch):
    campaign(ends_at=LATER)
    mug = reward(pay_on="fulfilment", hold_days=1)
    points(ann, 500)
    assigned(ann)
    redeem_one(ann)
    assert available(ann) == 0
    monkeypatch.setattr(tasks.clock, "utc_now", lambda: NOW + timedelta(days=1))
    assert registry.get(tasks.EXPIRE).run(Context()) == {"released": 0, "expired": 1, "cancelled": 1}
    assert (available(ann), stock_left(mug)) == (500, 10)
    assert registry.get(tasks.BIRTHDAYS).run(Context()) == {"given": 0, "refused": 0}
    assert set(Schedule.objects.filter(name__startswith="rewards").values_list("name", flat=True)) == {"rewards.expire"}
