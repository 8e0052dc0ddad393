"""Mail that comes in: bounces (RFC 3464), reports of spam (RFC 5965), answers, and machines that are out of office.

The mail server hands each message over as it is, in a POST signed by Standard Webhooks with the channel's secret:
docs/messages.md shows how. A bounce counts only if it came to the return address of a message of ours.
"""

import email
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.message import EmailMessage
from hashlib import sha256
from typing import Any
from uuid import UUID

from troth.access.actors import system_actor
from troth.kit import letters

from .. import addresses
from ..models import Contact, ReceiptKind
from ..receipts import Report, receive
from ..smtp_codes import is_gone, reason_of
from ..text_errors import ReceiptRefusedError
from .replies import Said, take_reply
from .request import Answer, Request
from .signed import refuse_forged

CHANNEL = "email"
MOST_BYTES = 10 * 2**20
_NUMBER = re.compile(r"<([0-9a-f]{32})@")
_QUOTE = re.compile(r"^(>|-{2,}\s*(original|原始)|on .{5,200} wrote:|.{0,80}(写道|寫道)[:：])", re.IGNORECASE)


def take(request: Request, values: Mapping[str, Any], now: datetime) -> Answer:
    """Keep one message that the mail server hands over."""
    refuse_forged(request, values.get("receipt_secret", ""), now)
    if len(request.body) > MOST_BYTES:
        raise ReceiptRefusedError
    recipient = request.headers.get("x-recipient", "")
    take_message(request.body, recipient=recipient, channel=CHANNEL, now=now)
    return Answer()


def take_message(raw: bytes, *, recipient: str, channel: str, now: datetime) -> ReceiptKind | None:
    """Keep what a message says; return what it was taken for, None if it is none of ours or cannot be read.

    recipient: the address it was delivered to, as the mail server knows it; what the message itself says is not proof.
    """
    try:
        return _take_message(raw, recipient, channel, now)
    except (RecursionError, letters.TooManyPartsError):  # built to be read for ever: nobody's answer
        return None


def _take_message(raw: bytes, recipient: str, channel: str, now: datetime) -> ReceiptKind | None:
    message = letters.parsed(raw)
    contact_id = addresses.contact_of(recipient)
    key = sha256(raw).hexdigest()[:40]
    if contact_id is not None and (found := _bounce(message)) is not None:
        kind, code = found
        report = Report(kind, channel, key, now, contact_id, detail=code)
        receive([report], actor=system_actor("mail"), now=now)
        return kind
    if contact_id is not None and _is_spam_report(message):
        receive([Report(ReceiptKind.COMPLAINED, channel, key, now, contact_id)], actor=system_actor("mail"), now=now)
        return ReceiptKind.COMPLAINED
    is_automatic = is_machine(message)
    sender = _address(message)
    said = Said(channel, sender, _first_words(message), key, is_automatic, contact_id or _answered(message, sender))
    reply = take_reply(said, now=now)
    if reply is None:
        return None
    return ReceiptKind.AUTO_REPLIED if is_automatic else ReceiptKind.REPLIED


def is_machine(message: EmailMessage) -> bool:
    """Tell whether a program answered by itself: out of office, ticket systems, bounces without a form (RFC 3834)."""
    if str(message.get("Auto-Submitted", "no")).lower().split(";")[0].strip() != "no":
        return True
    if any(name in message for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "List-Id")):
        return True
    if str(message.get("Precedence", "")).lower() in ("bulk", "junk", "list", "auto_reply"):
        return True
    subject = str(message.get("Subject", "")).lower()
    begins = ("out of office", "automatic reply", "auto:", "autoreply", "自动回复", "自动答复", "休假", "外出")
    sender = _address(message)
    return subject.startswith(begins) or sender.startswith(("mailer-daemon@", "postmaster@")) or not sender


def _bounce(message: EmailMessage) -> tuple[ReceiptKind, str] | None:
    """Return what a delivery status notification says of the address."""
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        fields = {name.lower(): str(value) for name, value in _fields(part)}
        action, code = fields.get("action", "").lower(), reason_of(fields.get("status", ""))
        if action in ("delivered", "relayed"):
            return ReceiptKind.DELIVERED, code
        if action == "delayed":
            return ReceiptKind.BOUNCED_SOFT, code
        return (ReceiptKind.BOUNCED_HARD if is_gone(code) else ReceiptKind.BOUNCED_SOFT), code
    return None


def _fields(part: Any) -> Iterator[tuple[str, Any]]:
    for block in part.get_payload():
        if hasattr(block, "items"):
            yield from block.items()


def _is_spam_report(message: EmailMessage) -> bool:
    return any(
        part.get_content_type() == "message/feedback-report"
        and any(name.lower() == "feedback-type" and str(value).lower() == "abuse" for name, value in _report(part))
        for part in message.walk()
    )


def _report(part: Any) -> Iterator[tuple[str, Any]]:
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from _fields(part)
    else:
        yield from email.message_from_string(str(payload)).items()


def _answered(message: EmailMessage, sender: str) -> UUID | None:
    """Return the message that was answered, by the number it names, if it was sent to whoever answers now."""
    for header in ("In-Reply-To", "References"):
        for number in _NUMBER.findall(str(message.get(header, ""))):
            contact = Contact.objects.filter(id=UUID(number)).only("id", "address").first()
            if contact is not None and contact.address.lower() == sender:
                return contact.id
    return None


def _address(message: EmailMessage) -> str:
    try:
        found = message["From"].addresses if message["From"] is not None else ()
    except (AttributeError, ValueError, IndexError):
        return ""
    return str(found[0].addr_spec).lower() if found else ""


def _first_words(message: EmailMessage) -> str:
    """Return what was written above the quoted message."""
    try:
        body = message.get_body(("plain",))
        content = body.get_payload(decode=True) if body is not None else b""
        text = letters.text_of(content, body.get_content_charset()) if body and isinstance(content, bytes) else ""
    except (LookupError, KeyError, ValueError):
        return ""
    lines = []
    for line in text[:100_000].split("\n"):
        if _QUOTE.match(line.strip()):
            break
        lines.append(line.rstrip())
    return "\n".join(lines).strip()
