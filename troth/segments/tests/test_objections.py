"""Whoever objects to a profile leaves the segments that asked for one, in the same moment."""

from datetime import date, timedelta

import pytest
from django.db.models import DecimalField, FloatField, IntegerField

from troth.customers import services as customers
from troth.events.models import Event
from troth.insights.models import CustomerScore
from troth.segments import services
from troth.segments.models import SegmentMembership
from troth.segments.refreshing import refresh_members

from .conftest import NOW

SCORED = {"field": "score.revenue", "operator": "at_least", "value": 100}
DAY = date(2026, 2, 1)


@pytest.fixture
def scored():
    """Return a function that gives people a score of 200."""
    figures = {
        field.name: 0
        for field in CustomerScore._meta.concrete_fields
        if isinstance(field, DecimalField | FloatField | IntegerField) and not field.null and not field.primary_key
    }
    days = {"as_of_date": DAY, "first_purchase_date": DAY, "last_purchase_date": DAY}
    names = {"rfm_segment": "loyal", "band": "gold", "status": "active", "rung": "buyer"}

    def score(*people):
        for one in people:
            fixed = {"owner_id": one.id, "run_id": one.id, "computed_at": NOW, "revenue": 200}
            CustomerScore.objects.create(**(figures | days | names | fixed))

    return score


def test_an_objection_ends_what_rests_on_scores_and_nothing_else(company, actor, person, segment, scored):
    ann, bob = person(2), person(2)
    scored(ann, bob)
    stars = services.create_segment(actor=actor, now=NOW, name="Stars", definition=SCORED)
    services.publish(actor=actor, now=NOW, segment_id=stars.id)
    for one in (segment, stars):
        refresh_members(actor=actor, now=NOW, segment_id=one.id)
    assert SegmentMembership.objects.filter(owner_id=ann.id).count() == 2

    later = NOW + timedelta(minutes=1)
    customers.record_consent(
        actor=actor, now=later, customer_id=ann.id, purpose="profiling", is_given=False, source="page"
    )
    kept = SegmentMembership.objects.values_list("segment_id", "owner_id")
    assert set(kept) == {(segment.id, ann.id), (segment.id, bob.id), (stars.id, bob.id)}
    stars.refresh_from_db()
    left = Event.objects.get(name="segments.member.left")
    assert (stars.member_count, left.owner_id, left.data) == (1, ann.id, {"segment": str(stars.id), "version": 1})


def test_who_agrees_stays(company, actor, person, segment):
    ann = person(2)
    refresh_members(actor=actor, now=NOW, segment_id=segment.id)
    customers.record_consent(
        actor=actor, now=NOW, customer_id=ann.id, purpose="profiling", is_given=True, source="page", proof="p"
    )
    assert SegmentMembership.objects.get().owner_id == ann.id
