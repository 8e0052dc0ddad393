"""The public form by which anybody complains, with pictures; guarded against programs without outside services."""

import secrets
from typing import Any

from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from troth.access.actors import Actor, system_actor
from troth.kit.errors import TrothError
from troth.kit.rates import RateLimiter
from troth.portal.pages import language_of, page, public
from troth.staff import queries as staff
from troth.voice.complaints import queries, services
from troth.voice.complaints.errors import CaseRefusedError, PhotoRefusedError
from troth.voice.complaints.photos import MOST_BYTES, MOST_PHOTOS
from troth.voice.complaints.services import NewCase, Photo
from troth.voice.models import Channel, Wish
from troth.voice.present import present

SALT = "troth.portal.complaint-form"
THANKS_SALT = "troth.portal.complaint-thanks"
LONGEST_SECONDS = 12 * 3600
SHORTEST_SECONDS = 2
MOST_BODY = MOST_PHOTOS * MOST_BYTES + 256 * 1024
PER_MINUTE = 10
"""Forms that one address may send in a minute: a shop's own wireless network, no machine."""

_FIELDS = ("text", "category", "wish", "store", "order_ref", "name", "email", "phone")
_limiter = RateLimiter(PER_MINUTE)


@csrf_exempt  # nobody is signed in here, and browsers inside chat apps refuse cookies; the form carries a signed token
@require_http_methods(["GET", "HEAD", "POST"])
@public
def form(request: HttpRequest) -> HttpResponse:
    """Show the form, or take what was written; sent twice it is one case."""
    if request.method != "POST":
        return _shown(request, {}, None)
    if not _limiter.take(request.META.get("REMOTE_ADDR", "")).is_granted:
        text = _("Too many messages came from here. Try again in some minutes, or call us.")
        return _shown(request, {}, CaseRefusedError(text), status=429)
    if _length(request) > MOST_BODY:
        text = _("The pictures are too large together: at most %(count)d of %(size)d MB each.")
        refused = PhotoRefusedError(text % {"count": MOST_PHOTOS, "size": MOST_BYTES // 2**20}, field="photos")
        return _shown(request, {}, refused, status=413)
    given = {name: request.POST.get(name, "") for name in _FIELDS}
    try:
        key = _key(request)
        if request.POST.get("website"):  # people leave it empty: they do not see it
            return _thank(request, "")
        case = services.open_case(_new_case(request, given, key), actor=_actor(), now=present())
    except TrothError as refusal:
        return _shown(request, given, refusal, status=refusal.status)
    return _thank(request, case.number)


@require_safe
@public
def thanks(request: HttpRequest) -> HttpResponse:
    """Show the number of the case; the address is signed and old ones show none."""
    try:
        number = str(signing.loads(request.GET.get("c", ""), salt=THANKS_SALT, max_age=LONGEST_SECONDS))
    except signing.BadSignature:
        number = ""
    return page(request, "portal/complaints/thanks.html", {"number": number, "days": queries.policy().word_days})


def _new_case(request: HttpRequest, given: dict[str, str], key: str) -> NewCase:
    if not (given["email"].strip() or given["phone"].strip()) and not request.POST.get("anonymous"):
        text = _("Leave an e-mail address or a phone number so that we can answer, or tick that you want no answer.")
        raise CaseRefusedError(text, field="email")
    return NewCase(
        key=key,
        channel=Channel.FORM,
        text=given["text"],
        category=given["category"],
        wish=given["wish"],
        store=given["store"],
        order_ref=given["order_ref"].strip(),
        name=given["name"].strip(),
        email=given["email"].strip(),
        phone=given["phone"].strip(),
        is_safety=bool(request.POST.get("is_safety")),
        language=language_of(request),
        is_told=True,
        photos=_photos(request),
    )


def _photos(request: HttpRequest) -> list[Photo]:
    files: list[UploadedFile[Any]] = [one for one in request.FILES.getlist("photos") if one.size]
    if len(files) > MOST_PHOTOS or any((one.size or 0) > MOST_BYTES for one in files):
        text = _("Choose at most %(count)d pictures of at most %(size)d MB each.")
        raise PhotoRefusedError(text % {"count": MOST_PHOTOS, "size": MOST_BYTES // 2**20}, field="photos")
    return services.checked_photos([one.read() for one in files])


def _shown(
    request: HttpRequest, given: dict[str, str], refusal: TrothError | None, *, status: int = 200
) -> HttpResponse:
    language = language_of(request)
    with translation.override(language):
        rows = queries.public_categories()
        paths = queries.category_paths(rows)
        policy = queries.policy()
        context: dict[str, Any] = {
            "given": given,
            "refusal": refusal,
            "wrong": refusal.fields.get("field", "") if refusal else "",
            "categories": [(row.code, paths[row.code]) for row in rows],
            "wishes": [choice for choice in Wish.choices if choice[0]],
            "stores": staff.stores().filter(is_active=True),
            "most_photos": MOST_PHOTOS,
            "most_megabytes": MOST_BYTES // 2**20,
            "token": signing.dumps(secrets.token_urlsafe(12), salt=SALT),
            "recourse": policy.recourse_zh if language.startswith("zh") else policy.recourse,
        }
    return page(request, "portal/complaints/form.html", context, status=status)


def _key(request: HttpRequest) -> str:
    """Return by what this form is known: each showing has its own token, so that pressing twice is one case.

    Raises:
        CaseRefusedError: it was not our form, too old, or filled in faster than anybody can.
    """
    token = request.POST.get("token", "")
    text = _("This form was open for too long, or came from elsewhere. Send it again now.")
    try:
        nonce = str(signing.loads(token, salt=SALT, max_age=LONGEST_SECONDS))
    except signing.BadSignature as error:
        raise CaseRefusedError(text, field="token") from error
    try:
        signing.loads(token, salt=SALT, max_age=SHORTEST_SECONDS)
    except signing.SignatureExpired:
        return f"form:{nonce}"
    raise CaseRefusedError(_("That was very quick. Look at it once more and send it again."), field="token")


def _thank(request: HttpRequest, number: str) -> HttpResponse:
    signed = signing.dumps(number, salt=THANKS_SALT)
    return HttpResponseRedirect(f"{reverse('portal_complaints:thanks')}?c={signed}&lang={language_of(request)}")


def _length(request: HttpRequest) -> int:
    """Return how long the body says it is; one that does not say so is too long."""
    length = request.META.get("CONTENT_LENGTH") or ""
    return int(length) if length.isdigit() else MOST_BODY + 1


def _actor() -> Actor:
    found = system_actor("portal")
    return Actor("member", "form", found.label)
