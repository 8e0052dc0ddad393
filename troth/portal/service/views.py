"""A customer asks for service or a repair, and sees later how it stands. A GET changes nothing."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from troth.access.actors import Actor
from troth.care.models import RequestState, ServiceRequest
from troth.care.requests import queries, services
from troth.care.requests.errors import RequestStateError
from troth.care.requests.services import Caller
from troth.customers import queries as customers
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.kit.letters import whole_signs
from troth.portal.guarding import FormGuard, FormRefusedError
from troth.portal.pages import language_of, page, public
from troth.staff import queries as staff

MOST_BODY = 64 * 1024
CHANNEL = "form"
_FIELDS = ("kind", "title", "description", "product", "order_number", "address", "name", "email", "phone")
_ANSWERS = {"yes": True, "no": False}
_guard = FormGuard("troth.portal.service-form")


@csrf_exempt  # nobody is signed in here, and browsers inside chat apps refuse cookies; the form carries a signed token
@require_http_methods(["GET", "HEAD", "POST"])
@public
def form(request: HttpRequest) -> HttpResponse:
    """Show the form, or take what was written; sent twice it is one request."""
    if request.method != "POST":
        return _shown(request, {}, None)
    given: dict[str, str] = {}
    try:
        _guard.refuse_flood(request)
        _refuse_large(request)
        given = {name: whole_signs(request.POST.get(name, "")).strip() for name in _FIELDS}
        key = _guard.key(request)
        if _guard.is_trapped(request):
            return page(request, "portal/service/thanks.html")
        opened = _opened(request, given, key)
    except TrothError as refusal:
        return _shown(request, given, refusal)
    address = reverse("portal_service:request", args=[queries.token_of(opened)])
    return HttpResponseRedirect(f"{address}?new=1&lang={language_of(request)}")


@csrf_exempt  # the signed link is the proof, and browsers inside chat apps refuse cookies
@require_http_methods(["GET", "HEAD", "POST"])
@public
def request_page(request: HttpRequest, token: str) -> HttpResponse:
    """Show how a request stands; take the customer's word once the work is done."""
    found = queries.opened_by(token, now=staff.moment(utc_now()))
    problem: TrothError | None = None
    if request.method == "POST":
        try:
            found = _answered(request, found)
        except TrothError as refusal:
            problem = refusal
    steps = queries.steps_of(found.steps)
    place = next(index for index, one in enumerate(steps) if one.code == found.step)
    kind = queries.kinds_by_code([found.request_kind]).get(found.request_kind)
    customer = customers.customer_or_none(found.owner_id)
    language = language_of(request, customer.language if customer else "")
    with translation.override(language):
        context: dict[str, Any] = {
            "found": found,
            "zone": staff.company().time_zone,
            "kind": str(kind) if kind else found.request_kind,
            "steps": [(str(one), "past" if n < place else "now" if n == place else "") for n, one in enumerate(steps)],
            "is_new": request.GET.get("new") == "1" and found.state == RequestState.OPEN and place == 0,
            "is_asked": _is_asked(found, place, len(steps)),
            "problem": problem,
        }
    status = problem.status if problem else 200
    return page(request, "portal/service/request.html", context, language=language, status=status)


def _opened(request: HttpRequest, given: dict[str, str], key: str) -> ServiceRequest:
    actor, now = Actor("member", "form", "form"), staff.moment(utc_now())
    caller = Caller(email=given["email"], phone=given["phone"], name=given["name"], language=language_of(request))
    fields = {name: given[name] for name in ("kind", "title", "description", "product", "order_number", "address")}
    return services.open_for(caller, key=key, channel=CHANNEL, actor=actor, now=now, **fields)


def _answered(request: HttpRequest, found: ServiceRequest) -> ServiceRequest:
    answer = _ANSWERS.get(request.POST.get("good", ""))
    if answer is None:
        raise FormRefusedError(_("Choose one of the two."), field="good")
    place = [one["code"] for one in found.steps].index(found.step)
    if not _is_asked(found, place, len(found.steps)):
        raise RequestStateError(_("This question is answered already. Thank you."))
    actor = Actor("member", str(found.owner_id), found.number)
    words = request.POST.get("text", "")
    return services.confirm(found.number, satisfied=answer, words=words, actor=actor, now=staff.moment(utc_now()))


def _is_asked(found: ServiceRequest, place: int, count: int) -> bool:
    """Tell whether the work is done and only the customer's word is missing."""
    return found.state == RequestState.OPEN and place >= count - 2


def _refuse_large(request: HttpRequest) -> None:
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdecimal() or int(length) > MOST_BODY:
        raise FormRefusedError(_("That is too much text; write less."), field="description")


def _shown(request: HttpRequest, given: dict[str, str], refusal: TrothError | None) -> HttpResponse:
    with translation.override(language_of(request)):
        context: dict[str, Any] = {
            "given": given,
            "refusal": refusal,
            "wrong": refusal.fields.get("field", "") if refusal else "",
            "kinds": [(one.code, str(one)) for one in queries.all_kinds()],
            "token": _guard.token(),
        }
    return page(request, "portal/service/form.html", context, status=refusal.status if refusal else 200)
