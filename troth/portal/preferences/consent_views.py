"""Unsubscribing, preferences and the confirmation of a consent. A GET shows, a POST acts: scanners open every link."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from troth.customers import queries as customers
from troth.customers.models import ConsentChannel, ConsentPurpose, Customer
from troth.kit.clock import utc_now
from troth.messaging import links, queries
from troth.messaging import preferences as choices
from troth.messaging import services as messaging
from troth.messaging.text_errors import LinkRefusedError
from troth.portal.pages import page, public

from .forms import offered, read, switches

ONE_CLICK = "List-Unsubscribe"  # the field of RFC 8058


@csrf_exempt  # the signed address is the proof; mail programs send no cookie
@require_http_methods(["GET", "HEAD", "POST"])
@public
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Show what would be ended; a POST ends it, also the one-click POST of mail programs (RFC 8058)."""
    now = utc_now()
    opened = links.opened("unsubscribe", token, now=now)
    customer = _customer(opened)
    purpose, channel = str(opened.data["p"]), str(opened.data["h"])
    if request.method == "POST":
        wide = request.POST.get("scope") == "all"
        by = ConsentChannel.ANY.value if wide else channel
        one_click = request.POST.get(ONE_CLICK) == "One-Click"
        source = "one-click unsubscribe" if one_click else "unsubscribe page"
        choices.withdraw(customer_id=customer.id, purpose=purpose, channel=by, source=source, now=now)
        if one_click:
            return HttpResponse(status=200)
    context = {
        "is_done": request.method == "POST",
        "purpose": ConsentPurpose(purpose).label,
        "channel": ConsentChannel(channel).label,
        "is_any": channel == ConsentChannel.ANY.value,
        "preferences_url": links.preferences_url(customer.id),
    }
    return page(request, "portal/preferences/unsubscribe.html", context, language=customer.language)


@csrf_exempt  # the signed address is the proof; browsers in chat apps refuse cookies
@require_http_methods(["GET", "HEAD", "POST"])
@public
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """Show what may be sent and how; a POST keeps what was chosen."""
    now = utc_now()
    opened = links.opened("preferences", token, now=now)
    customer = _customer(opened)
    if request.method == "POST":
        chosen = read(request.POST, customer.id)
        proof = f"signed link, {choices.WORDING}"
        asked = messaging.choose(customer_id=customer.id, choices=chosen, proof=proof, now=now)
        query = request.GET.copy()
        query["saved"] = "1"
        if any(one.request is None for one in asked):
            query["unsent"] = "1"
        return redirect(f"{request.path}?{query.urlencode()}")
    context = {
        "rows": offered(customer.id),
        "switches": switches(customer.id),
        "is_saved": "saved" in request.GET,
        "is_unsent": "unsent" in request.GET,
        "waiting": [
            (ConsentPurpose(one.purpose).label, ConsentChannel(one.channel).label)
            for one in queries.waiting_consents(customer.id, now)
        ],
        "name": customers.mask_name(customer.name),
    }
    return page(request, "portal/preferences/preferences.html", context, language=customer.language)


@csrf_exempt  # the signed address is the proof
@require_http_methods(["GET", "HEAD", "POST"])
@public
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is to be confirmed; a POST confirms it."""
    now = utc_now()
    opened = links.opened("confirm", token, now=now)
    customer = _customer(opened)
    given = choices.confirm(opened, now=now) if request.method == "POST" else choices.confirmed(opened)
    context = {
        "is_done": given is not None,
        "purpose": ConsentPurpose(opened.data["p"]).label,
        "channel": ConsentChannel(opened.data["h"]).label,
        "preferences_url": links.preferences_url(customer.id),
    }
    return page(request, "portal/preferences/confirm.html", context, language=customer.language)


def _customer(opened: links.Opened) -> Customer:
    """Return whose link it is; one of a person whose data are gone leads nowhere."""
    found = customers.customer_or_none(opened.owner_id)
    if found is None or found.erased_at is not None:
        raise LinkRefusedError
    return found
