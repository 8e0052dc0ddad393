"""Double opt-in: a yes that waits for its confirmation, the message that asks for it, and what the rules demand."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.customers.models import ConsentChannel, ConsentPurpose
from troth.kit.clock import business_date
from troth.kit.ids import new_id

from . import preferences, starters
from .channels.registry import all_channels
from .errors import ConsentUnconfirmedError
from .intents import Intent, Outcome
from .models import ConsentRequest, Contact
from .policy_versions import in_force
from .preferences import CONFIRM_DAYS, Choice, confirmation_url, member_actor
from .sending import send
from .suppressions import hash_of

TEMPLATE = "confirm_consent"
"""The ready-made text, the company's to change."""
PAUSE = timedelta(days=1)
"""One message per address and purpose within it: whoever types in a stranger's address cannot fill the mailbox."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of asking. request: None where nothing could be sent; is_new: False where it was asked before."""

    request: ConsentRequest | None
    contact_id: UUID | None
    is_new: bool


def ask_to_confirm(
    *, customer_id: UUID, purpose: str, channel: str, source: str, wording: str = "", actor: Actor, now: datetime
) -> Asked:
    """Write to a customer with a link that confirms a consent; it counts once the button behind it is pressed.

    Goes by the way that the consent is for, by any for "any". Asked again within a day, for the same purpose at the
    same address, nothing more is sent.

    Raises:
        CustomerNotFoundError: no such customer.
    """
    owner_id = customers.customer(customer_id).id
    with suppress(IntegrityError), transaction.atomic():  # of two who make the text at once, one does
        starters.install(actor=actor, now=now, codes=[TEMPLATE])
    if earlier := _asked_lately(owner_id, purpose, channel, now):
        return Asked(earlier, earlier.contact_id, is_new=False)
    row = ConsentRequest(
        id=new_id(),
        owner_id=owner_id,
        purpose=purpose,
        channel=channel,
        source=source.strip()[:40],
        wording_version=wording[:40],
        asked_at=now,
        asked_date=business_date(now, "UTC"),
        asked_by=actor.code,
        expires_at=now + timedelta(days=CONFIRM_DAYS),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            return _send(row, actor, now)
    except IntegrityError:  # of two who ask at once, one does
        found = ConsentRequest.objects.get(
            owner_id=owner_id, purpose=purpose, channel=channel, asked_date=row.asked_date
        )
        return Asked(found, found.contact_id, is_new=False)


def waiting_consents(customer_id: UUID, now: datetime) -> list[ConsentRequest]:
    """Return what the customer was asked to confirm and may still confirm, the newest first.

    What was confirmed, has lapsed, or was answered in another way since waits no more.
    """
    rows = ConsentRequest.objects.filter(
        owner_id__in=customers.record_ids(customer_id), confirmed_at=None, expires_at__gt=now
    ).order_by("-asked_at", "-id")
    said: dict[Choice, datetime] = {}
    for act in customers.consent_acts_of(customer_id) if rows else ():
        said.setdefault((act.purpose, act.channel), act.occurred_at)
    return [one for one in rows if said.get((one.purpose, one.channel), one.asked_at) <= one.asked_at]


def choose(*, customer_id: UUID, choices: Mapping[Choice, bool], proof: str, now: datetime) -> list[Asked]:
    """Record what a customer chose on a page of ours; what the rules want confirmed is asked for and waits.

    Raises:
        CustomerNotFoundError, CustomerErasedError, CustomerRefusedError: see `customers.record_consent`.
    """
    _version, terms = in_force()
    standing = preferences.standing(customer_id)
    waits = [
        (purpose, channel)
        for (purpose, channel), is_given in choices.items()
        if is_given and f"{purpose}:{channel}" in terms.confirmed and not standing.get((purpose, channel))
    ]
    told = {choice: is_given for choice, is_given in choices.items() if choice not in waits}
    preferences.choose(customer_id=customer_id, choices=told, proof=proof, now=now)
    return [
        ask_to_confirm(
            customer_id=customer_id,
            purpose=purpose,
            channel=channel,
            source=preferences.SOURCE,
            wording=preferences.WORDING,
            actor=member_actor(customer_id),
            now=now,
        )
        for purpose, channel in waits
    ]


def refuse_unconfirmed(*, customer_id: UUID, purpose: str, channel: str) -> None:
    """Refuse a yes that the rules want confirmed, unless it holds already; one for any channel stands for them all.

    Raises:
        CustomerNotFoundError: no such customer.
        ConsentUnconfirmedError: it is to be confirmed first.
    """
    _version, terms = in_force()
    wanted = [tuple(one.split(":")) for one in terms.confirmed]
    meant = [one for one in wanted if one[0] == purpose and channel in (one[1], ConsentChannel.ANY)]
    standing = preferences.standing(customer_id) if meant else {}
    for one_purpose, one_channel in meant:
        if not standing.get((one_purpose, one_channel)):
            raise ConsentUnconfirmedError(one_purpose, one_channel)


def _asked_lately(owner_id: UUID, purpose: str, channel: str, now: datetime) -> ConsentRequest | None:
    """Return what was asked within a day for the purpose at an address that the message would go to."""
    kinds = {one.identity for one in all_channels() if channel in (ConsentChannel.ANY, one.consent)}
    found = customers.identities_of(owner_id).filter(identity_kind__in=kinds)
    hashes = [hash_of(one.identity_kind, one.value) for one in found]
    lately = ConsentRequest.objects.filter(purpose=purpose, address_hash__in=hashes, asked_at__gt=now - PAUSE)
    return lately.order_by("-asked_at").first()


def _send(row: ConsentRequest, actor: Actor, now: datetime) -> Asked:
    """Send the message of a new request; where nothing can be sent, keep no request."""
    url = confirmation_url(
        customer_id=row.owner_id,
        purpose=row.purpose,
        channel=row.channel,
        source=row.source,
        wording=row.wording_version,
        now=now,
    )
    ways = [one for one in all_channels() if one.consent == row.channel]
    intent = Intent(
        key=f"confirm:{row.id}",
        customer_id=row.owner_id,
        purpose=ConsentPurpose.SERVICE,
        template=TEMPLATE,
        channels=() if row.channel == ConsentChannel.ANY else tuple(one.code for one in ways),
        facts={"confirm_url": url},
        source="consent",
        relevant_until=row.expires_at,
    )
    (decision,) = send([intent], actor=actor, now=now)
    if decision.outcome is Outcome.WITHHELD:
        row.delete()
        return Asked(None, decision.contact_id, is_new=True)
    assert decision.contact_id is not None, "what goes out has a contact"
    contact = Contact.objects.get(id=decision.contact_id)
    kinds = {one.identity for one in all_channels() if one.code == contact.channel}
    row.contact_id = contact.id
    row.address_hash = hash_of(kinds.pop(), contact.address) if kinds and contact.address else ""
    row.save(update_fields=["contact_id", "address_hash"])
    return Asked(row, contact.id, is_new=True)
