"""Asking a provider over HTTP: with a time-out, no redirects, answers of bounded size, and a clear word on what is
certain: not sent, or nobody knows.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import requests
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError, SSLError

from .addresses import AddressRefusedError, CheckedAdapter
from .protocol import HandoverState

CONNECT_SECONDS, ANSWER_SECONDS = 5, 20
ANSWER_BYTES = 256 * 1024
_NEVER_LEFT = (NewConnectionError, ConnectTimeoutError, NameResolutionError, SSLError)


_LATER = frozenset({401, 402, 403, 407, 408, 429})
"""Not this message's fault: the account's (its key, its balance, its rights), or too many at once."""


def state_of(status: int) -> HandoverState:
    """Return what the status of a refusal says: whether nobody knows, whether it may go later, or never."""
    if status >= 500:
        return HandoverState.UNKNOWN
    return HandoverState.RETRY if status in _LATER else HandoverState.FAILED


class NotAnsweredError(Exception):
    """No answer. state: RETRY where nothing left this machine, UNKNOWN where it may have arrived."""

    def __init__(self, state: HandoverState, reason: str) -> None:
        super().__init__(reason)
        self.state, self.reason = state, reason


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider answered."""

    status: int
    body: bytes

    @property
    def data(self) -> dict[str, Any]:
        """Return the answer as an object, {} if it is none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def state(self) -> HandoverState:
        """Return what the status alone says of a hand-over."""
        if self.status < 300:
            return HandoverState.SENT
        return state_of(self.status)


def ask(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
    seconds: float = ANSWER_SECONDS,
) -> Answer:
    """Return the provider's answer.

    seconds: for the whole of it: the time-out of a socket begins anew with each byte that drips in.

    Raises:
        NotAnsweredError: there was none.
    """
    adapter = BoundedAdapter()
    try:
        with requests.Session() as session, bounded(session, adapter, seconds):
            answer = session.request(
                method, url, headers=dict(headers or {}), data=body, auth=auth, timeout=(CONNECT_SECONDS, seconds)
            )
            found = Answer(answer.status_code, answer.content)
    except AddressRefusedError as error:
        raise NotAnsweredError(HandoverState.FAILED, "address_refused") from error
    except requests.exceptions.ConnectTimeout as error:
        raise NotAnsweredError(HandoverState.RETRY, "no_connection") from error
    except requests.exceptions.Timeout as error:
        raise NotAnsweredError(HandoverState.UNKNOWN, "timeout") from error
    except requests.exceptions.ConnectionError as error:
        if never_left(error):
            raise NotAnsweredError(HandoverState.RETRY, "no_connection") from error
        raise NotAnsweredError(HandoverState.UNKNOWN, adapter.said("connection_lost")) from error
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, ValueError) as error:
        raise NotAnsweredError(HandoverState.FAILED, "bad_address") from error
    except Exception as error:  # reading the answer failed: the request had gone
        raise NotAnsweredError(HandoverState.UNKNOWN, adapter.said("answer_broken")) from error
    if adapter.is_hung_up:  # what came until then passes for an answer
        raise NotAnsweredError(HandoverState.UNKNOWN, "timeout")
    return found


class BoundedAdapter(CheckedAdapter):
    """Reads no more of an answer than is allowed, and names nobody whom one might follow it to."""

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Return the answer with its first bytes."""
        found = super().send(*args, **kwargs)
        with closing(found.raw) as raw:
            found.raw = BytesIO(raw.read(ANSWER_BYTES, decode_content=True))
        found.headers.pop("Location", None)
        return found


@contextmanager
def bounded(session: requests.Session, adapter: BoundedAdapter, seconds: float) -> Iterator[None]:
    """Have a session ask by the adapter alone, and hang up on whoever has not answered in full in time."""
    for scheme in ("https://", "http://"):
        session.mount(scheme, adapter)
    with _hung_up_on_after(CONNECT_SECONDS + seconds, adapter):
        yield


@contextmanager
def _hung_up_on_after(seconds: float, adapter: CheckedAdapter) -> Iterator[None]:
    timer = threading.Timer(seconds, adapter.hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def never_left(error: BaseException) -> bool:
    """Tell whether no connection came about, so that the request cannot have arrived."""
    inner = error.args[0] if error.args else None
    reason = getattr(inner, "reason", inner)
    return isinstance(reason, _NEVER_LEFT)
