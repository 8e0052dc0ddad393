"""The log takes what is declared and gives it back in order."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from troth.access.actors import system_actor
from troth.events import queries, registry, services
from troth.events.models import COMPANY_OWNER, Event

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
ACTOR = system_actor("test")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    for name in ("test.thing.happened", "test.thing.ended"):
        monkeypatch.setitem(registry._types, name, registry.EventType(name, name, {"n": "a number"}))


def test_an_event_keeps_when_it_was_true_and_when_we_knew():
    customer = uuid4()
    earlier = NOW - timedelta(days=3)
    services.append(
        "test.thing.happened", actor=ACTOR, now=NOW, customer_id=customer, data={"n": 1}, occurred_at=earlier
    )
    event = Event.objects.get()
    assert (event.occurred_at, event.recorded_at, event.customer_id) == (earlier, NOW, customer)
    assert (event.actor, event.data) == ("system:test", {"n": 1})


def test_the_companys_own_events_have_no_customer():
    event = services.append("test.thing.happened", actor=ACTOR, now=NOW)
    assert (event.owner_id, event.customer_id) == (COMPANY_OWNER, None)


@pytest.mark.parametrize(("name", "data", "error"), [
    ("test.thing.unheard", {}, LookupError),
    ("test.thing.happened", {"phone": "139"}, TypeError),
])  # fmt: skip
def test_what_is_not_declared_is_refused_and_nothing_is_written(name, data, error):
    new = [services.NewEvent("test.thing.happened"), services.NewEvent(name, data=data)]
    with pytest.raises(error):
        services.append_many(new, actor=ACTOR, now=NOW)
    assert not Event.objects.exists()


def test_a_reader_following_the_log_misses_and_repeats_nothing():
    for number in range(5):
        services.append(
            "test.thing.happened", actor=ACTOR, now=NOW + timedelta(seconds=number // 2), data={"n": number}
        )
    seen, cursor = [], None
    while batch := list(queries.after(cursor)[:2]):
        seen += [event.data["n"] for event in batch]
        cursor = (batch[-1].recorded_at, batch[-1].id)
    assert seen == [0, 1, 2, 3, 4]


def test_names_have_three_parts_and_one_meaning():
    with pytest.raises(ValueError, match=r"module\.thing\.happened"):
        registry.declare(registry.EventType("thing.happened", "x"))
    with pytest.raises(ValueError, match="twice"):
        registry.declare(registry.EventType("test.thing.happened", "another meaning"))
