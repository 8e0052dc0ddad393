"""What messages tell the model of who leaves."""

from datetime import date, timedelta

import pytest

from troth.messaging import traces
from troth.messaging.models import Contact

from .conftest import NOW

DAY = date(2026, 3, 2)


@pytest.mark.django_db
def test_messages_received_opened_and_followed_day_by_day(add_person):
    ann = add_person()
    for number, opened_at in enumerate((None, NOW + timedelta(days=1))):
        Contact.objects.create(
            owner_id=ann.id, key=str(number), purpose="marketing", template="offer", content_hash="x", source="test",
            relevant_until=NOW, state="sent", due_at=NOW, decided_at=NOW, created_at=NOW, created_by="test",
            sent_at=NOW, opened_at=opened_at,
        )  # fmt: skip
    assert list(traces.read(DAY - timedelta(days=1), DAY)) == [(ann.id, "messages_received", DAY, 2.0)]
    assert list(traces.read(DAY, DAY + timedelta(days=1))) == [
        (ann.id, "messages_opened", DAY + timedelta(days=1), 1.0)
    ]
