"""The demo's complaints and visits: made up, marked as such, in every column of the board, and filled once."""

from datetime import date

import pytest

from troth.access.actors import system_actor
from troth.customers.models import Customer
from troth.demo import complaints_made
from troth.kit import clock
from troth.messaging.models import Contact
from troth.staff.models import Company, Store
from troth.voice.models import Case, Improvement, StoreVisit

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def test_it_fills_every_screen_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(complaints_made, "CASES", 24)
    now = clock.utc_now()
    Company.objects.create(
        name="Demo", currency="CNY", time_zone="Asia/Shanghai", is_demo=True, as_of_date=date(2018, 1, 1)
    )
    Store.objects.create(code="s1", name="One")
    Customer.objects.bulk_create(Customer(name=f"C{n}", created_at=now, updated_at=now) for n in range(30))
    for _again in range(2):
        complaints_made.fill(actor=system_actor("demo"), now=now, language="en")
    assert Case.objects.count() == Case.objects.filter(is_made_up=True).count() == 24
    assert {"new", "working", "waiting", "resolved"} <= set(Case.objects.values_list("state", flat=True))
    assert Improvement.objects.filter(is_made_up=True).count() == 4
    assert StoreVisit.objects.filter(is_made_up=True).count() == StoreVisit.objects.count() == 9
    told = Contact.objects.all()
    assert told.count() > 24
    assert {(one.state, one.sent_at) for one in told} == {("sent", one.created_at) for one in told}
