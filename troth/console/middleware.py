"""Around every request: the person's language, the company's zone, refusals in words."""

import json
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme

from troth.access.models import User
from troth.kit.errors import TrothError
from troth.staff import queries as staff

from .errors import refusal_page

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
        company = staff.company_or_none()
        zone = timezone.override(company.time_zone if company else None)
        with zone, translation.override(chosen or translation.get_language()):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "en")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response


class RefusalMiddleware:
    """Turns a refusal that a view did not handle into words: a note on the page one came from, or a page of
    its own.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
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


def _is_ours(request: HttpRequest, url: str) -> bool:
    return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
