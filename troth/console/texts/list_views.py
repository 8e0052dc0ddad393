"""The list of templates, and the ready-made ones."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from troth.access.permissions import Permission
from troth.console.components import Tab
from troth.console.guard import ConsoleRequest, requires
from troth.customers.models import ConsentPurpose
from troth.kit.clock import utc_now
from troth.messaging import starters, templates
from troth.messaging.models import Template

from .words import BODY_KINDS, KINDS, LANGUAGE_NAMES

PAGE = 50


@require_safe
@requires(Permission.MESSAGES_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show the templates."""
    is_archived = request.GET.get("show") == "archived"
    page = Paginator(templates.all_templates(is_archived=is_archived), PAGE).get_page(request.GET.get("page"))
    present = {one.code for archived in (True, False) for one in templates.all_templates(is_archived=archived)}
    context = {
        "page": page,
        "rows": [_row(one) for one in page.object_list],
        "tabs": [Tab(_("In use"), "?", not is_archived), Tab(_("Archived"), "?show=archived", is_archived)],
        "is_archived": is_archived,
        "may_edit": request.actor.may(Permission.MESSAGES_EDIT),
        "left": len(starters.starters().keys() - present),
    }
    return render(request, "console/texts/index.html", context)


@require_POST
@requires(Permission.MESSAGES_EDIT)
def install(request: ConsoleRequest) -> HttpResponse:
    """Add the ready-made texts that are not there yet."""
    made = starters.install(actor=request.actor, now=utc_now())
    text = ngettext("%(count)d text is added and can be used.", "%(count)d texts are added and can be used.", len(made))
    messages.success(request, text % {"count": len(made)})
    return redirect("texts:index")


def shown_name(one: Template) -> str:
    """Return a template's name in the language of the screen."""
    is_chinese = (get_language() or "").startswith("zh")
    return one.name_zh if is_chinese and one.name_zh else one.name


def _row(one: Template) -> dict[str, object]:
    languages = one.document.get("languages", {})
    kinds = [kind for kind in BODY_KINDS if any(kind in bodies for bodies in languages.values())]
    return {
        "template": one,
        "name": shown_name(one),
        "purpose": ConsentPurpose(one.purpose).label,
        "kinds": [(KINDS[kind][0], KINDS[kind][1]) for kind in kinds],
        "languages": [LANGUAGE_NAMES[code] for code in languages if code in LANGUAGE_NAMES],
    }
