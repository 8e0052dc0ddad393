"""Providers of e-mail who flood, drip, or lead elsewhere. On loopback."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from ipaddress import ip_network

import pytest

from troth.messaging.channels import http
from troth.messaging.channels.protocol import HandoverState as S

from .conftest import outgoing

PROVIDERS = ("mailgun", "sendgrid", "postmark", "brevo", "resend", "sparkpost")
TAKEN = {"ErrorCode": 0, "Message": "OK", "MessageID": "m1", "To": "jo@example.com"}


@pytest.fixture
def postmark(set_up, provider):
    return set_up("email_provider", provider="postmark", api_key="k0", endpoint=provider.url, sender="us@shop.example")


def test_a_redirect_is_not_followed_for_the_key_would_go_with_it(postmark, provider):
    provider.answers = [(302, {})]
    (done,) = postmark.deliver([outgoing()])
    assert (done.state, done.reason, len(provider.asked)) == (S.FAILED, "http_302", 1)


def test_an_address_that_came_to_lie_within_gets_nothing(postmark, provider, settings):
    settings.PRIVATE_NETWORKS = [ip_network("10.0.0.0/8")]
    (done,) = postmark.deliver([outgoing()])
    assert (done.state, provider.asked) == (S.FAILED, [])


def test_a_flood_is_not_read_to_its_end(postmark, provider):
    provider.answers = [(200, json.dumps({**TAKEN, "more": "x" * 4 * http.ANSWER_BYTES}).encode())]
    assert postmark.deliver([outgoing()])[0].state is S.UNKNOWN


@pytest.fixture
def dripping() -> Iterator[tuple[str, Callable[[], bool]]]:
    """An address whose server drips its answer, and whether the one who asked hung up before that was over."""
    is_over, is_hung_up_on = threading.Event(), threading.Event()
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(10)

    def drip() -> None:
        caller, _address = server.accept()
        with caller:
            caller.recv(65_536)
            try:
                caller.sendall(b"HTTP/1.1 200 OK\r\nX")
                for _byte in range(200):  # each well within the time-out of a socket: twenty seconds in all
                    if is_over.wait(0.1):
                        return
                    caller.sendall(b"H")
            except OSError:
                is_hung_up_on.set()

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}", lambda: is_hung_up_on.wait(5)
    is_over.set()
    thread.join()
    with suppress(OSError):
        server.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", PROVIDERS)
def test_an_answer_that_drips_in_for_ever_is_not_waited_for(set_up, dripping, monkeypatch, name):
    monkeypatch.setattr(http, "CONNECT_SECONDS", 0.3)
    monkeypatch.setattr(http, "ANSWER_SECONDS", 0.3)
    endpoint, is_hung_up_on = dripping
    fields = {"api_key": "k0", "domain": "shop.example", "sender": "us@shop.example"}
    (done,) = set_up("email_provider", provider=name, endpoint=endpoint, **fields).deliver([outgoing()])
    assert (done.state, done.reason, is_hung_up_on()) == (S.UNKNOWN, "timeout", True)
