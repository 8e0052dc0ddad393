"""The customer's word by signed link."""

from datetime import timedelta

import pytest
from django.test import Client

from troth.access.actors import system_actor
from troth.customers import services as customers
from troth.customers.services import NewIdentity
from troth.messaging import links
from troth.staff.models import Company
from troth.voice.complaints import services
from troth.voice.complaints.links import word_token
from troth.voice.complaints.services import NewCase
from troth.voice.models import Case, CaseEntry

from .conftest import NOW

ACTOR = system_actor("test")


@pytest.fixture
def case(company: Company) -> Case:
    ann = customers.create_customer(
        actor=ACTOR, now=NOW, identities=[NewIdentity("email", "ann@example.com")], name="Ann", language="en"
    )
    new = NewCase(key="k", channel="phone", text="Broken.", customer_id=ann.id)
    return services.open_case(new, actor=ACTOR, now=NOW)


def decide(case: Case, hours: int, **changes) -> str:
    now = NOW + timedelta(hours=hours)
    values = {"verdict": "upheld", "text": "Sorry.", "cause": "quality"} | changes
    return word_token(services.resolve_case(actor=ACTOR, now=now, case_id=case.id, **values))


def state(case: Case) -> tuple[str, str, int]:
    found = Case.objects.get(id=case.id)
    return found.state, found.word, found.round_no


@pytest.mark.slow
def test_looking_changes_nothing_and_yes_closes(client: Client, case: Case):
    """lesson: a GET unsubscribe, mail scanners: here a GET only asks."""
    address = f"/p/complaint/{decide(case, 1)}/"
    for _scan in range(3):
        assert "satisfied" in client.get(address + "?good=yes").content.decode()
    assert client.head(address).status_code == 200
    assert state(case) == ("resolved", "asked", 1)
    client.post(address, {"good": "yes", "text": "Thanks!"})
    assert state(case) == ("closed", "satisfied", 1)
    assert client.post(address, {"good": "no"}).status_code == 200
    assert state(case) == ("closed", "satisfied", 1)


@pytest.mark.slow
def test_no_opens_the_case_again_and_the_old_link_is_over(client: Client, case: Case):
    first = decide(case, 1)
    page = client.post(f"/p/complaint/{first}/", {"good": "no", "text": "Not at all."}).content.decode()
    assert f"We take case {case.number} up again" in page
    assert state(case) == ("working", "", 2)
    second = decide(case, 2, is_final=True)
    assert "answered already" in client.get(f"/p/complaint/{first}/").content.decode()
    client.post(f"/p/complaint/{first}/", {"good": "yes"})
    assert state(case) == ("resolved", "asked", 2)
    client.post(f"/p/complaint/{second}/", {"good": "no"})
    assert state(case) == ("closed", "dissatisfied", 2)


@pytest.mark.slow
def test_no_choice_and_too_long_a_text_are_refused(client: Client, case: Case):
    address = f"/p/complaint/{decide(case, 1)}/"
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"good": "maybe"}).status_code == 422
    assert client.post(address, {"good": "yes", "text": "x" * 2001}).status_code == 422
    assert state(case) == ("resolved", "asked", 1)


@pytest.mark.slow
def test_a_tampered_link_leads_nowhere(client: Client, case: Case):
    token = decide(case, 1)
    other_round = links.signed("complaint-word", case.id, data={"round": 2}).split(":")[0]
    forged = [f"{other_round}:{token.split(':')[1]}", token[:-1], token + "x", token.split(":")[0], "x", "ä" * 20]
    forged += [links.signed("survey", case.id, data={"round": 1}), "a" * 5000]
    for text in forged:
        assert client.get(f"/p/complaint/{text}/").status_code == 404
        assert client.post(f"/p/complaint/{text}/", {"good": "yes"}).status_code == 404
    assert state(case) == ("resolved", "asked", 1)


@pytest.mark.slow
def test_a_link_of_somebody_erased_leads_nowhere(client: Client, case: Case):
    address = f"/p/complaint/{decide(case, 1)}/"
    assert case.customer_id is not None
    customers.erase_customer(actor=ACTOR, now=NOW, customer_id=case.customer_id)
    assert client.get(address).status_code == 404
    assert client.post(address, {"good": "no", "text": "My name is Ann."}).status_code == 404
    assert state(case) == ("resolved", "asked", 1)
    assert not CaseEntry.objects.filter(case_id=case.id, text__contains="Ann").exists()
