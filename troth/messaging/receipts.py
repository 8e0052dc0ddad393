"""What comes back of messages: delivered, bounced, reported as spam, opened, answered.

A receipt is kept once however often a provider repeats it, moves the contact forward and never back, and takes its
address out of use where it bounced for good or its holder complained of us.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from troth.access.actors import Actor, system_actor
from troth.customers.models import ConsentChannel, ConsentPurpose
from troth.events import services as events
from troth.kit import letters, rows

from . import links, preferences, reach, suppressions
from .models import Contact, ContactState, Receipt, ReceiptKind, SuppressionReason
from .sending import contact_facts

COLUMNS = (
    "id",
    "owner_id",
    "contact_id",
    "channel",
    "receipt_kind",
    "key",
    "detail",
    "occurred_at",
    "received_at",
)

# What a receipt makes of a contact. A state further on stays: "delivered" after "opened" changes nothing.
_STATES: dict[str, ContactState] = {
    ReceiptKind.DELIVERED: ContactState.DELIVERED,
    ReceiptKind.OPENED: ContactState.OPENED,
    ReceiptKind.CLICKED: ContactState.CLICKED,
    ReceiptKind.BOUNCED_HARD: ContactState.BOUNCED,
    ReceiptKind.REFUSED: ContactState.FAILED,
    ReceiptKind.COMPLAINED: ContactState.COMPLAINED,
}
_ORDER = (
    ContactState.SENDING,
    ContactState.UNKNOWN,
    ContactState.SENT,
    ContactState.FAILED,
    ContactState.BOUNCED,
    ContactState.DELIVERED,
    ContactState.OPENED,
    ContactState.CLICKED,
    ContactState.COMPLAINED,
)
_MOMENTS: dict[str, str] = {
    ReceiptKind.DELIVERED: "delivered_at",
    ReceiptKind.OPENED: "opened_at",
    ReceiptKind.CLICKED: "clicked_at",
    ReceiptKind.BOUNCED_HARD: "ended_at",
    ReceiptKind.REFUSED: "ended_at",
}
_SUPPRESSED: dict[str, SuppressionReason] = {
    ReceiptKind.BOUNCED_HARD: SuppressionReason.HARD_BOUNCE,
    ReceiptKind.COMPLAINED: SuppressionReason.COMPLAINT,
}
# What the customer says no to, by a way that is the provider's own: whoever reports spam, to offers by this channel.
_NOES: dict[str, tuple[str, tuple[ConsentPurpose, ...]]] = {
    ReceiptKind.COMPLAINED: ("spam report", (ConsentPurpose.MARKETING,)),
    ReceiptKind.UNSUBSCRIBED: ("provider", preferences.ALL_BUT_SERVICE),
}
_EVENTS: dict[str, str] = {
    ReceiptKind.OPENED: "messaging.contact.opened",
    ReceiptKind.CLICKED: "messaging.contact.clicked",
    ReceiptKind.BOUNCED_HARD: "messaging.contact.bounced",
    ReceiptKind.COMPLAINED: "messaging.contact.complained",
}


@dataclass(frozen=True, slots=True)
class Report:
    """One thing that came back, of one contact: named by its id, or by the id that the provider gave the message.

    key: the provider's own id of the report, or what tells it from others of this contact; detail: a code.
    """

    receipt_kind: ReceiptKind
    channel: str
    key: str
    occurred_at: datetime
    contact_id: UUID | None = None
    provider_id: str = ""
    detail: str = ""

    def __post_init__(self) -> None:
        for name in ("key", "provider_id", "detail"):
            object.__setattr__(self, name, letters.whole_signs(getattr(self, name)))


@transaction.atomic
def receive(reports: Sequence[Report], *, actor: Actor, now: datetime) -> int:
    """Keep reports that were verified to come from their provider; return how many were new.

    Reports of messages that are not ours are passed over: providers send those of a whole account.
    """
    found = _contacts(reports)
    fresh = _fresh([(report, found[at]) for at, report in enumerate(reports) if at in found], now)
    for report, contact in fresh:
        _move(report, contact, actor, now)
    return len(fresh)


def note_activity(opened: links.Opened, kind: ReceiptKind, *, detail: str = "", now: datetime) -> bool:
    """Keep that a customer opened or clicked, if profiling was consented to and is still; tell whether it was new."""
    try:
        contact_id = links.long_id(str(opened.data["c"]))
    except (KeyError, ValueError):
        return False
    if (
        preferences.standing(opened.owner_id).get((ConsentPurpose.PROFILING.value, ConsentChannel.ANY.value))
        is not True
    ):
        return False
    contact = Contact.objects.filter(id=contact_id).only("channel").first()
    if contact is None:
        return False
    report = Report(kind, contact.channel, f"{kind}:{detail}", now, contact_id, detail=detail)
    return receive([report], actor=preferences.member_actor(opened.owner_id), now=now) == 1


def receipts_of(contact_ids: Collection[UUID]) -> Mapping[UUID, list[Receipt]]:
    """Return what came back of contacts, the oldest first."""
    found: dict[UUID, list[Receipt]] = {contact_id: [] for contact_id in contact_ids}
    for row in Receipt.objects.filter(contact_id__in=list(contact_ids)).order_by("occurred_at", "id"):
        found[row.contact_id].append(row)
    return found


def _contacts(reports: Sequence[Report]) -> dict[int, Contact]:
    """Return the contact of each report by its place, locked in order of their ids."""
    ids = {report.contact_id for report in reports if report.contact_id}
    by_provider = {report.provider_id for report in reports if report.provider_id and not report.contact_id}
    if by_provider:
        rows_of = Contact.objects.filter(provider_id__in=by_provider).values_list("provider_id", "channel", "id")
        named = {(provider_id, channel): contact_id for provider_id, channel, contact_id in rows_of}
    else:
        named = {}
    wanted = ids | set(named.values())
    locked = {row.id: row for row in Contact.objects.select_for_update().filter(id__in=wanted).order_by("id")}
    found = {}
    for at, report in enumerate(reports):
        contact_id = report.contact_id or named.get((report.provider_id, report.channel))
        if contact_id in locked and _may_tell(report.channel, locked[contact_id].channel):
            found[at] = locked[contact_id]
    return found


def _may_tell(channel: str, sent_by: str) -> bool:
    """Tell whether a channel may speak of what another sent: a provider of SMS knows nothing of our e-mails."""
    return channel == sent_by or reach.reach_of(channel).address_kind == reach.reach_of(sent_by).address_kind


def _fresh(pairs: Sequence[tuple[Report, Contact]], now: datetime) -> list[tuple[Report, Contact]]:
    known = {
        (contact_id, key)
        for contact_id, key in Receipt.objects.filter(contact_id__in=[c.id for _r, c in pairs]).values_list(
            "contact_id", "key"
        )
    }
    fresh = []
    for report, contact in pairs:
        key = report.key[:80]
        if (contact.id, key) not in known:
            known.add((contact.id, key))
            fresh.append((report, contact))
    written = [
        (
            rows.new_id_text(),
            contact.owner_id,
            contact.id,
            contact.channel,
            report.receipt_kind.value,
            report.key[:80],
            report.detail[:80],
            report.occurred_at,
            now,
        )
        for report, contact in fresh
    ]
    rows.insert(Receipt, COLUMNS, written)
    return fresh


def _move(report: Report, contact: Contact, actor: Actor, now: datetime) -> None:
    """Move the contact forward, and keep what follows from the report."""
    kind = report.receipt_kind
    was = contact.state
    changed = _moved(report, contact)
    if changed:
        contact.save(update_fields=changed)
    if was == ContactState.SENDING and contact.state != was:  # the receipt was quicker than our own note
        _append("messaging.contact.sent", contact, actor, now)
    if reason := _SUPPRESSED.get(kind):
        suppressions.suppress_of(contact, reason=reason, actor=system_actor("receipts"), now=now)
    if kind in _NOES:
        source, purposes = _NOES[kind]
        channel = reach.reach_of(contact.channel).consent
        preferences.hear_no(
            customer_id=contact.owner_id,
            purposes=purposes,
            channel=channel,
            source=source,
            proof=f"contact {contact.id}",
            now=now,
        )
    if name := _EVENTS.get(kind):
        _append(name, contact, actor, now)


def _moved(report: Report, contact: Contact) -> list[str]:
    """Change the contact's state and moments as far as the report tells more; return the changed fields."""
    changed = []
    state = _STATES.get(report.receipt_kind)
    if (
        state is not None
        and contact.state in _ORDER
        and _ORDER.index(state) > _ORDER.index(ContactState(contact.state))
    ):
        if contact.state == ContactState.SENDING:
            contact.lease_token = contact.lease_until = None
            changed += ["lease_token", "lease_until"]
        if contact.sent_at is None and state is not ContactState.FAILED:
            contact.sent_at = report.occurred_at
            changed.append("sent_at")
        contact.state = state
        changed.append("state")
        if report.detail and state in (ContactState.BOUNCED, ContactState.FAILED):
            contact.reason = report.detail
            changed.append("reason")
    field = _MOMENTS.get(report.receipt_kind)
    if field is not None and getattr(contact, field) is None:
        setattr(contact, field, report.occurred_at)
        changed.append(field)
    return changed


def _append(name: str, contact: Contact, actor: Actor, now: datetime) -> None:
    events.append(name, actor=actor, now=now, customer_id=contact.owner_id, data=contact_facts(contact))
