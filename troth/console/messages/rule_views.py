"""The rules of sending with the effect of other ones, and pausing and releasing all sending."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from troth.access.permissions import Permission
from troth.console import formats
from troth.console.guard import ConsoleRequest, requires
from troth.console.numbers import whole
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.messaging import queries as messaging
from troth.messaging import services
from troth.staff import queries as staff

from .forms import RulesForm
from .list_views import sending_context
from .shown import area_tabs

P = Permission


@require_http_methods(["GET", "HEAD", "POST"])
@requires(P.MESSAGES_VIEW)
def rules(request: ConsoleRequest) -> HttpResponse:
    """Show the rules in force and their versions; put others in force."""
    version, terms = messaging.in_force()
    may_edit = request.actor.may(P.MESSAGES_EDIT)
    form = RulesForm(request.POST if request.method == "POST" and may_edit else None, terms=terms)
    if form.is_bound and form.is_valid():
        try:
            saved = services.save_policy(
                terms=form.terms(),
                note=form.cleaned_data["note"],
                expected_version=_read_version(request),
                actor=request.actor,
                now=utc_now(),
            )
        except TrothError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Version %(version)s is in force.") % {"version": saved.version})
            return redirect("messages:rules")
    context = {
        "tabs": area_tabs("rules"),
        "form": form,
        "version": version,
        "versions": messaging.versions()[:20],
        "may_edit": may_edit,
        "may_pause": request.actor.may(P.MESSAGES_RELEASE),
    }
    return render(request, "console/messages/rules.html", context | sending_context(request))


@require_POST
@requires(P.MESSAGES_VIEW, P.MESSAGES_EDIT)
def preview(request: ConsoleRequest) -> HttpResponse:
    """Answer with what the rules in the form would have done to the last weeks' messages, beside those in force."""
    _version, terms = messaging.in_force()
    form = RulesForm(request.POST, terms=terms)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        now = staff.moment(utc_now())
        try:
            other = messaging.preview_policy(form.terms(), now=now)
        except TrothError as refusal:
            context["refusal"] = str(refusal)
        else:
            present = messaging.preview_policy(terms, now=now)
            context |= {"other": other, "present": present, "rows": _rows(present, other)}
    return render(request, "console/messages/preview.html", context)


@require_POST
@requires(P.MESSAGES_VIEW, P.MESSAGES_RELEASE)
def pause(request: ConsoleRequest) -> HttpResponse:
    """Stop all sending."""
    services.pause_all(note=request.POST.get("note", ""), actor=request.actor, now=utc_now())
    messages.success(request, _("Nothing goes out until somebody releases it."))
    return redirect("messages:index")


@require_POST
@requires(P.MESSAGES_VIEW, P.MESSAGES_RELEASE)
def release(request: ConsoleRequest) -> HttpResponse:
    """Let messages go out again, with or without those that waited."""
    is_withholding = request.POST.get("waiting") != "send"
    count = services.release(withhold_waiting=is_withholding, actor=request.actor, now=utc_now())
    text = ngettext(
        "Sending goes on. %(count)s message that waited was kept back.",
        "Sending goes on. %(count)s messages that waited were kept back.",
        count,
    )
    messages.success(request, text % {"count": formats.count(count)} if is_withholding else _("Sending goes on."))
    return redirect("messages:index")


def _read_version(request: ConsoleRequest) -> int:
    said = whole(request.POST.get("version", ""))
    return -1 if said is None else said


def _rows(present: messaging.PolicyEffect, other: messaging.PolicyEffect) -> list[tuple[str, int, int]]:
    return [
        (_("Go out at once"), present.at_once, other.at_once),
        (_("Go out later"), present.later, other.later),
        (_("Do not go out: too late"), present.too_late, other.too_late),
    ]
