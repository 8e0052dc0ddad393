"""One case: what was said, its clocks, remedies, the next step."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from troth.access import queries as access
from troth.access.permissions import Permission
from troth.console.components import TimelineItem
from troth.console.customers.people import Faces, shown_name
from troth.console.guard import ConsoleRequest, requires
from troth.customers import queries as customers
from troth.kit.errors import TrothError
from troth.kit.ids import new_id
from troth.messaging import queries as messaging
from troth.staff import queries as staff
from troth.voice.complaints import queries as complaints
from troth.voice.models import Case, CaseEntry, CaseState, EntryKind, Severity, Verdict, Word
from troth.voice.present import present

from . import choices, words
from .remedy_words import remedy_text

P = Permission
HITS = 6
WORKED_ON = (CaseState.NEW, CaseState.WORKING, CaseState.WAITING)


@require_safe
@requires(P.CASES_VIEW)
def case(request: ConsoleRequest, number: str) -> HttpResponse:
    """Show a case."""
    found = found_case(number)
    if found.number != number:
        return redirect("complaints:case", found.number)
    return render(request, "console/complaints/case.html", context_of(request, found))


@require_safe
@requires(P.CASES_VIEW, P.CUSTOMERS_VIEW_PERSONAL)
def photo(request: ConsoleRequest, photo_id: UUID) -> HttpResponse:
    """Return a picture; as nothing else, whatever its bytes are."""
    found = complaints.photo(photo_id)
    if found is None:
        raise Http404
    return picture(bytes(found.content), found.content_type)


def picture(content: bytes, content_type: str) -> HttpResponse:
    """Return a stranger's picture so that a browser can show it and do nothing else with it."""
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": "inline",
        "Cache-Control": "private, max-age=3600",
    }
    return HttpResponse(content, content_type=content_type, headers=headers)


def found_case(number: str) -> Case:
    """Return the case of a number, or answer 404."""
    try:
        return complaints.case(number)
    except TrothError as missing:
        raise Http404(str(missing)) from missing


def context_of(request: ConsoleRequest, found: Case) -> dict[str, Any]:
    """Return what the page of a case shows to this person."""
    names, now = choices.all_names(), present()
    may_work = request.actor.may(P.CASES_WORK)
    sees_people = request.actor.may(P.CUSTOMERS_VIEW_PERSONAL)
    customer = customers.customer_or_none(found.customer_id) if found.customer_id else None
    merged_into = complaints.case_by_id(found.merged_into_id) if found.merged_into_id else None
    remedies = [(one, remedy_text(one)) for one in complaints.remedies_of(found)]
    context: dict[str, Any] = {
        "case": found,
        "customer": customer,
        "customer_name": shown_name(customer, sees_people) if customer else "",
        "category": names["categories"].get(found.category.code, ""),
        "cause": complaints.named(found.cause) if found.cause else "",
        "team": names["teams"].get(found.team, found.team),
        "assignee": names["people"].get(str(found.assignee_id), ""),
        "severity_tone": words.SEVERITY_TONES.get(found.severity, "neutral"),
        "state_tone": words.state_tone(found),
        "word_tone": words.WORD_TONES.get(found.word, "neutral"),
        "clocks": [
            (one.clock.get_clock_kind_display(), words.clock_text(one), words.clock_tone(one), one)
            for one in complaints.readings(found, now)
        ],
        "timeline": _record(request, found, names),
        "sees_text": sees_people,
        "unproven": complaints.unproven_words_of(found),
        "is_unproven": complaints.is_sender_unproven(found),
        "photos": list(complaints.photos_of(found)) if sees_people else [],
        "remedies": remedies,
        "merged": complaints.merged_into(found),
        "merged_into": merged_into,
        "similar": complaints.similar_open(found) if found.is_open else [],
        "may_approve": request.actor.may(P.POINTS_APPROVE),
        "actor_code": request.actor.code,
        "now": now,
    }
    return context | (_working(request, found) if may_work else {"may_work": False})


