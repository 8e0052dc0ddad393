"""What members took of rewards and coupons, for the model of who leaves."""

from collections.abc import Iterator
from datetime import date

from troth.insights.traces import Row, TraceSource, daily
from troth.value.churn import Trace

from .models import CouponUse, Redemption

KINDS = {"rewards_taken": Trace("points", "sum"), "coupons_used": Trace("discounts", "sum")}


def source() -> TraceSource:
    """Return what is registered with insights."""
    return TraceSource("rewards", KINDS, read)


def read(after: date, until: date) -> Iterator[Row]:
    """Yield how often, day by day; a gift is nobody's own wish, and does not count."""
    taken = Redemption.objects.filter(is_gift=False)
    yield from daily(taken, "occurred_at", "rewards_taken", after=after, until=until)
    yield from daily(CouponUse.objects.all(), "redeemed_at", "coupons_used", after=after, until=until)
