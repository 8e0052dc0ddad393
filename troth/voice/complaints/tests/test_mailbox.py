"""Mail as it comes to the company: complaints of people, what machines send, what goes round in circles."""

from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.db import OperationalError

from troth.customers.models import Customer
from troth.messaging import addresses
from troth.messaging.models import Contact, ContactState
from troth.staff.models import Company
from troth.voice.complaints import mailbox, services
from troth.voice.complaints.errors import EmailRefusedError
from troth.voice.models import Case

from .conftest import ACTOR, NOON


def mail(text: str = "The ring came broken.", *, number: int = 1, **headers: str) -> bytes:
    message = EmailMessage()
    values = {"From": "Ann <ann@example.com>", "Subject": "Ring", "Message-ID": f"<{number}@example.com>"} | headers
    for name, value in values.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def take(raw: bytes, recipient: str = "") -> services.Taken:
    return services.take_mail(raw, recipient=recipient, actor=ACTOR, now=NOON)


@pytest.mark.slow
def test_a_persons_mail_opens_a_case_once(company):
    first, again = take(mail()), take(mail())
    assert (first.outcome, again.outcome, Case.objects.count()) == ("opened", "known", 1)


@pytest.mark.slow
def test_an_answer_goes_to_the_case_that_its_subject_names(company):
    case = take(mail()).case
    answer = take(mail("It is gold.", number=2, Subject=f"Re: [{case.number}]"))
    assert (answer.outcome, answer.case.id) == ("added", case.id)
    again = take(mail("It is gold.", number=2, Subject=f"Re: [{case.number}]"))
    assert (again.outcome, again.case.id) == ("known", case.id)


@pytest.mark.slow
def test_in_a_company_that_stands_still_a_mail_opens_its_case_on_that_day(company):
    Company.objects.update(as_of_date=date(2018, 1, 1))
    assert take(mail()).case.opened_at.date() == date(2018, 1, 1)


@pytest.mark.parametrize("header", [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"X_Autoreply": "yes"}])
def test_what_machines_send_opens_nothing(company, header):
    assert take(mail(**header)).outcome == "automatic"
    assert not Case.objects.exists()


def test_mail_that_goes_round_is_left_alone(company, settings):
    settings.DEFAULT_FROM_EMAIL = "Shop <care@shop.example>"
    assert take(mail(From="care@shop.example")).outcome == "loop"
    travelled = b"Received: by mx.example; Mon, 16 Nov 2026 12:00:00 +0800\r\n" * 51 + mail()
    assert take(travelled).outcome == "loop"
    assert not Case.objects.exists()


@pytest.mark.slow
def test_a_machine_that_hides_does_not_fill_the_board(company, monkeypatch):
    monkeypatch.setattr(mailbox, "MOST_PER_HOUR", 3)
    outcomes = [take(mail(number=number)).outcome for number in range(5)]
    assert (outcomes, Case.objects.count()) == (["opened"] * 3 + ["loop"] * 2, 3)


def test_a_bounce_is_noted_at_its_message_and_opens_nothing(ann: Customer):
    contact = Contact.objects.create(
        owner_id=ann.id, key="k", purpose="service", template="t", channel="email", address="ann@example.com",
        content_hash="x", source="staff", relevant_until=NOON, state=ContactState.SENT, due_at=NOON, decided_at=NOON,
        created_at=NOON, created_by="system:test",
    )  # fmt: skip
    bounce = (
        b"From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nNo.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        b"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; ann@example.com\r\n"
        b"Action: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    )
    taken = take(bounce, addresses.bounce_address(contact.id, "b.shop.example"))
    contact.refresh_from_db()
    assert (taken.outcome, contact.state) == ("receipt", ContactState.BOUNCED)
    assert not Case.objects.exists()


def test_the_word_stop_is_no_complaint(ann: Customer):
    assert take(mail("STOP")).outcome == "receipt"
    assert not Case.objects.exists()


@pytest.mark.slow
def test_html_of_strangers_becomes_text(company):
    message = EmailMessage()
    message["From"], message["Subject"] = "ann@example.com", "x"
    message.set_content("<p>Broken<script>alert(1)</script><img src=x onerror=y></p>", subtype="html")
    assert take(message.as_bytes()).case.text == "Broken"


def test_what_is_too_large_is_refused(company, monkeypatch):
    monkeypatch.setattr("troth.voice.complaints.email_text.MOST_BYTES", 1_000)
    with pytest.raises(EmailRefusedError):
        take(mail("x" * 2_000))
    assert not Case.objects.exists()


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for part in ("new", "cur", "tmp"):
        (tmp_path / part).mkdir()
    return tmp_path


@pytest.mark.slow
def test_a_maildir_is_emptied_and_what_cannot_be_read_is_put_aside(company, maildir):
    (maildir / "new" / "1").write_bytes(mail())
    (maildir / "new" / "2").write_bytes(b"Subject: nobody\n\nwrote this")
    (maildir / "new" / "3").write_bytes(mail("Second", number=3, From="ben@example.com"))
    *_steps, done = services.empty_maildir(maildir, actor=ACTOR, now=NOON)
    assert (done.taken, done.refused, Case.objects.count()) == (2, 1, 2)
    assert sorted(path.name for path in (maildir / "cur").iterdir()) == ["1:2,S", "2:2,FS", "3:2,S"]
    assert list(services.empty_maildir(maildir, actor=ACTOR, now=NOON + timedelta(hours=1))) == []


@pytest.mark.slow
def test_a_letter_that_nobody_foresaw_holds_up_none_behind_it(company, maildir, monkeypatch):
    def broken(_raw: bytes) -> None:
        raise ZeroDivisionError

    (maildir / "new" / "1").write_bytes(mail())
    with monkeypatch.context() as patched:
        patched.setattr(mailbox, "read_email", broken)
        (done,) = services.empty_maildir(maildir, actor=ACTOR, now=NOON)
    (maildir / "new" / "2").write_bytes(mail(number=2))
    (then,) = services.empty_maildir(maildir, actor=ACTOR, now=NOON)
    assert (done.refused, then.taken, Case.objects.count()) == (1, 1, 1)


@pytest.mark.slow
def test_a_database_that_is_gone_leaves_the_letters_where_they_are(company, maildir, monkeypatch):
    def broken(_raw: bytes) -> None:
        raise OperationalError

    (maildir / "new" / "1").write_bytes(mail())
    monkeypatch.setattr(mailbox, "read_email", broken)
    with pytest.raises(OperationalError):
        list(services.empty_maildir(maildir, actor=ACTOR, now=NOON))
    assert [path.name for path in (maildir / "new").iterdir()] == ["1"]


@pytest.mark.slow
def test_a_worker_killed_before_the_message_was_moved_takes_it_again_once(company, maildir):
    (maildir / "new" / "1").write_bytes(mail())
    take(mail())
    (done,) = services.empty_maildir(maildir, actor=ACTOR, now=NOON)
    assert (done.taken, Case.objects.count()) == (1, 1)
