"""What people write back. Who says stop is heard at once; a machine that is out of office says nothing of the kind."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import transaction

from troth.access.actors import system_actor
from troth.customers import queries as customers
from troth.customers import services as customer_services
from troth.customers.errors import CustomerErasedError
from troth.customers.visible import visible
from troth.events import services as events
from troth.kit import letters

from .. import preferences, reach
from ..models import Contact, Reply

TEXT_LIMIT = 5_000
# Whole answers that mean stop, and nothing else: "please stop by on Monday" is none of them.
STOP_WORDS = frozenset(
    {
        *("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "r", "t", "td", "n"),
        *("退订", "退", "拒收", "取消", "取消订阅", "回复退订", "不要再发", "不要再发了", "停止"),
    }
)
_WORDS = re.compile(r"[^\W_](?:.*[^\W_])?", re.DOTALL)  # from the first letter or digit to the last


@dataclass(frozen=True, slots=True)
class Said:
    """What came back. address: phone, e-mail or openid of who wrote; key: the provider's number of it.

    Strangers choose the text, and phones cut it: half an emoji must not hold up the answers that come with it.
    """

    channel: str
    address: str
    text: str
    key: str
    is_automatic: bool = False
    contact_id: UUID | None = None

    def __post_init__(self) -> None:
        for name in ("address", "text", "key"):
            object.__setattr__(self, name, letters.whole_signs(getattr(self, name)))


def means_stop(text: str) -> bool:
    """Tell whether the whole of a text is one of the words that mean stop."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    found = _WORDS.search(plain)
    return found is not None and found[0] in STOP_WORDS


@transaction.atomic
def take_reply(said: Said, *, now: datetime) -> Reply | None:
    """Keep an answer under whoever wrote it, and withdraw consent if a person says stop; None if nobody is known.

    An automatic answer is kept as such and changes nothing.
    """
    owner_id = _owner(said)
    if owner_id is None:
        return None
    key = (said.key or sha256(said.text.encode()).hexdigest())[:80]
    if Reply.objects.filter(owner_id=owner_id, key=key).exists():
        return None
    is_withdrawal = not said.is_automatic and means_stop(said.text)
    reply = Reply.objects.create(
        owner_id=owner_id,
        contact_id=said.contact_id,
        channel=said.channel,
        text=visible(said.text)[:TEXT_LIMIT],
        is_automatic=said.is_automatic,
        is_withdrawal=is_withdrawal,
        key=key,
        received_at=now,
    )
    if is_withdrawal:
        preferences.hear_no(
            customer_id=owner_id,
            purposes=preferences.ALL_BUT_SERVICE,
            channel=reach.reach_of(said.channel).consent,
            source="reply",
            proof=f"reply {reply.id}",
            now=now,
        )
    if not said.is_automatic:
        data = {
            "reply": str(reply.id),
            "contact": str(said.contact_id or ""),
            "channel": said.channel,
            "is_withdrawal": is_withdrawal,
        }
        events.append(
            "messaging.contact.replied", actor=system_actor("replies"), now=now, customer_id=owner_id, data=data
        )
    return reply


def _owner(said: Said) -> UUID | None:
    """Return whose address it is; the message that was answered counts before the address it was answered from."""
    if said.contact_id is not None:
        contact = Contact.objects.filter(id=said.contact_id).only("owner_id").first()
        person = customers.customer_or_none(contact.owner_id) if contact else None
    else:
        kind = reach.reach_of(said.channel).address_kind
        person = customers.customer_by_identity(kind, said.address) if kind and said.address else None
    try:
        return customer_services.hold_customer(person.id).id if person is not None else None
    except CustomerErasedError:
        return None