def _working(request: ConsoleRequest, found: Case) -> dict[str, Any]:
    company = staff.company_or_none()
    return {
        "may_work": True,
        "can_work": found.state in WORKED_ON,
        "can_take": choices.member_of(request.user.pk) is not None,
        "can_write": found.state in (*WORKED_ON, CaseState.RESOLVED),
        "can_close": found.state == CaseState.RESOLVED,
        "can_say_word": found.state == CaseState.RESOLVED and found.word == Word.ASKED,
        "can_reopen": found.state in (CaseState.RESOLVED, CaseState.CLOSED, CaseState.REJECTED),
        "can_give": (found.is_open or found.state == CaseState.CLOSED) and found.customer_id is not None,
        "word_until": complaints.word_until(found) if found.asked_at else None,
        "severities": Severity.choices,
        "verdicts": Verdict.choices,
        "categories": choices.category_choices(),
        "causes": choices.cause_choices(),
        "teams": choices.team_choices(),
        "people": choices.people(),
        "point_currencies": choices.currency_choices(),
        "campaigns": choices.campaign_choices(),
        "currency": company.currency if company else "CNY",
        "key": f"console:{new_id()}",
        **_naming(request, found),
    }


def _naming(request: ConsoleRequest, found: Case) -> dict[str, Any]:
    """Return whom a search finds as the one who complained, where nobody knows and somebody may look."""
    if found.customer_id or found.state == CaseState.MERGED or not request.actor.may(P.CUSTOMERS_VIEW):
        return {}
    query = request.GET.get("q", "").strip()[:100].replace("\0", "")
    people = customers.find(query, limit=HITS, sees_personal=request.actor.may(P.CUSTOMERS_VIEW_PERSONAL))
    faces = Faces(request.actor, [person.id for person in people])
    hits = [(person, faces.name(person), faces.contact(person)) for person in people]
    return {"can_name": True, "q": query, "hits": hits}


def _record(request: ConsoleRequest, found: Case, names: Any) -> list[TimelineItem]:
    """Return the lines of the record, the newest first; messages with how they stand now."""
    entries = complaints.entries_of(found)
    told = messaging.contacts_by_key(one.contact_key for one in entries if one.contact_key)
    return [_item(request, one, names, found, told.get(one.contact_key)) for one in reversed(entries)]


def _item(
    request: ConsoleRequest, entry: CaseEntry, names: Any, found: Case, contact: messaging.Contact | None
) -> TimelineItem:
    """Return a line of the record; what was said belongs to the person and is shown to who may see people."""
    sees = request.actor.may(P.CUSTOMERS_VIEW_PERSONAL)
    text = entry.text if entry.act != "opened" or entry.case_id != found.id else ""
    if text and not sees:
        text = _("You may not read what was said.")
    facts, url = words.entry_facts(entry, names), ""
    if contact is not None:
        facts = contact.get_state_display()
        url = reverse("messages:detail", args=[contact.id]) if request.actor.may(P.MESSAGES_VIEW) else ""
    tone = {EntryKind.IN: "brand", EntryKind.OUT: "info"}.get(EntryKind(entry.entry_kind), "neutral")
    return TimelineItem(
        at=entry.created_at,
        title=words.entry_title(entry),
        icon=words.entry_icon(entry),
        text=text or facts,
        url=url,
        actor=_who(entry.created_by),
        tone="bad" if entry.act == "escalated" else tone,  # type: ignore[arg-type]  # one of the tones above
        facts=[(_("Message") if contact else _("Then"), facts)] if text and facts else (),
    )


def _who(code: str) -> str:
    """Return the name of who did it: of staff with a login, "" for the program itself."""
    kind, _colon, name = code.partition(":")
    if kind == "user":
        return _colleague(name)
    if kind == "member":
        return _("Customer")
    return _("Program") if kind == "api_key" else ""


def _colleague(user_id: str) -> str:
    """Return the name of a login: as a member of staff where it is one, else as it signs in."""
    if choices.staff_id(user_id) is None:
        return _("A colleague")
    if member := staff.people().filter(user_id=user_id).first():
        return member.name
    user = access.users().filter(id=user_id).first()
    return (user.name or user.email) if user else _("A colleague")
