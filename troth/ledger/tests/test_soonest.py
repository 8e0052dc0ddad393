"""When points end next, for many owners at once."""

from datetime import UTC, date, datetime

from troth.kit.ids import new_id
from troth.ledger import queries as ledger

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
EARLY = datetime(2025, 1, 1, tzinfo=UTC)


def test_the_next_day_counts_with_all_that_ends_on_it(make_currency, desk):
    make_currency(time_zone="UTC")
    anna, ben, cara = new_id(), new_id(), new_id()
    for owner, day, amount in ((anna, 4, 5), (anna, 4, 7), (anna, 5, 100), (ben, 3, 9), (cara, None, 1)):
        ends = datetime(2026, day, 1, tzinfo=UTC) if day else None
        desk.done("Earn", owner, amount=amount, at=EARLY, now=EARLY, expires_at=ends)
    found = ledger.next_endings([anna, ben, cara], "points", now=NOW)
    assert found == {anna: ledger.NextEnding(date(2026, 3, 31), 12)}
