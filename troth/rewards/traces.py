"""What members took of rewards and coupons, for the model of who leaves."""

from collections.abc import Iterator
from datetime import date

from troth.insights.traces import Row, TraceSource, daily
from troth.value.churn import Trace

from .models import CouponUse, Redemption, UseState

KINDS = {"rewards_taken": Trace("points", "sum"), "coupons_used": Trace("discounts", "sum")}


def source() -> TraceSource:
    """Return what is registered with insights."""
    return TraceSource("rewards", KINDS, read)


def read(after: date, until: date) -> Iterator[Row]:
    """Yield how often, day by day. A gift is nobody's own wish and does not count, nor does a use given back."""
    taken = Redemption.objects.filter(is_gift=False)
    yield from daily(taken, "occurred_at", "rewards_taken", after=after, until=until)
    used = CouponUse.objects.filter(state=UseState.REDEEMED)  # by when it happened: it may be told long after
    yield from daily(used, "occurred_at", "coupons_used", after=after, until=until)
