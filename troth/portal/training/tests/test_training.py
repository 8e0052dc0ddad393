"""An invitation to a training: a seat taken or given up by its signed link, nothing by looking."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from troth.access.actors import system_actor
from troth.care.models import Seat, TrainingSession
from troth.care.training import queries, services
from troth.care.training.inviting import _intent
from troth.customers import services as customers
from troth.customers.services import NewIdentity
from troth.kit.clock import utc_now
from troth.staff.models import Company

ACTOR = system_actor("test")


@pytest.fixture
def session(db: None) -> TrainingSession:
    Company.objects.create(name="Test & Co", currency="CNY", time_zone="Asia/Shanghai", language="zh-hans")
    now = utc_now()
    services.save_course(code="stones", name="Choosing stones", name_zh="选钻讲座", actor=ACTOR, now=now)
    fields = services.SessionFields(
        course="stones", starts_at=now + timedelta(days=3), ends_at=now + timedelta(days=3, hours=2), capacity=1
    )
    return services.plan_session(fields, actor=ACTOR, now=now)


def person(name: str, **fields: Any) -> Any:
    identities = [NewIdentity("email", f"{name}@example.com")]
    return customers.create_customer(actor=ACTOR, now=utc_now(), identities=identities, name=name, **fields)


def link(session: TrainingSession, customer: Any) -> str:
    return queries.address_of(session.id, customer.id).split("8000", 1)[-1] + "?lang=en"


def test_looking_takes_no_seat(client: Client, session: TrainingSession):
    ann = person("ann")
    shown = client.get(link(session, ann)).content.decode()
    assert "1 seat is free." in shown
    assert not Seat.objects.exists()


@pytest.mark.slow
def test_a_seat_is_taken_given_up_and_goes_to_the_first_who_waits(client: Client, session: TrainingSession):
    ann, ben = person("ann"), person("ben")
    assert "You have a seat" in client.post(link(session, ann), {"act": "take"}).content.decode()
    assert "at place 1" in client.post(link(session, ben), {"act": "take"}).content.decode()
    client.post(link(session, ann), {"act": "give_up"})
    assert "You have a seat" in client.get(link(session, ben)).content.decode()
    assert list(Seat.objects.order_by("owner_id").values_list("state", flat=True)) == ["given_up", "taken"]


def test_the_page_speaks_the_customers_language(client: Client, session: TrainingSession):
    wang = person("wang", language="zh-hans")
    assert "选钻讲座" in client.get(link(session, wang).split("?")[0]).content.decode()


def test_what_is_over_can_be_joined_no_more(client: Client, session: TrainingSession):
    ann = person("ann")
    services.cancel_session(session.id, actor=ACTOR, now=utc_now())
    answer = client.post(link(session, ann), {"act": "take"})
    assert answer.status_code == 409
    assert "cancelled" in answer.content.decode()
    assert not Seat.objects.exists()


def test_a_changed_link_and_another_act_change_nothing(client: Client, session: TrainingSession):
    ann = person("ann")
    assert client.post(link(session, ann), {"act": "explode"}).status_code == 422
    assert client.get("/p/training/made-up/").status_code in {400, 403, 404, 410, 422}
    assert not Seat.objects.exists()


def test_the_invitation_carries_the_link(session: TrainingSession):
    ann = person("ann")
    assert "/p/training/" in _intent(session, ann.id).facts["training_url"]
    assert datetime.now(UTC) < session.starts_at


def test_a_link_of_somebody_erased_leads_nowhere(client: Client, session: TrainingSession):
    ann = person("ann")
    address = link(session, ann)
    customers.erase_customer(actor=ACTOR, now=utc_now(), customer_id=ann.id)
    assert [client.get(address).status_code, client.post(address, {"act": "take"}).status_code] == [404, 404]
    assert not Seat.objects.exists()


def test_two_records_of_one_person_get_one_seat(client: Client, session: TrainingSession):
    ann, again = person("ann"), person("ann.again")
    client.post(link(session, again), {"act": "take"})
    customers.merge(actor=ACTOR, now=utc_now(), canonical_id=ann.id, merged_id=again.id)
    for one in (ann, again):
        assert "You have a seat" in client.post(link(session, one), {"act": "take"}).content.decode()
    assert list(Seat.objects.values_list("owner_id", "state")) == [(again.id, "taken")]
    client.post(link(session, ann), {"act": "give_up"})
    assert list(Seat.objects.values_list("state", flat=True)) == ["given_up"]
