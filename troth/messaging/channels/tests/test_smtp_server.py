"""Mail servers that answer what is no SMTP, never, or for ever."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from troth.messaging.channels import smtp_server
from troth.messaging.channels.protocol import HandoverState as S

from .conftest import outgoing

ANSWERS = {b"EHLO": b"250 x\r\n", b"MAIL": b"250 OK\r\n", b"RCPT": b"250 OK\r\n", b"QUIT": b"221 bye\r\n"}
Talk = Callable[[socket.socket], None]


@contextmanager
def server(talk: Talk) -> Iterator[int]:
    """Listens on loopback and talks to whoever comes; yields the port."""

    def serve() -> None:
        with suppress(OSError):
            while True:
                guest, _address = listening.accept()
                with guest, suppress(OSError):
                    talk(guest)

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield int(listening.getsockname()[1])
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()


def speaking(got: list[bytes], **answers: bytes) -> Talk:
    """Return a server that answers as told. text: what it says after the whole message."""
    said = ANSWERS | {b"DATA": b"354 go\r\n", b"TEXT": b"250 OK\r\n"}
    said |= {name.upper().encode(): value for name, value in answers.items()}

    def talk(guest: socket.socket) -> None:
        guest.sendall(b"220 x\r\n")
        lines = guest.makefile("rb")
        for line in lines:
            word = line[:4].upper()
            got.append(line.strip())
            guest.sendall(said.get(word, b"250 OK\r\n"))
            if word == b"DATA" and said[b"DATA"].startswith(b"354"):
                while lines.readline() not in (b".\r\n", b""):
                    pass
                guest.sendall(said[b"TEXT"])

    return talk


def channel(set_up, port: int):
    return set_up("email", host="127.0.0.1", port=port, security="none", sender="a@shop.example")


@pytest.mark.slow
@pytest.mark.parametrize("answer", [b"\x00\xff\r\n", b"\r\n", b"354 more\r\n", b"999 hm\r\n", b"250-x\r\n" * 20_000])
def test_what_is_no_answer_to_the_text_tells_nothing(set_up, answer):
    """The message may have arrived: it counts as unknown, not as sent, and is not sent again."""
    got: list[bytes] = []
    with server(speaking(got, text=answer)) as port:
        (done,) = channel(set_up, port).deliver([outgoing()])
    assert (done.state, done.reason, got.count(b"data")) == (S.UNKNOWN, "answer_lost", 1)


@pytest.mark.slow
def test_a_server_that_loses_every_answer_is_not_tried_with_the_whole_batch(set_up):
    """At twenty seconds an answer fifty messages would hold up their worker longer than its lease."""
    got: list[bytes] = []
    with server(speaking(got, text=b"hm\r\n")) as port:
        done = channel(set_up, port).deliver([outgoing() for _one in range(4)])
    assert [one.state for one in done] == [S.UNKNOWN, S.UNKNOWN, S.RETRY, S.RETRY]
    assert got.count(b"data") == 2


@pytest.mark.slow
@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("answer", [b"hello\r\n", b"100 hm\r\n"])
def test_what_is_no_answer_before_the_text_sends_nothing(set_up, step, answer):
    got: list[bytes] = []
    with server(speaking(got, **{step: answer})) as port:
        (done,) = channel(set_up, port).deliver([outgoing()])
    assert (done.state, done.reason) == (S.RETRY, "connection_lost")


@pytest.mark.slow
def test_a_server_that_drips_is_left_after_the_time_of_one_answer(set_up, monkeypatch):
    monkeypatch.setattr(smtp_server, "SECONDS", 0.5)

    def drip(guest: socket.socket) -> None:
        for _second in range(100):
            guest.sendall(b"2")
            time.sleep(0.1)

    with server(drip) as port:
        before = time.monotonic()
        done = channel(set_up, port).deliver([outgoing(), outgoing()])
        seconds = time.monotonic() - before
    assert [(one.state, one.reason) for one in done] == [(S.RETRY, "no_connection")] * 2
    assert seconds < 8, "it would have dripped for ten seconds"


@pytest.mark.slow
def test_an_address_of_another_alphabet_breaks_nobody_elses_mail(set_up):
    """lesson: one rejected recipient. A domain has an ASCII name; what stands before the @ has none."""
    got: list[bytes] = []
    addresses = ["ann@例子.cn", "安@shop.example", "ben@shop.example"]
    with server(speaking(got)) as port:
        done = channel(set_up, port).deliver([outgoing(address=address) for address in addresses])
    assert [(one.state, one.reason) for one in done] == [(S.SENT, ""), (S.FAILED, "bad_header"), (S.SENT, "")]
    to = [line for line in got if line.startswith(b"rcpt")]
    assert to == [b"rcpt TO:<ann@xn--fsqu00a.cn>", b"rcpt TO:<ben@shop.example>"]
