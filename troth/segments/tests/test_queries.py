"""Live counts in limits, one customer's verdict, lists narrowed to a segment."""

import time

import pytest
from django.db import connection

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.kit.conditions.reading import read
from troth.segments import limits, queries
from troth.segments.errors import SegmentTooSlowError
from troth.segments.models import Segment
from troth.segments.refreshing import refresh_members
from troth.segments.starters import STARTERS, starter, starters

from .conftest import LOYAL, NOW, MakePerson

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1000000000) SELECT COUNT(*) FROM n"


def test_a_preview_counts_and_draws_a_stable_sample(person: MakePerson):
    loyal = {person(2).id for _ in range(12)}
    person(1)
    fields = queries.catalogue()
    found = queries.preview(read(LOYAL, fields), fields, queries.as_of(NOW))
    assert found.count == 12
    assert len(found.sample_ids) == 10
    assert set(found.sample_ids) <= loyal
    assert queries.preview(read(LOYAL, fields), fields, queries.as_of(NOW)).sample_ids == found.sample_ids


def test_nobody_is_a_count_of_zero(company):
    fields = queries.catalogue()
    found = queries.preview(read(LOYAL, fields), fields, queries.as_of(NOW))
    assert (found.count, found.sample_ids) == (0, ())


@pytest.mark.slow
def test_a_query_that_takes_too_long_is_stopped_and_the_connection_lives_on(db):
    started = time.monotonic()
    with pytest.raises(SegmentTooSlowError) as refused, limits.time_limit(0.3), connection.cursor() as cursor:
        cursor.execute(ENDLESS)
    assert time.monotonic() - started < 60
    assert refused.value.fields == {"limit_seconds": 0.3}
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_query_is_stopped_when_somebody_asks():
    """lesson: a mistaken filter's 20-minute count that cannot be cancelled."""
    started = time.monotonic()
    limit = limits.time_limit(60, is_stopped=lambda: True)
    with pytest.raises(SegmentTooSlowError), limit, connection.cursor() as cursor:
        cursor.execute(ENDLESS)
    assert time.monotonic() - started < 60


def test_the_limit_ends_with_its_block(db):
    with limits.time_limit(5.0):
        pass
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("0",)


def test_one_customer_is_judged_with_reasons_by_any_record(segment: Segment, person: MakePerson):
    one = person(1)
    merged = person(1, canonical_id=one.id)
    other = person(1)
    fields, when = queries.catalogue(), queries.as_of(NOW)
    condition = read(LOYAL, fields)
    for record in (one, merged):
        assert queries.matches(condition, fields, when, record.id)
    assert not queries.matches(condition, fields, when, other.id)
    verdict = queries.explain(condition, fields, when, other.id)
    assert verdict is not None
    assert (verdict.holds, verdict.value) == (False, 1)


def test_lists_of_customers_narrow_to_the_members(segment: Segment, actor: Actor, person: MakePerson):
    loyal = person(2, city="Beijing")
    person(2, city="Shanghai")
    person(0, city="Beijing")
    refresh_members(actor=actor, now=NOW, segment_id=segment.id)
    narrow = customers.CustomerFilter(city="Beijing", among=queries.member_ids(segment.id))
    assert list(customers.customers_matching(narrow)) == [loyal]
    assert list(queries.segments_of(loyal.id)) == [segment]


def test_every_starter_can_be_used(company):
    fields = queries.catalogue()
    assert [one.code for one in starters(fields)] == [one.code for one in STARTERS]
    for one in STARTERS:
        assert queries.preview(read(one.definition, fields), fields, queries.as_of(NOW)).count == 0
    assert starter("no-such", fields) is None
