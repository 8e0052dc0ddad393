"""Messages: the list with its filters, one message with every reason, a customer's, and settling what is unknown."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from troth.access.permissions import Permission
from troth.console import formats
from troth.console.components import CursorPage, Figure, Tab
from troth.console.customers import page
from troth.console.guard import ConsoleRequest, requires
from troth.kit.clock import utc_now
from troth.messaging import queries as messaging
from troth.messaging import services
from troth.messaging.models import REACHED, Contact, ContactState
from troth.messaging.policies import PURPOSES
from troth.messaging.queries import ContactFilter
from troth.staff import queries as staff

from .block_views import blocked_rows
from .draws import shown_draws
from .shown import (
    TONES,
    area_tabs,
    history_of,
    reason_text,
    shown_address,
    shown_messages,
    source_of,
    template_names,
)

P = Permission
PAGE_SIZE = 50
S = ContactState
GROUPS: dict[str, tuple[Any, tuple[ContactState, ...]]] = {
    "sent": (pgettext_lazy("message", "Sent"), REACHED),
    "waiting": (gettext_lazy("On the way"), (S.QUEUED, S.DELAYED, S.SENDING)),
    "withheld": (pgettext_lazy("message", "Not sent"), (S.WITHHELD,)),
    "failed": (pgettext_lazy("message", "Failed"), (S.FAILED, S.BOUNCED)),
    "unknown": (pgettext_lazy("message", "Unknown"), (S.UNKNOWN,)),
}
WINDOWS = {"7": 7, "30": 30, "90": 90, "365": 365}


@require_safe
@requires(P.MESSAGES_VIEW)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show the messages of a time, the newest first, with what became of them and what held them back."""
    now = staff.moment(utc_now())
    days = WINDOWS.get(request.GET.get("days", ""), 30)
    since, until = now - timedelta(days=days), now + timedelta(days=1)
    group = request.GET.get("state", "")
    wanted = ContactFilter(
        states=tuple(state.value for state in GROUPS[group][1]) if group in GROUPS else (),
        channel=_asked(request, "channel"),
        purpose=_asked(request, "purpose"),
        template=_asked(request, "template"),
        gate=_asked(request, "gate"),
        source=_asked(request, "source"),
        since=since,
        until=until,
    )
    found, paging = _page(request, messaging.contacts(wanted))
    counts = messaging.counts_by_state(since=since, until=until, source=wanted.source)
    context = {
        "tabs": area_tabs("index"),
        "state_tabs": _state_tabs(request, group, counts),
        "figures": _figures(request, counts),
        "gates": _gates(request, since, until),
        "rows": shown_messages(found, request.actor),
        "page": paging,
        "wanted": wanted,
        "group": group,
        "days": days,
        "windows": WINDOWS,
        "channels": [(code, messaging.channel_label(code)) for code in messaging.channels_used()],
        "purposes": [(code, messaging.purpose_label(code)) for code in PURPOSES],
        "templates": sorted(template_names().items(), key=lambda one: one[1]),
        "gate_choices": sorted(messaging.gate_labels().items(), key=lambda one: one[1]),
        "put_off": messaging.put_off_count(beyond=now) if staff.company().as_of_date else 0,
        "is_empty": not any(counts.values()) and not messaging.contacts().exists(),
    }
    return render(request, "console/messages/index.html", context | sending_context(request))


@require_safe
@requires(P.MESSAGES_VIEW)
def detail(request: ConsoleRequest, contact_id: UUID) -> HttpResponse:
    """Show one message: why it went out or did not, gate by gate, and what became of it."""
    contact = messaging.contact(contact_id)
    source, source_url = source_of(contact)
    context = {
        "contact": contact,
        "row": shown_messages([contact], request.actor)[0],
        "tone": TONES[contact.state],
        "why": messaging.why(contact, moment=formats.moment),
        "history": history_of(contact),
        "address": shown_address(contact, request.actor),
        "facts": contact.facts if request.actor.may(P.CUSTOMERS_VIEW_PERSONAL) else {},
        "reason": reason_text(contact.reason),
        "source": source,
        "source_url": source_url,
        "may_settle": contact.state == S.UNKNOWN and request.actor.may(P.MESSAGES_SEND),
    }
    return render(request, "console/messages/detail.html", context | sending_context(request))


