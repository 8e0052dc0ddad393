"""The public form by which anybody complains, with pictures; guarded against programs without outside services."""

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
from troth.kit.letters import whole_signs
from troth.portal.guarding import LONGEST_SECONDS, FormGuard
from troth.portal.pages import language_of, page, public
from troth.staff import queries as staff
from troth.voice.complaints import queries, services
from troth.voice.complaints.errors import CaseRefusedError, PhotoRefusedError
from troth.voice.complaints.photos import MOST_BYTES, MOST_PHOTOS
from troth.voice.complaints.services import NewCase, Photo
from troth.voice.models import Channel, Wish
from troth.voice.present import present

THANKS_SALT = "troth.portal.complaint-thanks"
MOST_BODY = MOST_PHOTOS * MOST_BYTES + 256 * 1024
_FIELDS = ("text", "category", "wish", "store", "order_ref", "name", "email", "phone", "is_safety", "anonymous")
_guard = FormGuard("troth.portal.complaint-form")


@csrf_exempt  # nobody is signed in here, and browsers inside chat apps refuse cookies; the form carries a signed token
@require_http_methods(["GET", "HEAD", "POST"])
@public
def form(request: HttpRequest) -> HttpResponse:
    """Show the form, or take what was written; sent twice it is one case."""
    if request.method != "POST":
        return _shown(request, {}, None)
    try:
        _guard.refuse_flood(request)
    except TrothError as refusal:
        return _shown(request, {}, refusal, status=refusal.status)
    if _length(request) > MOST_BODY:
        text = _("The pictures are too large together: at most %(count)d of %(size)d MB each.")
        refused = PhotoRefusedError(text % {"count": MOST_PHOTOS, "size": MOST_BYTES // 2**20}, field="photos")
        return _shown(request, {}, refused, status=413)
    given = {name: whole_signs(request.POST.get(name, "")) for name in _FIELDS}
    try:
        key = _guard.key(request)
        if _guard.is_trapped(request):
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
    if not (given["email"].strip() or given["phone"].strip()) and not given["anonymous"]:
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
        is_safety=bool(given["is_safety"]),
        language=language_of(request),
        is_told=True,
        is_unproven=bool(given["email"].strip() or given["phone"].strip()),
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
            "token": _guard.token(),
            "recourse": policy.recourse_zh if language.startswith("zh") else policy.recourse,
        }
    return page(request, "portal/complaints/form.html", context, status=status)


def _thank(request: HttpRequest, number: str) -> HttpResponse:
    signed = signing.dumps(number, salt=THANKS_SALT)
    return HttpResponseRedirect(f"{reverse('portal_complaints:thanks')}?c={signed}&lang={language_of(request)}")


def _length(request: HttpRequest) -> int:
    """Return how long the body says it is; one that does not say so is too long."""
    length = request.META.get("CONTENT_LENGTH") or ""
    return int(length) if length.isdecimal() else MOST_BODY + 1


def _actor() -> Actor:
    found = system_actor("portal")
    return Actor("member", "form", found.label)
