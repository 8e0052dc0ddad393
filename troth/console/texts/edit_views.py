"""The editor of a template: both languages side by side, a live preview, a test to oneself, publishing."""

from collections.abc import Callable
from typing import Any, TypeVar

from csp.decorators import csp_replace
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.console.numbers import whole
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.messaging import templates
from troth.messaging.models import Template
from troth.messaging.templates.checking import problems
from troth.messaging.templates.document import LANGUAGES, Document, parsed
from troth.messaging.templates.previewing import preview as filled
from troth.messaging.templates.previewing import reader, send_test

from .forms import NewTemplateForm, purposes
from .list_views import shown_name
from .reading import document_of, fact_rows, sections
from .words import BODY_KINDS, KINDS, LANGUAGE_NAMES

P = Permission
# A preview is a mail: its styles stand in it, scripts never, pictures come from here.
MAIL_POLICY = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["'self'", "data:"],
    "frame-ancestors": ["'self'"],
    "script-src": ["'none'"],
}
View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def _mail_policy(view: View) -> View:
    policy: Any = csp_replace(MAIL_POLICY)  # its types know only views without arguments
    found: View = policy(view)
    return found


@require_http_methods(["GET", "POST"])
@requires(P.MESSAGES_EDIT)
def new(request: ConsoleRequest) -> HttpResponse:
    """Make a template."""
    form = NewTemplateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = templates.create_template(actor=request.actor, now=utc_now(), **form.cleaned_data)
            return redirect("texts:edit", made.code)
        except TrothError as refusal:
            field = refusal.fields.get("field")
            form.add_error(field if field in form.fields else None, str(refusal))
    return render(request, "console/texts/new.html", {"form": form})


@require_http_methods(["GET", "POST"])
@requires(P.MESSAGES_VIEW)
def edit(request: ConsoleRequest, code: str) -> HttpResponse:
    """Show a template; save its draft, or save and publish it."""
    found = templates.template(code)
    error: TrothError | None = None
    document = found.document
    if request.method == "POST" and request.actor.may(P.MESSAGES_EDIT):
        document = document_of(request.POST.dict())
        try:
            return _saved(request, found, document)
        except TrothError as refusal:
            error = refusal
    return render(request, "console/texts/edit.html", _context(request, found, document, error))


@require_POST
@requires(P.MESSAGES_VIEW)
def preview(request: ConsoleRequest, code: str) -> HttpResponse:
    """Show what is wrong with what stands in the editor, and its plain text."""
    context: dict[str, Any] = {"problems": [], "text": None, "error": None}
    try:
        document = _draft(request)
        context["problems"] = [
            (one, LANGUAGE_NAMES.get(one.language, ""), KINDS[one.kind][0] if one.kind else "")
            for one in problems(document, purpose=request.POST.get("purpose", ""))
        ]
        context["text"] = _filled(request, document)
        context["searched"] = request.POST.get("customer", "").strip()
        context["is_found"] = _reader(request) is not None
    except TrothError as refusal:
        context["error"] = refusal
    return render(request, "console/texts/preview.html", context)


@require_POST
@xframe_options_sameorigin
@_mail_policy
@requires(P.MESSAGES_VIEW)
def mail(request: ConsoleRequest, code: str) -> HttpResponse:
    """Return the e-mail that stands in the editor, for the frame beside it."""
    try:
        html = _filled(request, _draft(request)).html
    except TrothError:
        html = ""
    return HttpResponse(html or "<!doctype html><title>–</title>")


@require_POST
@requires(P.MESSAGES_EDIT)
def test(request: ConsoleRequest, code: str) -> HttpResponse:
    """Send what stands in the editor to oneself."""
    now = utc_now()
    send_test(
        _draft(request),
        purpose=request.POST.get("purpose", ""),
        language=_language(request),
        address=request.user.email,
        customer_id=_reader(request),
        now=now,
    )
    messages.success(request, _("A test is on its way to %(address)s.") % {"address": request.user.email})
    return HttpResponse(status=204, headers={"HX-Refresh": "true"}) if request.htmx else redirect("texts:edit", code)


def _saved(request: ConsoleRequest, found: Template, document: dict[str, Any]) -> HttpResponse:
    now = utc_now()
    saved = templates.save_draft(
        actor=request.actor,
        now=now,
        code=found.code,
        revision=whole(request.POST.get("revision", "")) or 0,
        name=request.POST.get("name", ""),
        name_zh=request.POST.get("name_zh", ""),
        purpose=request.POST.get("purpose", ""),
        document=document,
    )
    if "publish" not in request.POST:
        messages.success(request, _("The draft is saved. Customers get the published version until you publish it."))
        return redirect("texts:edit", found.code)
    made = templates.publish(
        actor=request.actor, now=now, code=found.code, revision=saved.revision, note=request.POST.get("note", "")
    )
    messages.success(request, _("Version %(number)s is published and used from now on.") % {"number": made.number})
    return redirect("texts:edit", found.code)


def _context(
    request: ConsoleRequest, found: Template, document: dict[str, Any], error: TrothError | None
) -> dict[str, Any]:
    found.refresh_from_db()
    shown = sections(document)
    published = found.published_number
    is_new = published is None or templates.version(found.code, published).document != found.document
    return {
        "template": found,
        "name": shown_name(found),
        "sections": shown,
        "fact_rows": fact_rows(document),
        "links_tracked": document.get("links_tracked", True),
        "catalogue": list(templates.catalogue().values()),
        "purposes": purposes(),
        "error": error,
        "wrong": _places(error),
        "may_edit": request.actor.may(P.MESSAGES_EDIT) and not found.is_archived,
        "has_changes": is_new,
        "languages": [(code, LANGUAGE_NAMES[code]) for code in LANGUAGES],
        "kinds": [(kind, KINDS[kind][0]) for kind in BODY_KINDS],
        "language": "zh-hans" if (get_language() or "").startswith("zh") else "en",
        "sees_personal": request.actor.may(P.CUSTOMERS_VIEW_PERSONAL),
    }


def _draft(request: ConsoleRequest) -> Document:
    return parsed(document_of(request.POST.dict()))


def _filled(request: ConsoleRequest, document: Document) -> templates.Rendered:
    kind = request.POST.get("kind", "email")
    return filled(
        document,
        purpose=request.POST.get("purpose", ""),
        kind=kind if kind in BODY_KINDS else "email",
        language=_language(request),
        customer_id=_reader(request),
        now=utc_now(),
    )


def _language(request: ConsoleRequest) -> str:
    wanted = request.POST.get("language", "")
    return wanted if wanted in LANGUAGES else "en"


def _reader(request: ConsoleRequest) -> Any:
    """Return the customer to preview with. Their facts are personal: who may not see these gets examples."""
    if not request.actor.may(P.CUSTOMERS_VIEW_PERSONAL):
        return None
    return reader(request.POST.get("customer", ""), sees_personal=True)


def _places(error: TrothError | None) -> list[tuple[str, str]]:
    """Return where each thing to mend stands, and what it is; the whole text where it says no place."""
    listed = error.fields.get("problems", []) if error else []
    found = []
    for one in listed:
        kind, language = KINDS.get(one["kind"]), LANGUAGE_NAMES.get(one["language"], "")
        found.append((" · ".join(part for part in (str(kind[0]) if kind else "", language) if part), one["text"]))
    return found
