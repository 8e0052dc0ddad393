"""Moves between tiers by month, for all months at once."""

from datetime import UTC, datetime
from itertools import product

import pytest

from troth.kit.ids import new_id
from troth.programs import queries
from troth.programs.models import Programme, TierMove

pytestmark = pytest.mark.django_db


def test_moves_are_counted_between_each_moment_and_the_next(django_assert_num_queries):
    moments = [datetime(2026, month, 1, 4, tzinfo=UTC) for month in (1, 2, 3, 4)]
    programmes = [
        Programme.objects.create(code=code, name=code, created_at=moments[0], updated_at=moments[0])
        for code in ("one", "other")
    ]
    happened = [
        ("silver", "gold", moments[0]),
        ("silver", "gold", datetime(2026, 2, 1, 3, 59, 59, tzinfo=UTC)),
        ("gold", "silver", moments[1]),
        ("gold", "gold", moments[1]),  # kept it
        ("silver", "gold", datetime(2025, 12, 31, tzinfo=UTC)),
        ("silver", "gold", moments[3]),
    ]
    for programme, (before, after, at) in product(programmes, happened):
        TierMove.objects.create(
            programme=programme, owner_id=new_id(), from_tier=before, to_tier=after, reason="reached",
            occurred_at=at, recorded_at=at, actor="system:test",
        )  # fmt: skip
    with django_assert_num_queries(1):
        found = queries.tier_movement(programmes[0].id, moments)
    assert found == [{("silver", "gold"): 2}, {("gold", "silver"): 1}, {}]
