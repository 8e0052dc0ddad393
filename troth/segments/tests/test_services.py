"""Drafts, versions, archive: what changes, what never does, and what is refused."""

from typing import Any

import pytest

from troth.access.actors import Actor
from troth.events.models import Event
from troth.jobs.models import Job, Schedule
from troth.kit.conditions.errors import ConditionInvalidError
from troth.kit.ids import new_id
from troth.segments import queries, services
from troth.segments.errors import DraftChangedError, SegmentNotFoundError, SegmentRefusedError, SegmentStateError
from troth.segments.models import Segment, SegmentMembership, SegmentVersion

from .conftest import LOYAL, NOW

MORE = {"all": [{"field": "orders.count", "operator": "at_least", "value": 5}]}


def test_a_new_segment_is_a_draft_without_members(company, actor: Actor):
    made = services.create_segment(actor=actor, now=NOW, name="  Loyal ", name_zh="忠诚", definition=LOYAL)
    assert (made.name, made.version_number, made.draft, made.member_count) == ("Loyal", 0, LOYAL, None)
    assert queries.version_in_force(made) is None
    assert [event.name for event in Event.objects.all()] == ["segments.segment.created"]
    with pytest.raises(SegmentStateError, match="Only a published segment"):
        services.request_refresh(actor=actor, now=NOW, segment_id=made.id)


def test_publishing_makes_an_immutable_version_and_asks_for_the_members(segment: Segment, actor: Actor):
    version = queries.version_in_force(segment)
    assert version is not None
    assert (version.number, version.definition, segment.draft) == (1, LOYAL, None)
    assert Job.objects.filter(name="segments.refresh", unique_key=str(segment.id)).count() == 1
    assert Schedule.objects.get(name="segments.refresh_all").every_seconds == 3600

    services.save_draft(actor=actor, now=NOW, segment_id=segment.id, definition=MORE)
    assert queries.version_in_force(queries.segment(segment.id)) == version
    second = services.publish(actor=actor, now=NOW, segment_id=segment.id, note="Fewer")
    assert [one.definition for one in queries.versions(segment.id)] == [MORE, LOYAL]
    assert (second.number, second.note) == (2, "Fewer")


def test_what_cannot_be_understood_is_neither_saved_nor_published(segment: Segment, actor: Actor):
    wrongs: list[Any] = [None, "", {"any": []}, {"field": "no.such", "operator": "is"}]
    for wrong in wrongs:
        with pytest.raises(ConditionInvalidError):
            services.save_draft(actor=actor, now=NOW, segment_id=segment.id, definition=wrong)
    Segment.objects.filter(id=segment.id).update(draft={"field": "no.such", "operator": "is"})
    with pytest.raises(ConditionInvalidError):
        services.publish(actor=actor, now=NOW, segment_id=segment.id)
    assert SegmentVersion.objects.count() == 1
    assert queries.segment(segment.id).version_number == 1


def test_a_draft_saved_by_somebody_else_is_not_overwritten(segment: Segment, actor: Actor):
    opened = segment.revision
    services.save_draft(actor=actor, now=NOW, segment_id=segment.id, definition=MORE, expected_revision=opened)
    with pytest.raises(DraftChangedError):
        services.save_draft(actor=actor, now=NOW, segment_id=segment.id, definition=LOYAL, expected_revision=opened)
    with pytest.raises(DraftChangedError):
        services.publish(actor=actor, now=NOW, segment_id=segment.id, expected_revision=opened)
    assert queries.segment(segment.id).draft == MORE


def test_a_name_is_given_once_among_the_segments_in_use(segment: Segment, actor: Actor):
    with pytest.raises(SegmentRefusedError, match="“Loyal” already"):
        services.create_segment(actor=actor, now=NOW, name="Loyal")
    with pytest.raises(SegmentRefusedError, match="1 to 120"):
        services.create_segment(actor=actor, now=NOW, name=" ")
    services.archive_segment(actor=actor, now=NOW, segment_id=segment.id)
    services.create_segment(actor=actor, now=NOW, name="Loyal")
    with pytest.raises(SegmentRefusedError):
        services.restore_segment(actor=actor, now=NOW, segment_id=segment.id)
    assert queries.segment(segment.id).archived_at == NOW
    with pytest.raises(SegmentNotFoundError):
        queries.segment(new_id())


def test_an_archived_segment_has_no_members_and_takes_no_changes(segment: Segment, actor: Actor):
    SegmentMembership.objects.create(segment=segment, owner_id=new_id(), entered_at=NOW)
    services.archive_segment(actor=actor, now=NOW, segment_id=segment.id)
    assert SegmentMembership.objects.count() == 0
    with pytest.raises(SegmentStateError, match="archived"):
        services.save_draft(actor=actor, now=NOW, segment_id=segment.id, definition=MORE)
    assert list(queries.segments()) == []
    Job.objects.all().delete()
    services.restore_segment(actor=actor, now=NOW, segment_id=segment.id)
    assert list(queries.segments()) == [segment]
    assert Job.objects.filter(name="segments.refresh").count() == 1


def test_discarding_a_draft_keeps_the_version(segment: Segment, actor: Actor):
    services.save_draft(actor=actor, now=NOW, segment_id=segment.id, definition=MORE)
    assert services.discard_draft(actor=actor, now=NOW, segment_id=segment.id).draft is None
    only_draft = services.create_segment(actor=actor, now=NOW, name="New")
    with pytest.raises(SegmentStateError, match="only this draft"):
        services.discard_draft(actor=actor, now=NOW, segment_id=only_draft.id)


def test_describing_tells_the_log_which_fields_and_not_their_words(segment: Segment, actor: Actor):
    services.describe_segment(actor=actor, now=NOW, segment_id=segment.id, name="Faithful", description="secret")
    services.describe_segment(actor=actor, now=NOW, segment_id=segment.id, name="Faithful", description="secret")
    changed = Event.objects.filter(name="segments.segment.changed")
    assert [event.data["fields"] for event in changed] == [["description", "name"]]
