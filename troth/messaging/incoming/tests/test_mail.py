"""Mail that comes in: bounces, spam reports, people, and machines that answer by themselves."""

import pytest

from troth.customers import queries as customers
from troth.events.models import Event
from troth.messaging import addresses, suppressions
from troth.messaging.incoming.mail import take_message
from troth.messaging.incoming.replies import means_stop
from troth.messaging.models import ContactState, ReceiptKind, Reply

from .conftest import NOW


def take(text: str, recipient: str = "hello@shop.example"):
    raw = text.strip().replace("\n", "\r\n").encode()
    return take_message(raw, recipient=recipient, channel="email", now=NOW)


def bounce(status: str, action: str = "failed") -> str:
    return f"""
From: MAILER-DAEMON@mx.example
To: x@b.shop.example
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It did not work.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; wang@example.com
Action: {action}
Status: {status}

--b--
"""


@pytest.mark.parametrize(
    ("status", "action", "kind", "state"),
    [
        ("5.1.1", "failed", ReceiptKind.BOUNCED_HARD, ContactState.BOUNCED),
        ("5.2.2", "failed", ReceiptKind.BOUNCED_SOFT, ContactState.SENT),
        ("4.4.1", "delayed", ReceiptKind.BOUNCED_SOFT, ContactState.SENT),
        ("2.0.0", "delivered", ReceiptKind.DELIVERED, ContactState.DELIVERED),
    ],
)
def test_a_bounce_to_the_messages_own_address_counts(contact, status, action, kind, state):
    one = contact()
    assert take(bounce(status, action), addresses.bounce_address(one.id, "b.shop.example")) == kind
    one.refresh_from_db()
    assert one.state == state


def test_a_made_up_bounce_silences_nobody(contact):
    one = contact()
    for recipient in ("hello@shop.example", f"b.{one.id.hex}.{'0' * 16}@b.shop.example", f"b.{one.id.hex}@x.example"):
        assert take(bounce("5.1.1"), recipient) is None
    one.refresh_from_db()
    assert one.state == ContactState.SENT
    assert suppressions.suppressed([("email", "wang@example.com")]) == {}


def test_a_bounce_that_names_its_message_proves_nothing(contact):
    """Whoever knows a customer's address and has seen a mail of ours could else silence the customer."""
    one = contact()
    forged = bounce("5.1.1").replace(
        "From: MAILER-DAEMON@mx.example", f"From: wang@example.com\nIn-Reply-To: <{one.id.hex}@shop.example>"
    )
    assert take(forged) != ReceiptKind.BOUNCED_HARD
    one.refresh_from_db()
    assert (one.state, suppressions.suppressed([("email", "wang@example.com")])) == (ContactState.SENT, {})


def test_a_report_of_spam_is_heard(contact, wang):
    one = contact()
    text = """
From: fbl@mx.example
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

spam
--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: x/1

--b--
"""
    assert take(text, addresses.bounce_address(one.id, "b.shop.example")) == ReceiptKind.COMPLAINED
    one.refresh_from_db()
    assert one.state == ContactState.COMPLAINED


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "X-Autoreply: yes",
        "Precedence: auto_reply",
        "Subject: Out of office: back on Monday",
        "Subject: =?utf-8?b?6Ieq5Yqo5Zue5aSN77ya5LyR5YGH?=",
    ],
)
def test_an_out_of_office_is_no_unsubscribe(contact, wang, header):
    """lesson: an out-of-office reply counted as unsubscribe."""
    assert take(f"From: wang@example.com\n{header}\n\nSTOP") == ReceiptKind.AUTO_REPLIED
    assert [one for one in customers.consents_of(wang.id) if not one.is_given] == []
    assert Reply.objects.get().is_automatic
    assert not Event.objects.filter(name="messaging.contact.replied").exists()


def test_a_person_who_says_stop_is_heard(contact, wang):
    text = "From: Wang <WANG@example.com>\nSubject: Re: Hello\n\nUnsubscribe\n\n> You may write STOP\n"
    assert take(text) == ReceiptKind.REPLIED
    refused = {(one.purpose.value, one.channel.value) for one in customers.consents_of(wang.id) if not one.is_given}
    assert refused == {("marketing", "email"), ("survey", "email")}


@pytest.mark.parametrize("text", ["Please stop by on Monday", "I will not cancel", "谢谢，不用退订", ""])
def test_what_only_holds_the_word_is_no_stop(text):
    assert not means_stop(text)


@pytest.mark.parametrize("text", ["STOP", " stop! ", "退订", "退订。", "ＳＴＯＰ", "R", "拒收"])
def test_stop_is_heard_however_it_is_written(text):
    assert means_stop(text)


def test_an_answer_is_tied_to_its_message_only_by_who_got_it(contact, wang):
    one = contact()
    answer = f"From: wang@example.com\nIn-Reply-To: <{one.id.hex}@shop.example>\n\nGood\n"
    assert take(answer) == ReceiptKind.REPLIED
    assert Reply.objects.get().contact_id == one.id
    assert take(answer.replace("wang@", "stranger@")) is None, "a stranger is nobody's customer"
    assert Reply.objects.count() == 1


@pytest.mark.parametrize(
    "raw", ["", "From: \n\n", "From: <<>>\n\nx", "\x00\x01", "Content-Type: multipart/mixed\n\n--"]
)
def test_a_mail_of_rubbish_is_passed_over(wang, raw):
    assert take(raw) is None
    assert not Reply.objects.exists()


def test_a_text_is_kept_in_bounds(contact, wang):
    take("From: wang@example.com\nSubject: x\n\n" + "long " * 50_000)
    assert len(Reply.objects.get().text) == 5_000


@pytest.mark.slow
def test_a_long_text_of_signs_is_read_in_the_time_of_its_length():
    """In time that grows with the square of the length, this would take hours."""
    assert not means_stop("a" + "!" * 2_000_000 + "a")
    assert means_stop("!" * 1000 + "Stop" + "." * 1000)


def test_brackets_within_brackets_are_none_of_ours(db: None):
    raw = b"From: a@example.com\r\nContent-Disposition: x; " + b"(" * 5_000 + b"\r\n\r\nstop"
    assert take_message(raw, recipient="", channel="email", now=NOW) is None


@pytest.mark.parametrize("name", ["Subject", "Auto-Submitted", "Precedence", "In-Reply-To", "Content-Type", "From"])
def test_half_a_sign_in_a_header_breaks_nothing(wang, name):
    assert take(f"{name}: =?utf-7?q?+2AA-?= <stranger@example.com>\n\nstop") is None


def test_half_a_sign_in_a_text_is_kept_as_a_question(wang):
    text = "From: wang@example.com\nContent-Type: text/plain; charset=utf-7\n\nNot +2AA- today"
    assert take(text) == ReceiptKind.REPLIED
    assert Reply.objects.get().text == "Not ? today"


def test_parts_within_parts_without_an_end_are_none_of_ours(db: None):
    """Each line is held against the border of every part around it: 25 MB would take an hour."""
    parts = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(200))
    assert take(f"From: a@example.com\n{parts}" + "\n" * 200_000) is None
