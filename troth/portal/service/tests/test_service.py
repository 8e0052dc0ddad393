"""Service requests from customers themselves: one request a form, a page of its own, the customer's word at the end."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from troth.access.actors import system_actor
from troth.care.models import ServiceRequest
from troth.care.requests import queries, services
from troth.customers import services as customers
from troth.customers.models import Customer
from troth.kit.clock import utc_now
from troth.kit.rates import RateLimiter
from troth.portal import guarding
from troth.portal.guarding import FormGuard
from troth.portal.service import views
from troth.staff.models import Company
from troth.worklist.models import Task

ACTOR = system_actor("test")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "SHORTEST_SECONDS", -1)
    monkeypatch.setattr(views, "_guard", FormGuard("test", RateLimiter(1000)))


@pytest.fixture
def company(db: None) -> Company:
    return Company.objects.create(name="Test & Co", currency="CNY", time_zone="Asia/Shanghai", language="zh-hans")


def fill(client: Client, **changes: Any) -> dict[str, Any]:
    shown = client.get("/p/service/?lang=en")
    assert shown.status_code == 200
    values = {"kind": "help", "title": "It hums", "product": "Kettle", "phone": "13800138000", "name": "Ann"}
    return {"token": shown.context["token"], **values} | changes


def send(client: Client, **changes: Any) -> Any:
    return client.post("/p/service/?lang=en", fill(client, **changes))


def done(request: ServiceRequest) -> None:
    """Take a question on use to where only the customer's word is missing."""
    services.move(request.number, step="answered", actor=ACTOR, now=utc_now())


@pytest.mark.slow
def test_a_form_becomes_one_request_with_a_page_and_a_task(client: Client, company: Company):
    filled = fill(client)
    first: Any = client.post("/p/service/", filled)
    again: Any = client.post("/p/service/", filled)
    request = ServiceRequest.objects.get()
    assert (request.request_kind, request.title, request.channel) == ("help", "It hums", "form")
    assert (first.status_code, first.url.split("?")[0]) == (302, again.url.split("?")[0])
    shown = client.get(first.url + "&lang=en").content.decode()
    assert request.number in shown
    assert "Keep the address" in shown
    assert Task.objects.get().customer_id == Customer.objects.get().id


@pytest.mark.slow
def test_what_is_not_seen_is_not_kept(client: Client, company: Company):
    """Marks that turn the direction of writing show staff another text than was written; NUL no database takes."""
    hidden = "Ri\u202eng\x00"
    fields = ("title", "description", "product", "order_number", "address")
    assert send(client, **dict.fromkeys(fields, hidden)).status_code == 302
    found = ServiceRequest.objects.get()
    assert {getattr(found, name) for name in fields} == {"Ring"}
    assert send(client, title="\u202e\x00").status_code == 422


@pytest.mark.slow
def test_who_is_known_is_found_and_not_shown(client: Client, company: Company):
    send(client, email="ann@example.com")
    answer = send(client, title="Again", phone="", email="ann@example.com", name="Somebody else")
    assert (Customer.objects.count(), ServiceRequest.objects.count()) == (1, 2)
    assert "Ann" not in client.get(answer.url).content.decode()


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"phone": ""}, "Leave an e-mail"),
        ({"kind": "' OR 1=1"}, "kind"),
        ({"kind": "re\x00pairs"}, "“repairs”"),
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"token": ""}, "open for too long"),
        ({"phone": "12"}, "12"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_kept(client: Client, company: Company, changes, word):
    answer = send(client, **changes)
    assert answer.status_code in {404, 409, 422}
    assert word.lower() in str(answer.context["refusal"]).lower()
    assert (Customer.objects.count(), ServiceRequest.objects.count()) == (0, 0)


@pytest.mark.slow
def test_what_programs_send_is_dropped(client: Client, company: Company, monkeypatch: pytest.MonkeyPatch):
    assert send(client, website="http://spam.example").status_code == 200
    assert client.post("/p/service/", fill(client), CONTENT_LENGTH=str(views.MOST_BODY + 1)).status_code == 422
    monkeypatch.setattr(views, "_guard", FormGuard("test", RateLimiter(1)))
    send(client)
    assert send(client).status_code == 429
    assert ServiceRequest.objects.count() == 1


@pytest.mark.slow
def test_what_strangers_write_is_shown_as_text_only(client: Client, company: Company):
    answer = send(client, title="<script>alert(1)</script>")
    assert "<script>alert" not in client.get(answer.url).content.decode()


@pytest.mark.slow
def test_a_changed_link_opens_nothing(client: Client, company: Company):
    send(client)
    token = queries.token_of(ServiceRequest.objects.get())
    for wrong in (token[:-2] + "xx", "x", "SR-2222-2222"):
        assert client.get(f"/p/service/{wrong}/").status_code in {400, 403, 404, 410, 422}


@pytest.mark.slow
def test_the_word_is_asked_once_the_work_is_done_and_counts_once(client: Client, company: Company):
    send(client)
    request = ServiceRequest.objects.get()
    address = f"/p/service/{queries.token_of(request)}/?lang=en"
    assert client.post(address, {"good": "yes"}).status_code == 409
    done(request)
    assert "Is all well now?" in client.get(address).content.decode()
    assert client.post(address, {"good": "perhaps"}).status_code == 422
    assert "all is well" in client.post(address, {"good": "yes", "text": "Thanks"}).content.decode()
    request.refresh_from_db()
    assert (request.state, request.satisfied, request.confirmation) == ("closed", True, "Thanks")
    assert client.post(address, {"good": "no"}).status_code == 409


@pytest.mark.slow
def test_not_well_takes_it_up_again(client: Client, company: Company):
    send(client)
    request = ServiceRequest.objects.get()
    done(request)
    answer = client.post(f"/p/service/{queries.token_of(request)}/?lang=en", {"good": "no", "text": "Still hums"})
    request.refresh_from_db()
    assert (request.state, request.step, request.reopened_count) == ("open", "received", 1)
    assert "take it up again" in answer.content.decode()


@pytest.mark.slow
def test_an_appointment_is_shown_in_the_companys_time(client: Client, company: Company):
    send(client)
    at = utc_now().replace(hour=4, minute=0, second=0, microsecond=0) + timedelta(days=2)
    ServiceRequest.objects.update(appointment_at=at, appointment_until=at + timedelta(hours=1))
    shown = client.get(f"/p/service/{queries.token_of(ServiceRequest.objects.get())}/?lang=en").content.decode()
    assert f"{at:%-d %b %Y}, 12:00" in shown
    assert ">13:00<" in shown


@pytest.mark.slow
def test_a_link_of_somebody_erased_leads_nowhere(client: Client, company: Company):
    answer = send(client)
    request = ServiceRequest.objects.get()
    done(request)
    customers.erase_customer(actor=ACTOR, now=utc_now(), customer_id=request.owner_id)
    assert client.get(answer.url).status_code == 404
    assert client.post(answer.url, {"good": "yes", "text": "I am Ann."}).status_code == 404
    assert (ServiceRequest.objects.get().state, ServiceRequest.objects.get().confirmation) == ("cancelled", "")
