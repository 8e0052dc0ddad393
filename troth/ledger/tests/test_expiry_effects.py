"""What another expiry would do, counted by the database, beside the same lots judged one by one."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from troth.ledger import queries
from troth.ledger.ends import end_of
from troth.ledger.models import Lot

from .conftest import DAY, NOW

ZONE = "Asia/Shanghai"
TICK = timedelta(microseconds=1)
MIDNIGHT = datetime(2025, 12, 31, 16, 0, tzinfo=UTC)  # of the new year in Shanghai
STARTS = (
    MIDNIGHT - 400 * DAY,
    MIDNIGHT - 31 * DAY - TICK,
    MIDNIGHT - TICK,
    MIDNIGHT,
    MIDNIGHT + TICK,
    MIDNIGHT + 31 * DAY,
    MIDNIGHT + 31 * DAY + timedelta(microseconds=123_456),
)
RULES = (
    *(("days", 1), ("days", 60), ("days", 425), ("month_end", 0), ("month_end", 2)),
    *(("year_end", 0), ("year_end", 1), ("inactivity", 90), ("never", 0)),
)


def judged(kind: str, count: int, now: datetime) -> dict[str, int]:
    """Judge every lot by itself, as whoever reads the rule would."""
    found: Counter[str] = Counter()
    for lot in Lot.objects.all():
        end = end_of(kind, count, lot.activates_at or lot.occurred_at, ZONE)
        if end == lot.expires_at:
            effect = "same"
        elif end is not None and end <= now:
            effect = "at_once"
        else:
            is_sooner = end is not None and (lot.expires_at is None or end < lot.expires_at)
            effect = "sooner" if is_sooner else "later"
        found.update({f"{effect}_lots": 1, f"{effect}_points": lot.remaining})
    return dict(found)


@pytest.mark.slow
def test_each_rule_counts_what_the_lots_one_by_one_say(make_currency, desk, member):
    make_currency(time_zone=ZONE, expiry_kind="never")
    for number, start in enumerate(STARTS):
        desk.done("Earn", member, amount=1 << number, at=start)
    ends = (None, "days 60", "month_end 2", "year_end 1", "days 1")
    for number, lot in enumerate(Lot.objects.order_by("amount")):
        if rule := ends[number % len(ends)]:
            kind, count = rule.split()
            Lot.objects.filter(id=lot.id).update(expires_at=end_of(kind, int(count), lot.activates_at, ZONE))
    seen: Counter[str] = Counter()
    for kind, count in RULES:
        found = queries.preview_expiry_change(currency="points", expiry_kind=kind, expiry_count=count, now=NOW + DAY)
        filled = {name: value for name, value in found.items() if value}
        assert filled == judged(kind, count, NOW + DAY), (kind, count)
        seen.update(filled)
    assert {"sooner_lots", "later_lots", "same_lots", "at_once_lots"} <= set(seen)


def test_a_currency_without_lots_would_change_nothing(make_currency):
    make_currency()
    found = queries.preview_expiry_change(currency="points", expiry_kind="month_end", expiry_count=3, now=NOW)
    assert set(found.values()) == {0}
    assert len(found) == 8
