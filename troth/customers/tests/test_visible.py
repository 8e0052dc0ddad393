"""Names that show nothing are no names, by whatever way they come."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.access.actors import system_actor
from troth.customers import services
from troth.customers.errors import CustomerRefusedError
from troth.customers.identifying import NewIdentity
from troth.customers.models import Customer, Household
from troth.customers.visible import visible

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
ACTOR = system_actor("test")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\u202e", ""),
        ("\u200b\u200d\u2060", ""),
        (" \u3164\u2800\u3000", ""),
        ("\u0301", ""),
        ("王\u200b小明", "王小明"),
        ("\u202eAnn\u202c", "Ann"),
        ("José", "José"),
        ("علی‌رضا", "علی‌رضا"),
        ("👩‍🍳", "👩‍🍳"),
        ("O'Neil-Smith 3rd", "O'Neil-Smith 3rd"),
    ],
)
def test_what_shows_nothing_is_empty_and_what_shows_stays(text, shown):
    assert visible(text) == shown


@pytest.mark.slow
@given(st.text())
def test_it_holds_for_any_text(text):
    shown = visible(text)
    assert visible(shown) == shown
    assert len(shown) <= len(text)


@pytest.mark.django_db
def test_a_customer_of_whom_nothing_can_be_seen_is_refused():
    with pytest.raises(CustomerRefusedError):
        services.create_customer(actor=ACTOR, now=NOW, name="\u202e\u200b")
    assert not Customer.objects.exists()
    one = services.create_customer(
        actor=ACTOR, now=NOW, name="\u202eAnn", city="\u200b", identities=[NewIdentity("email", "a@example.com")]
    )
    assert (one.name, one.city) == ("Ann", "")
    house = services.make_household(actor=ACTOR, now=NOW, head_id=one.id, name="\u2060")
    assert Household.objects.get(id=house.id).name == ""
