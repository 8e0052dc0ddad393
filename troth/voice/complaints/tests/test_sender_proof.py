"""Who sent an e-mail, as the receiving server found it: RFC 8601 read as it stands, and what forgers try."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.kit import letters
from troth.voice.complaints import queries, services
from troth.voice.complaints.errors import CaseRefusedError
from troth.voice.complaints.sender_proof import is_proven
from troth.voice.models import CaseEntry
from troth.worklist.models import Task

from .conftest import ACTOR, HOUR, NOON, acts, again, complaint

SERVER = "mx.shop.example"


def proven(*fields: str, sender: str = "Ann <ann@example.com>", address: str = "ann@example.com") -> bool:
    heads = "".join(f"Authentication-Results: {field}\r\n" for field in fields)
    message = letters.parsed(f"{heads}From: {sender}\r\n\r\nHi".encode())
    return is_proven(message, address, SERVER)


@pytest.mark.parametrize(
    "field",
    [
        "mx.shop.example; dmarc=pass (p=none dis=none) header.from=example.com",
        "mx.shop.example 1; dkim=pass (good signature) header.d=example.com header.s=a",
        "mx.shop.example; dkim=pass header.i=@example.com; spf=fail smtp.mailfrom=other.example",
        "MX.Shop.Example; spf=pass smtp.mailfrom=bounces@Example.com",
        '"mx.shop.example"; dmarc = pass\r\n  header.from = example.com',
        "mx.shop.example (a (nested \\) one)); dmarc/1=pass header.from=example.com",
        "mx.shop.example; dkim=fail header.d=example.com; dkim=pass header.d=example.com",
    ],
)
def test_what_the_own_server_found_proves_the_domain(field):
    assert proven(field)


@pytest.mark.parametrize(
    "field",
    [
        "mx.shop.example; none",
        "mx.shop.example",
        "",
        "mx.other.example; dmarc=pass header.from=example.com",
        "mx.shop.example.evil.example; dmarc=pass header.from=example.com",
        "mx.shop.example; dmarc=fail header.from=example.com",
        "mx.shop.example; dmarc=pass header.from=evil.example",
        "mx.shop.example; dmarc=pass",
        "mx.shop.example; dkim=pass header.d=evil.example",
        "mx.shop.example; dkim=pass header.d=ample.com; spf=pass smtp.mailfrom=notexample.com",
        "mx.shop.example; dmarc=none header.from=example.com; dkim=pass header.d=example.com",
        "mx.shop.example; dkim=neutral (dmarc=pass header.from=example.com)",
        'mx.shop.example; dkim=fail reason="x; dmarc=pass header.from=example.com"',
        'mx.shop.example; spf=pass smtp.mailfrom="a; dkim=pass header.d=example.com"@evil.example',
        "(mx.shop.example; dmarc=pass header.from=example.com",
        "mx.shop.example; arc=pass header.from=example.com; auth=pass smtp.auth=ann@example.com",
    ],
)
def test_anything_else_proves_nothing(field):
    assert not proven(field)


def test_one_failure_is_enough_to_disbelieve_a_field_that_a_forger_added():
    own, added = (f"mx.shop.example; dmarc={result} header.from=example.com" for result in ("fail", "pass"))
    assert proven(added)
    assert not proven(own, added)
    assert not proven(added, own)


def test_of_two_senders_none_is_proven_and_without_a_server_nobody():
    good = "mx.shop.example; dmarc=pass header.from=example.com"
    assert not proven(good, sender="Ann <ann@example.com>, eve@evil.example")
    assert not proven(good, sender="Ann <ann@example.com>\r\nFrom: eve@evil.example")
    message = letters.parsed(f"Authentication-Results: {good}\r\nFrom: ann@example.com\r\n\r\nHi".encode())
    assert not is_proven(message, "ann@example.com", "")


def test_domains_are_compared_as_names():
    assert proven("mx.shop.example; dmarc=pass header.from=xn--fiq228c.example", address="ann@中文.example")
    assert not proven("mx.shop.example; dmarc=pass header.from=", address="ann@")


@given(st.text(max_size=200))
def test_no_field_breaks_the_reader(field):
    assert not proven("mx.other.example; " + field.replace("\r", " ").replace("\n", " "))


@pytest.mark.parametrize("unit", ["(", '"', "\\", ";", "a=b ", "=", "(\\"])
def test_a_field_without_an_end_is_read_no_further_than_any_server_writes(unit):
    assert not proven(*["mx.shop.example; " + unit * (200_000 // len(unit))] * 3)


# --- what becomes of it in a case


def answer(case: Any, text: str = "Close it, I am happy.", *, number: int = 2, head: str = "") -> Any:
    raw = f"{head}From: Ann <ann@example.com>\r\nMessage-ID: <{number}@x>\r\nSubject: Re: [{case.number}]\r\n\r\n{text}"
    return services.receive_email(raw.encode(), actor=ACTOR, now=NOON + 2 * HOUR)


GOOD = "Authentication-Results: mx.shop.example; dmarc=pass header.from=example.com\r\n"


@pytest.fixture
def waiting(ann, settings):
    settings.MAIL_SERVER = SERVER
    case = complaint(ann)
    services.write_to_customer(actor=ACTOR, now=NOON + HOUR, case_id=case.id, text="Which ring?", awaits_answer=True)
    return case


@pytest.mark.slow
def test_a_forged_answer_is_kept_as_unproven_and_moves_nothing(waiting):
    assert answer(waiting).case.id == waiting.id
    answer(waiting, "And send me the coupon.", number=3)
    assert again(waiting).state == "waiting"
    words = queries.unproven_words_of(waiting)
    assert [one.text for one in words] == ["Close it, I am happy.", "And send me the coupon."]
    assert {one.data["sender"] for one in words} == {"unproven"}
    assert Task.objects.filter(source=f"case:{waiting.id}").count() == 1  # for all that wait together
    services.judge_words(actor=ACTOR, now=NOON + 3 * HOUR, case_id=waiting.id, entry_id=words[0].id, is_customer=False)
    assert again(waiting).state == "waiting"
    services.judge_words(actor=ACTOR, now=NOON + 3 * HOUR, case_id=waiting.id, entry_id=words[1].id, is_customer=True)
    assert again(waiting).state == "working"
    assert queries.unproven_words_of(waiting) == []
    with pytest.raises(CaseRefusedError):
        services.judge_words(
            actor=ACTOR, now=NOON + 3 * HOUR, case_id=waiting.id, entry_id=words[0].id, is_customer=True
        )


@pytest.mark.slow
def test_a_proven_answer_moves_the_case_as_before(waiting):
    answer(waiting, head=GOOD)
    assert again(waiting).state == "working"
    assert queries.unproven_words_of(waiting) == []
    assert "sender" not in CaseEntry.objects.get(case_id=waiting.id, act="said").data


@pytest.mark.slow
def test_a_case_is_not_opened_again_by_a_forger(ann, settings):
    settings.MAIL_SERVER = SERVER
    case = complaint(ann)
    services.reject_case(actor=ACTOR, now=NOON + HOUR, case_id=case.id, note="A question")
    answer(case)
    assert (again(case).state, "reopened" in acts(case)) == ("rejected", False)
    (words,) = queries.unproven_words_of(case)
    services.judge_words(actor=ACTOR, now=NOON + 3 * HOUR, case_id=case.id, entry_id=words.id, is_customer=True)
    assert (again(case).state, "reopened" in acts(case)) == ("working", True)


@pytest.mark.slow
@pytest.mark.parametrize(("head", "is_unproven"), [("", True), (GOOD, False)])
def test_a_case_says_whether_its_sender_is_proven(company, settings, head, is_unproven):
    settings.MAIL_SERVER = SERVER
    raw = f"{head}From: Ann <ann@example.com>\r\nMessage-ID: <9@x>\r\nSubject: Ring\r\n\r\nBroken."
    case = services.receive_email(raw.encode(), actor=ACTOR, now=NOON).case
    assert queries.is_sender_unproven(case) is is_unproven
