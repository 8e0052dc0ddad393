"""Renewal of the stored members: who entered, who left, merges, failures, starting again."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from troth.access.actors import Actor
from troth.customers import services as customers
from troth.events.models import Event
from troth.jobs import running
from troth.jobs import services as jobs
from troth.jobs.models import Job, JobStatus
from troth.kit.conditions.errors import ConditionInvalidError
from troth.segments import queries, refreshing, services
from troth.segments.models import Segment, SegmentMembership, SegmentSize, SegmentVersion
from troth.segments.refreshing import Refreshed, refresh_members

from .conftest import NOW, MakePerson, buy

LATER = NOW + timedelta(days=1)


def members(segment: Segment) -> set[UUID]:
    return set(queries.member_ids(segment.id))


def told(name: str) -> set[UUID]:
    return set(Event.objects.filter(name=name).values_list("owner_id", flat=True))


def renew(segment: Segment, actor: Actor, **more) -> Refreshed:
    return refresh_members(actor=actor, now=LATER, segment_id=segment.id, **more)


def test_those_found_first_did_not_enter_and_later_ones_do(segment: Segment, actor: Actor, person: MakePerson):
    loyal, other = person(3), person(1)
    assert renew(segment, actor) == Refreshed(1, 1, 0, 0)
    assert members(segment) == {loyal.id}
    assert told("segments.member.entered") == set()

    buy(other, 1)
    loyal.erased_at = LATER
    loyal.save()
    assert renew(segment, actor) == Refreshed(1, 1, 1, 1)
    assert members(segment) == {other.id}
    assert told("segments.member.entered") == {other.id}
    assert told("segments.member.left") == {loyal.id}
    segment.refresh_from_db()
    assert (segment.member_count, segment.refreshed_at) == (1, LATER)
    sizes = queries.sizes([segment.id])[segment.id]
    assert [(size.member_count, size.entered_count, size.left_count) for size in sizes] == [(1, 0, 0)]


@pytest.mark.slow
def test_orders_of_a_merged_record_count_for_its_customer(segment: Segment, actor: Actor, person: MakePerson):
    first, second = person(1), person(1)
    renew(segment, actor)
    assert members(segment) == set()
    merge = customers.merge(actor=actor, now=NOW, canonical_id=first.id, merged_id=second.id)
    renew(segment, actor)
    assert members(segment) == {first.id}
    customers.unmerge(actor=actor, now=NOW, merge_id=merge.id)
    renew(segment, actor)
    assert members(segment) == set()


def test_many_changes_are_made_in_chunks_and_go_on_after_a_crash(
    segment: Segment, actor: Actor, person: MakePerson, monkeypatch: pytest.MonkeyPatch
):
    renew(segment, actor)
    people = {person(2).id for _ in range(7)}
    monkeypatch.setattr(refreshing, "CHUNK", 3)

    def crash(done: int, total: int | None) -> None:
        assert total == 7
        if done == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        renew(segment, actor, report=crash)
    assert len(members(segment)) == 6
    assert renew(segment, actor).entered_count == 1
    assert members(segment) == people
    assert Event.objects.filter(name="segments.member.entered").count() == 7


def test_a_new_version_moves_people_with_events(segment: Segment, actor: Actor, person: MakePerson):
    two, five = person(2), person(5)
    renew(segment, actor)
    definition = {"field": "orders.count", "operator": "at_least", "value": 5}
    services.save_draft(actor=actor, now=NOW, segment_id=segment.id, definition=definition)
    fields, condition = queries.catalogue(), queries.condition_of(definition, queries.catalogue())
    effect = queries.effect(segment.id, condition, fields, queries.as_of(NOW))
    assert (effect.now, effect.then, effect.entering, effect.leaving) == (2, 1, 0, 1)
    services.publish(actor=actor, now=NOW, segment_id=segment.id)
    assert renew(segment, actor) == Refreshed(2, 1, 0, 1)
    assert (members(segment), told("segments.member.left")) == ({five.id}, {two.id})


def test_a_definition_that_lost_its_field_keeps_the_members_and_says_so(
    segment: Segment, actor: Actor, person: MakePerson
):
    loyal = person(2)
    renew(segment, actor)
    SegmentVersion.objects.update(definition={"field": "gone.field", "operator": "is", "value": "x"})
    with pytest.raises(ConditionInvalidError):
        renew(segment, actor)
    segment.refresh_from_db()
    assert "gone.field" in segment.refresh_error
    assert members(segment) == {loyal.id}


def test_an_archived_or_unpublished_segment_is_left_alone(segment: Segment, actor: Actor, person: MakePerson):
    person(2)
    services.archive_segment(actor=actor, now=NOW, segment_id=segment.id)
    assert renew(segment, actor) == Refreshed(0, 0, 0, 0)
    assert SegmentMembership.objects.count() == 0
    assert SegmentSize.objects.count() == 0


def test_the_job_renews_and_reports(segment: Segment, person: MakePerson):
    person(2)
    job = Job.objects.get(name="segments.refresh")
    running.run(job.id)
    job.refresh_from_db()
    assert (job.status, job.result) == (JobStatus.SUCCEEDED, {"count": 1, "entered": 0, "left": 0})


def test_renewing_all_asks_for_each_published_segment_once(segment: Segment, actor: Actor):
    services.create_segment(actor=actor, now=NOW, name="Only a draft")
    Job.objects.all().delete()
    for expected in (1, 0):
        job = jobs.enqueue("segments.refresh_all", actor=actor, now=NOW)
        running.run(job.id)
        job.refresh_from_db()
        assert job.result == {"segments": expected}


@pytest.mark.slow
def test_erasure_and_export_know_the_segments(segment: Segment, actor: Actor, person: MakePerson):
    loyal = person(2, name="X")
    renew(segment, actor)
    handed_out = customers.export_customer(actor=actor, now=NOW, customer_id=loyal.id)
    assert handed_out["segments"] == [{"segment": "Loyal", "since": LATER.isoformat()}]
    customers.erase_customer(actor=actor, now=NOW, customer_id=loyal.id)
    assert members(segment) == set()


@pytest.mark.slow
def test_a_renewal_asks_the_database_no_more_often_for_many_people(segment: Segment, actor: Actor, person: MakePerson):
    """lesson: 40 minutes to rebuild one segment at 260,000 people: `bench/segments.py` takes that size."""
    asked = []
    for count in (2, 10, 60):
        for _one in range(count):
            person(3)
        with CaptureQueriesContext(connection) as heard:
            refreshed = renew(segment, actor)
        asked.append(len(heard))
    assert (refreshed.member_count, refreshed.entered_count) == (72, 60)
    assert asked[1] == asked[2]
