"""Followed links and opened e-mails: noted if the customer still consents to it, then on to where the link leads."""

from base64 import b64decode
from contextlib import suppress

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from troth.kit.clock import utc_now
from troth.messaging import links, receipts
from troth.messaging.models import ReceiptKind
from troth.messaging.text_errors import LinkRefusedError
from troth.portal.pages import public

PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@require_safe
@public
def click(request: HttpRequest, token: str) -> HttpResponse:
    """Lead on to the address that was in the message; a link that was changed leads nowhere."""
    now = utc_now()
    opened = links.opened("click", token, now=now)
    if request.method == "GET":
        receipts.note_activity(opened, ReceiptKind.CLICKED, detail=str(opened.data["n"]), now=now)
    return HttpResponseRedirect(str(opened.data["u"]))


@require_safe
@never_cache
def opened(request: HttpRequest, token: str) -> HttpResponse:
    """Return a picture of one dot, always: what is wrong with the link is nobody's business but ours."""
    now = utc_now()
    with suppress(LinkRefusedError):
        receipts.note_activity(links.opened("open", token, now=now), ReceiptKind.OPENED, now=now)
    return HttpResponse(PIXEL, content_type="image/gif")
