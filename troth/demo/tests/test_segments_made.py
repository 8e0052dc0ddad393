"""The demo's segments: published once, each with the people whom its condition means."""

from datetime import UTC, datetime, timedelta

import pytest

from troth.access.actors import system_actor
from troth.customers import services as customers
from troth.demo import segments_made
from troth.insights.tests.making import make_company, make_customer
from troth.segments import queries, services
from troth.segments.models import Segment
from troth.segments.refreshing import refresh_members

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
ACTOR = system_actor("demo")


def test_three_segments_are_published_once_and_find_who_is_open_to_email():
    make_company()
    open_one, silent_one = make_customer(), make_customer()
    for customer_id, purpose in ((open_one, "marketing"), (silent_one, "service")):
        common = {"actor": ACTOR, "now": NOW - timedelta(days=1), "customer_id": customer_id}
        customers.add_identity(kind="email", value=f"{customer_id.hex}@example.com", **common)
        customers.record_consent(purpose=purpose, is_given=True, source="test", proof="form 1", **common)

    for _again in range(2):
        segments_made.fill(ACTOR, NOW, "zh-hans")

    rows = {row.name: row for row in queries.segments()}
    assert [(name, rows[name].version_number) for name, *_rest in segments_made.WANTED] == [
        ("Silver and above, silent for 30 days", 1),
        ("New in the last three months", 1),
        ("Open to e-mail", 1),
    ]
    found = rows["Open to e-mail"]
    assert found.name_zh == "同意接收邮件"
    refresh_members(actor=ACTOR, now=NOW, segment_id=found.id)
    assert list(queries.member_ids(found.id)) == [open_one]


def test_a_segment_that_is_there_stays_as_it_is():
    make_company()
    mine = services.create_segment(actor=ACTOR, now=NOW, name="Open to e-mail", definition={"all": []})
    segments_made.fill(ACTOR, NOW, "en")
    assert Segment.objects.count() == 3
    assert queries.segment(mine.id).version_number == 0
