"""Channels: which are in use, how each is set up, whether it is healthy, and how messages arrive."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from troth.access.permissions import Permission
from troth.console.components import Cell, Column, Table
from troth.console.formats import percent
from troth.console.guard import ConsoleRequest, requires
from troth.console.links import dead_links
from troth.kit.clock import utc_now
from troth.kit.errors import TrothError
from troth.messaging import channels as registry
from troth.messaging import deliverability
from troth.messaging.channels import setups
from troth.messaging.deliverability import Arrival
from troth.staff import queries as staff

from .forms import ChannelForm

DAYS = (7, 30, 90)


@require_safe
@requires(Permission.MESSAGES_VIEW)
def channels(request: ConsoleRequest) -> HttpResponse:
    """Show every channel as it stands."""
    rows = setups.set_up_channels()
    context = {
        "rows": rows,
        "reaches_nobody": not any(row.is_enabled and row.channel.is_outward for row in rows),
        "dead_links": dead_links(request),
        "may_edit": request.actor.may(Permission.MESSAGES_EDIT),
    }
    return render(request, "console/texts/channels.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MESSAGES_EDIT)
def channel(request: ConsoleRequest, code: str) -> HttpResponse:
    """Show and change how a channel is set up."""
    if not registry.is_known(code):
        raise Http404
    found = setups.set_up_channel(code)
    form = ChannelForm(request.POST or None, found=found)
    if request.method == "POST" and form.is_valid():
        try:
            setups.save_setup(
                actor=request.actor,
                now=utc_now(),
                code=code,
                is_enabled=form.cleaned_data["is_enabled"],
                values=form.values(),
            )
            if form.cleaned_data["is_enabled"]:
                messages.success(request, _("The channel is set up and in use."))
            else:
                messages.warning(request, _("Saved, but not in use: nothing goes out by it before you tick “In use”."))
            return redirect("texts:channels")
        except TrothError as refusal:
            field = refusal.fields.get("field")
            form.add_error(field if field in form.fields else None, str(refusal))
    return render(request, "console/texts/channel.html", {"form": form, "found": found})


@require_POST
@requires(Permission.MESSAGES_EDIT)
def check(request: ConsoleRequest, code: str) -> HttpResponse:
    """Ask a channel whether it could send now."""
    found = setups.check_channel(code, now=utc_now())
    if found.is_healthy and not setups.set_up_channel(code).is_enabled:
        messages.warning(request, _("The channel answers. It is not in use yet: tick “In use” under its settings."))
    elif found.is_healthy:
        messages.success(request, found.text or _("The channel answers and could send now."))
    else:
        messages.error(request, found.text or _("The channel could not send now."))
    return redirect("texts:channels")


@require_safe
@requires(Permission.MESSAGES_VIEW)
def arrivals(request: ConsoleRequest) -> HttpResponse:
    """Show how messages arrived, by channel and by domain."""
    asked = request.GET.get("days", "30")
    days = next((one for one in DAYS if asked == str(one)), 30)
    now = utc_now()
    moment = staff.moment(now)
    start, end = moment - timedelta(days=days), max(moment, now)
    names = {one.code: str(one.label) for one in registry.all_channels()}
    parts = [
        (_("By channel"), _table(_("Channel"), deliverability.by_channel(start, end), names)),
        (_("By domain of the e-mail address"), _table(_("Domain"), deliverability.by_domain(start, end), {})),
    ]
    return render(request, "console/texts/arrivals.html", {"parts": parts, "days": days, "choices": DAYS})


def _table(head: str, rows: list[Arrival], names: dict[str, str]) -> Table:
    labels = (
        pgettext("message", "Sent"),
        _("Delivered"),
        _("Opened"),
        _("Bounced"),
        _("Reported as spam"),
        _("Refused"),
        _("Unknown"),
    )
    heads = [Column(head), *(Column(label, is_number=True) for label in labels)]
    return Table(columns=heads, rows=[_cells(one, names) for one in rows])


def _cells(one: Arrival, names: dict[str, str]) -> list[Cell]:
    def counted(number: int) -> Cell:
        return Cell(f"{number} · {percent(one.share(number))}" if one.sent else str(number), number)

    shares = [counted(number) for number in (one.delivered, one.opened, one.bounced, one.complained)]
    plain = [Cell(str(number), number) for number in (one.failed, one.unknown)]
    return [Cell(names.get(one.name, one.name) or "–"), Cell(str(one.sent), one.sent), *shares, *plain]
