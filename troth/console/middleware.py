"""Around every request: the person's language, the company's zone, refusals in words."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import cast

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme

from troth.access.models import User
from troth.kit.busy import BusyError, is_busy
from troth.kit.errors import TrothError
from troth.staff import queries as staff

from .errors import BeyondError, bad_request, is_beyond, refusal_page

logger = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponseBase]

# Devices and features that no page of ours uses; the camera will be the till's alone.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "camera",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "payment",
        "usb",
    )
)


class SurroundingsMiddleware:
    """Speaks the language the signed-in person chose, shows times in the company's zone, sends the last
    security headers.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        chosen = request.user.language if isinstance(request.user, User) else ""
        language = chosen or translation.get_language() or "en"
        company = staff.company_or_none()
        request.company = company  # type: ignore[attr-defined]  # the frame shows it without asking again
        zone = company.time_zone if company else None
        with timezone.override(zone), translation.override(language):
            response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            pieces = cast(Iterator[bytes], response.streaming_content)
            response.streaming_content = _surrounded(pieces, language, zone)
        if isinstance(request.user, User):  # on a till, the next person finds nothing by going back
            response.headers.setdefault("Cache-Control", "private, no-store")
        response.headers.setdefault("Content-Language", language)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response


def _surrounded(pieces: Iterator[bytes], language: str, zone: str | None) -> Iterator[bytes]:
    """Make each piece of a download in the surroundings of its request, which is over by then."""
    while True:
        with timezone.override(zone), translation.override(language):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


class RefusalMiddleware:
    """Turns a refusal that a view did not handle into words: a note on the page one came from, or a page of
    its own.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: Sequence[object], kwargs: Mapping[str, object]
    ) -> HttpResponseBase | None:
        """Refuse a sign that no database keeps: SQLite would look for it, PostgreSQL fail.

        A form is read, as the guard against forged ones has done by now; what machines send is left to its view.
        """
        is_form = request.method == "POST" and not getattr(view, "csrf_exempt", False)
        texts = (request.path, *_texts(request.GET), *(_texts(request.POST) if is_form else ()))
        return bad_request(request, SuspiciousOperation("NUL")) if any("\0" in text for text in texts) else None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        if is_busy(error):
            error = BusyError()
        if is_beyond(error):  # whoever typed it is told; that a check is missing, whoever runs the process
            logger.warning("a value beyond what can be kept: %s", request.path, exc_info=error)
            error = BeyondError()
        if not isinstance(error, TrothError) or request.path.startswith("/api/"):
            return None
        if request.headers.get("HX-Request"):
            event = json.dumps({"troth:toast": {"text": str(error), "tone": "bad"}})
            return HttpResponse(status=204, headers={"HX-Trigger": event, "HX-Reswap": "none"})
        origin = request.headers.get("Referer", "")
        if request.method == "POST" and _is_ours(request, origin):
            messages.error(request, str(error))
            return redirect(origin)
        return refusal_page(request, error)


def _texts(values: QueryDict) -> Iterator[str]:
    for name, given in values.lists():
        yield name
        yield from map(str, given)


def _is_ours(request: HttpRequest, url: str) -> bool:
    return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
