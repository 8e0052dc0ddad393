"""The rules by which customers are measured, and having everything measured anew."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.insights import services as insights
from troth.insights.models import MeasureSettings
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError

from .measure_forms import MeasureForm, shown


@require_http_methods(["GET", "POST"])
@requires(Permission.SETTINGS_EDIT)
def measure(request: ConsoleRequest) -> HttpResponse:
    """Show the settings in force and add a version of them."""
    stored = insights.settings_in_force(actor=request.actor, now=utc_now())
    form = MeasureForm(request.POST or None, initial=shown(stored))
    if request.method == "POST" and form.is_valid() and _save(request, form, stored):
        return redirect("settings:measure")
    context = {"form": form, "stored": stored, "may_run": request.actor.may(Permission.INSIGHTS_RUN)}
    return render(request, "console/settings/measure.html", context)


@require_POST
@requires(Permission.INSIGHTS_RUN)
def analyse(request: ConsoleRequest) -> HttpResponse:
    """Have every customer measured anew in the background."""
    job = insights.request_analysis(actor=request.actor, now=utc_now())
    return redirect("jobs:detail", job.id)


def _save(request: ConsoleRequest, form: MeasureForm, old: MeasureSettings) -> bool:
    try:
        new = insights.change_settings(actor=request.actor, now=utc_now(), **form.parts(old))
    except TrothError as refusal:
        field = str(refusal.fields.get("field") or "").rpartition(".")[2]
        form.add_error(field if field in form.fields else None, str(refusal))
        return False
    if new.version == old.version:
        messages.info(request, _("Nothing was changed."))
    else:
        messages.success(request, _("Saved. The next analysis measures by these rules."))
    return True
