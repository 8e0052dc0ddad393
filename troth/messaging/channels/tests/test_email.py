"""E-mail against a real SMTP server on loopback."""

import email
import email.policy
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from troth.messaging import addresses
from troth.messaging.channels.protocol import HandoverState as S

from .conftest import outgoing


class Box:
    """Keeps what it gets; refuses addresses that say so."""

    def __init__(self) -> None:
        self.got: list[Envelope] = []
        self.after_text: Any = "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        if address.startswith("nobody"):
            return "550 no such user"
        if address.startswith("gone"):
            return "550 5.1.1 <gone@x.example>: no such user"
        if address.startswith("busy"):
            return "451 try later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        self.got.append(envelope)
        if self.after_text == "hang up":
            server.transport.close()
            return "421 gone"
        return str(self.after_text)


@pytest.fixture
def box() -> Iterator[tuple[Box, int]]:
    found = Box()
    controller = Controller(found, hostname="127.0.0.1", port=0)
    # Port 0: the system chooses; the controller's own probe needs to know which.
    controller.port = _free_port()
    controller.start()
    yield found, controller.port
    controller.stop()


def _free_port() -> int:
    import socket  # noqa: PLC0415

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def smtp(set_up, box):
    return set_up("email", host="127.0.0.1", port=box[1], security="none", sender="hello@shop.example")


def read(envelope: Envelope) -> Any:
    assert isinstance(envelope.content, bytes)
    return email.message_from_bytes(envelope.content, policy=email.policy.default)


def test_a_mail_arrives_whole(smtp, box):
    headers = {"List-Unsubscribe": "<https://x.example/u/1>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    one = outgoing(subject="生日快乐，王女士", text="您好", html="<p>您好</p>", headers=headers)
    (done,) = smtp.deliver([one])
    assert (done.state, done.reason) == (S.SENT, "")
    assert done.provider_id == f"<{one.contact_id.hex}@shop.example>"
    (envelope,) = box[0].got
    assert (envelope.mail_from, envelope.rcpt_tos) == ("hello@shop.example", ["jo@example.com"])
    got = read(envelope)
    assert got["Subject"] == "生日快乐，王女士"
    assert str(got["From"].addresses[0]) == "Test & Co <hello@shop.example>"
    assert got["Message-ID"] == done.provider_id
    assert got["List-Unsubscribe"] == "<https://x.example/u/1>"
    assert got["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert got["Auto-Submitted"] == "auto-generated", "no machine that is out of office answers it"
    assert got.get_body(("plain",)).get_content().strip() == "您好"
    assert got.get_body(("html",)).get_content().strip() == "<p>您好</p>"


def test_one_refused_address_touches_no_other(smtp, box):
    """lesson: one rejected recipient: the rest are sent again, for ever."""
    names = ["a@x.example", "nobody@x.example", "gone@x.example", "busy@x.example", "b@x.example"]
    done = smtp.deliver([outgoing(address=name) for name in names])
    assert [(one.state, one.reason) for one in done] == [
        (S.SENT, ""),
        (S.FAILED, "smtp_550"),
        (S.FAILED, "smtp_5.1.1"),
        (S.RETRY, "smtp_451"),
        (S.SENT, ""),
    ]
    assert [one.rcpt_tos for one in box[0].got] == [["a@x.example"], ["b@x.example"]]


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        ("554 looks like spam", S.FAILED, "smtp_554"),
        ("452 full", S.RETRY, "smtp_452"),
        ("hang up", S.UNKNOWN, "answer_lost"),
    ],
)
def test_what_is_said_after_the_text_decides(smtp, box, answer, state, reason):
    box[0].after_text = answer
    (done,) = smtp.deliver([outgoing()])
    assert (done.state, done.reason) == (state, reason)


@pytest.mark.slow
def test_after_a_lost_answer_the_rest_goes_over_a_new_connection(smtp, box):
    box[0].after_text = "hang up"
    done = smtp.deliver([outgoing(), outgoing()])
    assert [one.state for one in done] == [S.UNKNOWN, S.UNKNOWN]
    assert len(box[0].got) == 2, "each was handed over once"


@pytest.mark.slow
def test_nothing_left_when_nobody_listens(set_up):
    channel = set_up("email", host="127.0.0.1", port=9, security="none", sender="a@shop.example")
    done = channel.deliver([outgoing(), outgoing()])
    assert [(one.state, one.reason) for one in done] == [(S.RETRY, "no_connection")] * 2
    assert not channel.check().is_healthy


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "Hi\r\nBcc: all@x.example"},
        {"address": "jo@example.com\r\nRCPT TO:<all@x.example>"},
        {"headers": {"List-Unsubscribe": "<x>\r\nBcc: all@x.example"}},
    ],
)
def test_no_header_can_be_smuggled_in(smtp, box, change):
    (done,) = smtp.deliver([outgoing(**change)])
    assert (done.state, done.reason) == (S.FAILED, "bad_header")
    assert box[0].got == []


def test_a_line_of_a_dot_does_not_end_the_mail(smtp, box):
    smtp.deliver([outgoing(text="first\n.\nRCPT TO:<all@x.example>\n.\nlast")])
    (envelope,) = box[0].got
    assert read(envelope).get_body(("plain",)).get_content().strip().endswith("last")


def test_bounces_come_back_to_an_address_of_the_message(set_up, box):
    channel = set_up(
        "email",
        host="127.0.0.1",
        port=box[1],
        security="none",
        sender="hello@shop.example",
        bounce_domain="b.shop.example",
    )
    one = outgoing()
    channel.deliver([one])
    sender = box[0].got[0].mail_from
    assert sender is not None
    assert addresses.contact_of(sender.upper()) == one.contact_id
    signed, domain = sender.split("@")
    other = "1" if signed[-1] == "0" else "0"
    assert addresses.contact_of(f"{signed[:-1]}{other}@{domain}") is None


def test_health_connects(smtp):
    assert smtp.check().is_healthy