@require_POST
@requires(P.MESSAGES_VIEW, P.MESSAGES_SEND)
def settle(request: ConsoleRequest, contact_id: UUID) -> HttpResponse:
    """Note what became of a message of which nobody knew, or send it again."""
    said = request.POST.get("as", "")
    texts = {
        "sent": _("Noted as sent."),
        "failed": _("Noted as not sent."),
        "queued": _("It goes out again, if the rules still allow it."),
    }
    if said in texts:
        services.settle(contact_id=contact_id, as_state=said, actor=request.actor, now=utc_now())  # type: ignore[arg-type]  # one of the three
        messages.success(request, texts[said])
    return redirect("messages:detail", contact_id)


@require_safe
@requires(P.CUSTOMERS_VIEW, P.MESSAGES_VIEW)
def customer(request: ConsoleRequest, customer_id: UUID) -> HttpResponse:
    """Show every message meant for one customer, with what held it back."""
    shown = page.profile_of(request, customer_id)
    if shown.customer.id != customer_id:
        return redirect("messages:customer", shown.customer.id)
    found, paging = _page(request, messaging.contacts_of(customer_id))
    context = page.context_of(request, shown, "messages") | {
        "rows": shown_messages(found, request.actor),
        "page": paging,
        "draws": shown_draws(customer_id),
        "blocked": blocked_rows(request, customer_id),
        "may_lift": request.actor.may(P.MESSAGES_SEND),
        "may_see_coupons": request.actor.may(P.REWARDS_VIEW),
    }
    return render(request, "console/messages/customer.html", context)


def sending_context(request: ConsoleRequest) -> dict[str, Any]:
    """Return whether all sending is paused, for the note above each page of the area."""
    state = messaging.sending_state()
    return {
        "sending": state,
        "waiting": messaging.waiting_count() if state.is_paused else 0,
        "may_release": request.actor.may(P.MESSAGES_RELEASE),
    }


def _asked(request: ConsoleRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\x00", "")[:120]


def _page(request: ConsoleRequest, rows: QuerySet[Contact]) -> tuple[list[Contact], CursorPage]:
    """Return one page of rows that may be millions, found by where the one before ended."""
    at, _bar, last = request.GET.get("before", "").partition("|")
    moment = parse_datetime(at.replace(" ", "+")) if at else None
    if moment is not None and last:
        try:
            rows = rows.filter(Q(created_at__lt=moment) | Q(created_at=moment, id__lt=UUID(last)))
        except ValueError:
            moment = None
    found = list(rows[: PAGE_SIZE + 1])
    kept = {name: value for name, value in request.GET.items() if name != "before"}
    older = ""
    if len(found) > PAGE_SIZE:
        found = found[:PAGE_SIZE]
        older = "?" + urlencode(kept | {"before": f"{found[-1].created_at.isoformat()}|{found[-1].id}"})
    newest = f"?{urlencode(kept)}" if moment is not None else ""
    return found, CursorPage(previous_url=newest, next_url=older)


def _state_tabs(request: ConsoleRequest, group: str, counts: dict[ContactState, int]) -> list[Tab]:
    tabs = [Tab(_("All"), _address(request, state=""), group not in GROUPS)]
    for code, (label, states) in GROUPS.items():
        count = sum(counts[state] for state in states)
        tabs.append(Tab(label, _address(request, state=code), group == code, formats.count(count) if count else ""))
    return tabs


def _figures(request: ConsoleRequest, counts: dict[ContactState, int]) -> list[Figure]:
    total = sum(counts.values())

    def figure(code: str, icon: str) -> Figure:
        label, states = GROUPS[code]
        count = sum(counts[state] for state in states)
        share = formats.percent(count / total) if total else ""
        return Figure(label, formats.count(count), url=_address(request, state=code), icon=icon, note=share)

    opened = counts[S.OPENED] + counts[S.CLICKED]
    followed = Figure(
        _("Opened or clicked"),
        formats.count(opened),
        icon="mail-opened",
        note=formats.percent(opened / total) if total else "",
        help=_("Known only of those who agreed to their messages being followed."),
    )
    return [figure("sent", "send"), followed, figure("waiting", "clock"), figure("withheld", "hand-stop")]


def _gates(request: ConsoleRequest, since: datetime, until: datetime) -> list[tuple[str, str, int, float]]:
    """Return what held messages back or put them off: label, address, count, share of the most frequent."""
    found = messaging.counts_by_gate(since=since, until=until)
    labels = messaging.gate_labels()
    most = max((count for _gate, count in found), default=1)
    return [(labels.get(gate, gate), _address(request, gate=gate), count, count / most) for gate, count in found]


def _address(request: ConsoleRequest, **changes: str) -> str:
    kept = {name: value for name, value in request.GET.items() if name not in ("before", *changes)}
    asked = urlencode(kept | {name: value for name, value in changes.items() if value})
    return f"{reverse('messages:index')}?{asked}"
