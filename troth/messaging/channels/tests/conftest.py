"""Providers on this machine: an HTTP server that answers as it is told, and messages to hand over."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import pytest

from troth.access.actors import system_actor
from troth.kit.ids import new_id
from troth.messaging import channels
from troth.messaging.channels.setups import save_setup
from troth.staff import services as staff

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ACTOR = system_actor("test")


@dataclass
class Asked:
    """One request that the provider got."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body)


@dataclass
class Provider:
    """A provider on loopback: `answers` are given in turn, the last one for ever; a number alone is a status."""

    url: str = ""
    answers: list[Any] = field(default_factory=lambda: [(200, {})])
    asked: list[Asked] = field(default_factory=list)

    def next(self) -> Any:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def provider() -> Iterator[Provider]:
    found = Provider()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            found.asked.append(Asked(self.command, self.path, dict(self.headers.items()), body))
            answer = found.next()
            if answer == "hang up":
                self.close_connection = True
                self.connection.close()
                return
            if callable(answer):
                answer = answer()
            status, data = answer
            sent = data if isinstance(data, bytes) else json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(sent)))
            if status in (301, 302):
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_OPTIONS = _answer

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def company(db: None) -> Any:
    return staff.set_up_company(actor=ACTOR, now=NOW, name="Test & Co", time_zone="Asia/Shanghai")


SetUp = Callable[..., channels.Channel]


@pytest.fixture
def set_up(company: Any) -> SetUp:
    """Return a function that sets a channel up and returns it."""

    def done(code: str, **values: Any) -> channels.Channel:
        save_setup(actor=ACTOR, now=NOW, code=code, is_enabled=True, values=values)
        return channels.get(code)

    return done


def outgoing(**values: Any) -> channels.Outgoing:
    """Return a message; its key is its contact's id."""
    contact_id: UUID = values.pop("contact_id", None) or new_id()
    given: dict[str, Any] = {
        "address": "jo@example.com",
        "subject": "Hello",
        "text": "Hello Jo",
        "customer_id": new_id(),
    } | values
    return channels.Outgoing(contact_id=contact_id, key=str(contact_id), **given)
