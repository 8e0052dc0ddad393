"""The versions of a template, what changed in each, and putting a template away."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.kit.clock import utc_now
from troth.messaging import templates
from troth.messaging.templates.comparing import compared

from .list_views import shown_name

PAGE = 20


@require_safe
@requires(Permission.MESSAGES_VIEW)
def versions(request: ConsoleRequest, code: str) -> HttpResponse:
    """Show every version with what it changed."""
    found = templates.template(code)
    page = Paginator(templates.versions(code), PAGE).get_page(request.GET.get("page"))
    rows = []
    for one in page.object_list:
        older = templates.version(code, one.number - 1).document if one.number > 1 else {}
        rows.append(
            {"version": one, "changes": compared(older, one.document), "is_used": one.number == found.published_number}
        )
    draft = []
    if found.published_number is not None:
        draft = compared(templates.version(code, found.published_number).document, found.document)
    context = {
        "template": found,
        "name": shown_name(found),
        "page": page,
        "rows": rows,
        "draft": draft,
        "may_edit": request.actor.may(Permission.MESSAGES_EDIT),
    }
    return render(request, "console/texts/versions.html", context)


@require_POST
@requires(Permission.MESSAGES_EDIT)
def restore(request: ConsoleRequest, code: str, number: int) -> HttpResponse:
    """Make an old version the draft."""
    templates.restore_version(actor=request.actor, now=utc_now(), code=code, number=number)
    messages.success(request, _("Version %(number)s is the draft now; publish it to use it.") % {"number": number})
    return redirect("texts:edit", code)


@require_POST
@requires(Permission.MESSAGES_EDIT)
def archive(request: ConsoleRequest, code: str) -> HttpResponse:
    """Put a template away, or back."""
    is_archived = request.POST.get("act") != "back"
    templates.archive_template(actor=request.actor, now=utc_now(), code=code, is_archived=is_archived)
    messages.success(request, _("The template is archived.") if is_archived else _("The template is back in use."))
    return redirect("texts:index")
