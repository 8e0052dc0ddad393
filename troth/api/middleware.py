"""What the API does around every request below /api/: limits first, refusals always in one form.

A call carries a key and gets JSON. Sessions, forms, messages and whatever else serves browsers took longer than the
call's own work, so calls pass them by; the page that explains the API does not.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.common import CommonMiddleware
from django.middleware.locale import LocaleMiddleware

from troth.kit.rates import Allowance

from . import problems

GetResponse = Callable[[HttpRequest], HttpResponseBase]
PREFIX, PAGES = "/api/", "/api/v1/docs"
KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")


class ApiMiddleware:
    """Refuses bodies that are too large or no JSON, turns other refusals into problems, adds headers."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        inner = CommonMiddleware(convert_exception_to_response(_Calls().get_response))
        self.answer_call = cast(GetResponse, LocaleMiddleware(cast(GetResponse, inner)))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(PREFIX):
            return self.get_response(request)
        answer = self.get_response if request.path.startswith(PAGES) else self.answer_call
        response = _refusal(request) or answer(request)
        if response.status_code >= HTTPStatus.BAD_REQUEST and not _is_problem(response):
            response = _as_problem(response)
        _add_headers(request, response)
        return response


class _Calls(BaseHandler):
    """Django's own finding and calling of views, without middleware around it."""

    def __init__(self) -> None:
        hooks: list[Any] = []
        self._view_middleware = self._template_response_middleware = self._exception_middleware = hooks

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Return what the view answers."""
        found: HttpResponseBase = super()._get_response(request)  # type: ignore[misc]  # the stubs leave it out
        return found


def _refusal(request: HttpRequest) -> HttpResponse | None:
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return problems.of_status(400)
    if request.META.get("HTTP_TRANSFER_ENCODING") and not request.META.get("CONTENT_LENGTH"):
        return problems.of_status(411)  # without a length the body would be taken for an empty one
    if length > settings.API_MAX_BYTES:
        return problems.of_status(413)
    if length > 0 and request.method not in ("GET", "HEAD") and request.content_type != "application/json":
        return problems.of_status(415)
    return None


def _is_problem(response: HttpResponseBase) -> bool:
    return response.headers.get("Content-Type", "").startswith(problems.MEDIA_TYPE)


def _as_problem(response: HttpResponseBase) -> HttpResponse:
    """Django's own answers: unknown methods, refused hosts, failures. Their details stay in the log."""
    made = problems.of_status(response.status_code)
    for name in KEPT_HEADERS:
        if name in response.headers:
            made.headers[name] = response.headers[name]
    return made


def _add_headers(request: HttpRequest, response: HttpResponseBase) -> None:
    """Nothing that the API says is to be kept by anyone in between, or to be taken for a page."""
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    if not response.headers.get("Content-Type", "").startswith("text/html"):
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    allowance: Allowance | None = getattr(request, "allowance", None)
    if allowance is not None:
        limit = settings.API_REQUESTS_PER_MINUTE
        response.headers["RateLimit-Policy"] = f'"key";q={limit};w=60'
        response.headers["RateLimit"] = f'"key";r={allowance.remaining};t={allowance.wait_seconds}'
