"""Messages as screens show them: names and addresses only for who may see them, everything in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.console import formats
from troth.console.components import Tab, TimelineItem, Tone
from troth.console.customers.people import shown_name
from troth.customers import queries as customers
from troth.messaging import queries as messaging
from troth.messaging import templates
from troth.messaging.models import Contact, ContactState
from troth.staff import queries as staff
from troth.staff.models import Company

TONES: dict[str, Tone] = {
    ContactState.QUEUED: "info",
    ContactState.DELAYED: "info",
    ContactState.SENDING: "brand",
    ContactState.WITHHELD: "neutral",
    ContactState.SENT: "good",
    ContactState.DELIVERED: "good",
    ContactState.OPENED: "good",
    ContactState.CLICKED: "good",
    ContactState.FAILED: "bad",
    ContactState.BOUNCED: "bad",
    ContactState.COMPLAINED: "bad",
    ContactState.UNKNOWN: "warn",
}
_SOURCES = {
    "journey": (gettext_lazy("Journey"), "journeys:detail"),
    "survey": (gettext_lazy("Survey"), "surveys:detail"),
    "case": (gettext_lazy("Complaint"), "complaints:detail"),
    "staff": (gettext_lazy("Staff"), ""),
    "list": (gettext_lazy("List"), ""),
}


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A row of a list. customer_id: the canonical record; note: what holds it, or what went wrong.

    stands_still: it waits for a moment that does not come, since the day that counts as today stands still before it.
    """

    contact: Contact
    customer_id: UUID
    customer: str
    template: str
    channel: str
    purpose: str
    tone: Tone
    note: str
    stands_still: bool


def shown_messages(contacts: Iterable[Contact], actor: Actor) -> list[ShownMessage]:
    """Return the rows of a list, in four queries."""
    rows = list(contacts)
    canonical = customers.canonical_ids({one.owner_id for one in rows})
    people = customers.records(canonical.values())
    names = template_names()
    gates = messaging.gate_labels()
    is_open = actor.may(Permission.CUSTOMERS_VIEW_PERSONAL)
    company = staff.company()
    found = []
    for one in rows:
        who = canonical.get(one.owner_id, one.owner_id)
        found.append(
            ShownMessage(
                contact=one,
                customer_id=who,
                customer=shown_name(people[who], is_open) if who in people else "",
                template=names.get(one.template, one.template),
                channel=messaging.channel_label(one.channel) if one.channel else "",
                purpose=messaging.purpose_label(one.purpose),
                tone=TONES[one.state],
                note=_note(one, gates),
                stands_still=_stands_still(one, company),
            )
        )
    return found


def _stands_still(one: Contact, company: Company) -> bool:
    is_put_off = one.state == ContactState.DELAYED and bool(one.held_by)
    return is_put_off and company.as_of_date is not None and one.due_at > company.moment(one.due_at)


def template_names() -> dict[str, str]:
    """Return the name of every template in the active language, those put away too."""
    found = [*templates.all_templates(), *templates.all_templates(is_archived=True)]
    is_chinese = formats.is_chinese()
    return {one.code: (one.name_zh if is_chinese else "") or one.name for one in found}


def _note(one: Contact, gates: dict[str, str]) -> str:
    if one.held_by and one.state in (ContactState.WITHHELD, ContactState.DELAYED, ContactState.QUEUED):
        return gates.get(one.held_by, one.held_by)
    return reason_text(one.reason)


def reason_text(code: str) -> str:
    """Return why a hand-over failed or is unknown in words, where the code is one of ours."""
    words = {
        "worker_lost": _("The process that handed it over was stopped in the middle."),
        "no_answer": _("The provider gave no answer."),
        "timeout": _("The provider did not answer in time."),
        "channel_unknown": _("The channel is gone."),
        "no_connection": _("The mail server could not be reached."),
        "connection_lost": _("The mail server broke off before the text was handed over."),
        "answer_lost": _("The mail server's answer to the text was lost."),
        "erased": _("The customer's data were erased on request."),
        "no_customer": _("There is no customer's inbox to put it in."),
    }
    name, _colon, rest = code.partition(": ")
    if name == "facts_missing":
        return _("The text names what nobody knew: %(facts)s.") % {"facts": rest}
    if name.startswith(("smtp_", "http_")):
        kind, _mark, number = name.partition("_")
        said = _("The mail server answered %(code)s.") if kind == "smtp" else _("The other side answered %(code)s.")
        gone = " " + _("There is no such address.") if messaging.is_gone(name) else ""
        return said % {"code": number} + gone
    return words.get(code, code)


def source_of(contact: Contact) -> tuple[str, str]:
    """Return what a message came from in words, and its address if it has a page that is known here."""
    kind, _colon, rest = contact.source.partition(":")
    label, url_name = _SOURCES.get(kind, (kind, ""))
    try:
        url = reverse(url_name, args=[UUID(rest.partition(":")[0])]) if url_name else ""
    except (NoReverseMatch, ValueError):
        url = ""
    return str(label), url


def shown_address(contact: Contact, actor: Actor) -> str:
    """Return where it went, masked for who may not see it."""
    if actor.may(Permission.CUSTOMERS_VIEW_PERSONAL) or not contact.address:
        return contact.address
    mask = customers.mask_email if "@" in contact.address else customers.mask_phone
    return mask(contact.address)


def history_of(contact: Contact) -> list[TimelineItem]:
    """Return what happened to a message, the newest first."""
    happened: list[tuple[datetime | None, str, str, Tone]] = [
        (contact.created_at, _("Meant and judged"), "message", "neutral"),
        (contact.sent_at, pgettext("message", "Sent"), "send", "good"),
        (contact.delivered_at, pgettext("message", "Delivered"), "mail", "good"),
        (contact.opened_at, pgettext("message", "Opened"), "mail-opened", "good"),
        (contact.clicked_at, pgettext("message", "Clicked"), "external-link", "good"),
        (contact.ended_at, contact.get_state_display(), "circle-x", TONES[contact.state]),
    ]
    if contact.decided_at > contact.created_at and contact.state != ContactState.WITHHELD:
        happened.append((contact.decided_at, _("Judged once more"), "checkbox", "neutral"))
    items = [TimelineItem(at, title, icon, tone=tone) for at, title, icon, tone in happened if at is not None]
    return sorted(items, key=lambda item: item.at, reverse=True)


def area_tabs(active: str) -> list[Tab]:
    """Return the views of the area."""
    return [
        Tab(_("Sent and not sent"), reverse("messages:index"), active == "index"),
        Tab(_("Blocked addresses"), reverse("messages:blocked"), active == "blocked"),
        Tab(_("What offers bring"), reverse("messages:control"), active == "control"),
        Tab(_("Rules of sending"), reverse("messages:rules"), active == "rules"),
    ]
