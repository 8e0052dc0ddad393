"""Complaints by e-mail: a new case, or another word to one that is open."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.access.idempotency import fingerprint_of
from troth.customers import queries as customers

from ..models import Case, CaseState, Channel
from .doubting import keep_unproven
from .email_text import ReadEmail, read_email
from .errors import EmailRefusedError, PhotoRefusedError
from .finding import case_of_number, final_case
from .handling import note_from_customer
from .opening import NewCase, claim_arrival, open_case
from .photos import MOST_PHOTOS, Photo, checked_photo

MOST_LOOKED_AT = 12
_NUMBER = re.compile(r"(?<!\d)(\d{4}-\d{6})(?!\d)")


@dataclass(frozen=True, slots=True)
class Received:
    """What became of an e-mail. case: None if a program wrote it; is_new: it opened the case.

    is_repeated: the same message had come in before, so that nothing changed.
    """

    case: Case | None
    is_new: bool = False
    is_repeated: bool = False


def receive_email(raw: bytes, *, actor: Actor, now: datetime) -> Received:
    """Open a case by an e-mail, or add it to the one whose number it names, if it comes from the same customer.

    What programs send (out-of-office replies, bounces) is left alone. The same message again changes nothing. Words
    of a sender that nothing proves are kept as such: the case does not move by them before a person has looked.

    Raises:
        EmailRefusedError: it cannot be read, or says nothing.
    """
    email = read_email(raw)
    if email.is_automatic:
        return Received(None)
    key = f"email:{email.message_id or sha256(raw).hexdigest()}"
    known = _named_case(email)
    if known is not None:
        return _add(known, email, key, actor, now)
    text = email.text or email.subject
    if not text:
        raise EmailRefusedError(_("The message says nothing."), field="message")
    new = NewCase(
        key=key,
        channel=Channel.EMAIL,
        text=text,
        subject=email.subject,
        email=email.sender,
        name=email.sender_name,
        source_ref=email.message_id[:120],
        photos=_pictures(email),
        is_unproven=not email.is_proven,
    )
    before = Case.objects.count()
    case = open_case(new, actor=actor, now=now)
    is_new = Case.objects.count() > before
    return Received(case, is_new=is_new, is_repeated=not is_new)


@transaction.atomic
def _add(known: Case, email: ReadEmail, key: str, actor: Actor, now: datetime) -> Received:
    fingerprint = fingerprint_of({"text": email.text, "sender": email.sender})
    if claim_arrival(key, known, fingerprint) is not None:
        return Received(known, is_repeated=True)
    text = email.text or email.subject or "…"
    if email.is_proven:
        return Received(note_from_customer(actor=actor, now=now, case_id=known.id, text=text, by=Channel.EMAIL))
    return Received(keep_unproven(actor=actor, now=now, case_id=known.id, text=text))


def _named_case(email: ReadEmail) -> Case | None:
    """Return the case that the subject names, if the sender is its customer: a number alone opens nobody's record."""
    for number in _NUMBER.findall(email.subject):
        case_id = case_of_number(number)
        sender = customers.customer_by_identity("email", email.sender)
        case = Case.objects.filter(id=final_case(case_id)).first() if case_id else None
        if case is None or sender is None or case.customer_id is None or case.state == CaseState.MERGED:
            continue
        if customers.canonical_ids([case.customer_id]).get(case.customer_id) == sender.id:
            return case
    return None


def _pictures(email: ReadEmail) -> list[Photo]:
    """Return the first pictures that are some; a signature's tiny logo or a wrong one costs nobody the complaint.

    No more are looked at than a person sends: two hundred that fill a letter would each take half a second.
    """
    found: list[Photo] = []
    for content in email.pictures[:MOST_LOOKED_AT]:
        if len(found) == MOST_PHOTOS:
            break
        with suppress(PhotoRefusedError):
            found.append(checked_photo(content))
    return found
