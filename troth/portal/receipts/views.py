"""A provider's request, made plain and handed to messaging. It proves itself: no session, no CSRF."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.messaging import incoming


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def take(request: HttpRequest, channel: str, token: str = "") -> HttpResponse:
    """Keep what a provider tells; a forged or unreadable request gets a 403 and leaves nothing behind."""
    try:
        answer = incoming.take(channel, _plain(request, token), now=utc_now())
    except (TrothError, RequestDataTooBig, SuspiciousOperation):
        return HttpResponse(status=403)
    return HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)


def _plain(request: HttpRequest, token: str) -> incoming.Request:
    """Return the request as plain data. The address is the public one: providers sign what they called."""
    body = request.body
    return incoming.Request(
        method=request.method or "GET",
        url=f"{settings.PUBLIC_URL}{request.get_full_path()}",
        token=token,
        headers={name.lower(): value for name, value in request.headers.items()},
        query=request.GET.dict(),
        form=request.POST.dict(),
        body=body,
        native=request,
    )
