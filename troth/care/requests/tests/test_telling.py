"""What customers are told of their requests: at once, by the send decision, once each, in texts of the company's."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from troth.care.models import RequestEntry, ServiceRequest
from troth.care.requests import queries, services, telling
from troth.customers.models import Identity
from troth.messaging import starters, templates
from troth.messaging.models import ChannelSetup, Contact, ContactState, Template

from .conftest import ACTOR, NOW, TOMORROW

pytestmark = pytest.mark.django_db
HOURS = timedelta(hours=2)


@pytest.fixture
def mail(ann):
    """Return nothing, but Ann has an address, and e-mail is set up."""
    Identity.objects.create(
        owner_id=ann.id, identity_kind="email", value="ann@example.com", is_primary=True, created_at=NOW
    )
    ChannelSetup.objects.create(code="email", is_enabled=True, updated_at=NOW)


def book(request, li, at=TOMORROW):
    return services.schedule(
        request.number, starts_at=at, ends_at=at + HOURS, technician_id=li.id, actor=ACTOR, now=NOW
    )


def move(request, step):
    return services.move(request.number, step=step, actor=ACTOR, now=NOW)


def told():
    return [entry.data["template"] for entry in RequestEntry.objects.filter(code="told").order_by("id")]


@pytest.mark.slow
def test_it_is_confirmed_at_once_as_a_service(opened, mail):
    request = opened()
    assert opened().id == request.id
    contact = Contact.objects.get()
    assert (contact.template, contact.purpose, contact.channel) == ("request_received", "service", "email")
    assert (contact.state, contact.source) == (ContactState.QUEUED, f"request:{request.id}")
    assert contact.facts == {
        "request_number": request.number,
        "request_title": "The kettle leaks",
        "request_url": queries.address_of(request),
    }
    entry = RequestEntry.objects.get(code="told")
    assert entry.data == {
        "template": "request_received",
        "contact": str(contact.id),
        "outcome": "queued",
        "channel": "email",
        "stopped_by": [],
    }


@pytest.mark.slow
def test_the_confirmation_reads_well_in_both_languages(opened, mail):
    request = opened()
    for language, words in (("en", "Its number is"), ("zh-hans", "服务请求“The kettle leaks”")):
        found = templates.render(
            "request_received",
            customer=request.owner_id,
            facts=Contact.objects.get().facts,
            language=language,
            channel="email",
            now=NOW,
        )
        assert request.number in found.subject
        assert words in found.text
        assert queries.address_of(request) in found.text


@pytest.mark.slow
def test_nobody_to_reach_is_said_and_the_request_is_opened_all_the_same(opened):
    request = opened()
    entry = RequestEntry.objects.get(code="told")
    assert (entry.data["outcome"], entry.data["stopped_by"] != []) == ("withheld", True)
    assert ServiceRequest.objects.get().number == request.number


@pytest.mark.slow
def test_an_appointment_is_told_in_the_companys_time_and_another_one_anew(opened, li, mail):
    request = book(opened(), li)
    book(request, li, TOMORROW + timedelta(hours=3))
    first, second = Contact.objects.filter(template="request_scheduled").order_by("id")
    assert first.facts["appointment_date"] == second.facts["appointment_date"] == "2026-11-23"
    assert [one.facts["appointment_hours"] for one in (first, second)] == ["12:00–14:00", "15:00–17:00"]
    assert first.relevant_until == TOMORROW


@pytest.mark.slow
def test_when_it_is_done_the_customer_is_asked_once_each_time_it_was_begun(opened, li, mail):
    request = book(opened(), li)
    move(request, "on_site")
    assert "request_done" not in told()
    move(request, "done")
    move(request, "on_site")
    move(request, "done")
    assert Contact.objects.filter(template="request_done").count() == 1
    services.confirm(request.number, satisfied=False, words="Still leaks", actor=ACTOR, now=NOW)
    book(request, li, TOMORROW + timedelta(hours=5))
    move(request, "on_site")
    move(request, "done")
    asked = Contact.objects.filter(template="request_done")
    assert [one.state for one in asked] == [ContactState.QUEUED] * 2


def test_what_the_company_made_of_the_text_stays(opened):
    starters.install(actor=ACTOR, now=NOW, codes=[telling.RECEIVED])
    Template.objects.update(name="Ours")
    opened()
    assert Template.objects.get(code=telling.RECEIVED).name == "Ours"


def test_two_who_make_the_texts_at_once_do_not_stop_each_other(opened, monkeypatch):
    def taken(**_given):
        raise IntegrityError

    starters.install(actor=ACTOR, now=NOW, codes=[telling.RECEIVED])
    monkeypatch.setattr(starters, "install", taken)
    assert opened().step == "received"
    assert told() == ["request_received"]
