"""What an e-mail says, as text: read with the standard library, trusting nothing of it."""

import re
from dataclasses import dataclass
from email.errors import MessageError
from email.message import EmailMessage

from django.conf import settings
from django.utils.translation import gettext as _

from troth.customers.visible import visible
from troth.kit import letters

from .errors import EmailRefusedError
from .html_text import plain_text
from .sender_proof import is_proven

MOST_BYTES = 25 * 2**20
MOST_PARTS = 200
MOST_TEXT = 20_000
_BLANK_LINES = re.compile(r"\n\s*\n\s*\n+")
_QUOTED = re.compile(
    r"^(?:-{2,}\s*(?:Original Message|原始邮件|Forwarded message|转发邮件)\s*-{2,}"
    r"|On .{4,120} wrote:|在.{4,120}写道[:：])\s*$",
    re.MULTILINE | re.IGNORECASE,
)
_ANSWERED_BY_ITSELF = re.compile(
    r"\s*(?:auto(?:matic)?[ -]?(?:reply|response)?|out of (?:the )?office(?: auto-?reply)?|自动回复|自動回覆|自动答复)"
    r"\s*[:：]",
    re.IGNORECASE,
)
"""How mail programs begin the subject of such an answer. People who complain of automatic replies write no colon."""


@dataclass(frozen=True, slots=True)
class ReadEmail:
    """An e-mail's parts that matter. hops: servers it came through; pictures: of what parts call images, unchecked;
    is_proven: our mail server found that it comes from where the sender's address says.
    """

    message_id: str
    sender: str
    sender_name: str
    subject: str
    text: str
    is_automatic: bool
    hops: int
    is_proven: bool
    pictures: tuple[bytes, ...]


def read_email(raw: bytes) -> ReadEmail:
    """Return what an e-mail says.

    Raises:
        EmailRefusedError: too large, too deeply built, without sender, or nothing that can be read.
    """
    if len(raw) > MOST_BYTES:
        text = _("The message has %(size)d MB; at most %(limit)d MB are read.")
        values = {"size": len(raw) // 2**20, "limit": MOST_BYTES // 2**20}
        raise EmailRefusedError(text % values, field="message", limit=MOST_BYTES)
    try:
        return _read(raw)
    except (MessageError, RecursionError, ValueError, LookupError, AttributeError, IndexError, TypeError) as error:
        raise EmailRefusedError(_("The message cannot be read as an e-mail."), field="message") from error


def _read(raw: bytes) -> ReadEmail:
    message = letters.parsed(raw)
    parts = _parts(message)
    name, address = _sender(message)
    if "@" not in address:
        raise EmailRefusedError(_("The message names no sender."), field="from")
    return ReadEmail(
        message_id=visible(_header(message, "Message-ID"))[:180],
        sender=address[:200],
        sender_name=_line(name)[:100],
        subject=_line(_header(message, "Subject"))[:200],
        text=_without_quotes(_text(parts))[:MOST_TEXT],
        is_automatic=_is_automatic(message, address),
        hops=sum(1 for name, _value in message.raw_items() if name.lower() == "received"),
        is_proven=is_proven(message, address, settings.MAIL_SERVER),
        pictures=tuple(_content(part) for part in parts if part.get_content_maintype() == "image"),
    )


def _parts(message: EmailMessage) -> list[EmailMessage]:
    found: list[EmailMessage] = []
    for number, part in enumerate(message.walk()):
        if number >= MOST_PARTS:
            raise EmailRefusedError(_("The message is built of too many parts."), field="message", limit=MOST_PARTS)
        if not part.is_multipart():
            found.append(part)
    return found


def _text(parts: list[EmailMessage]) -> str:
    """Return the plain part, or the HTML one as text."""
    for kind, read in (("text/plain", visible), ("text/html", lambda text: visible(plain_text(text)))):
        texts = [read(_decoded(part)) for part in parts if _is_body(part, kind)]
        if found := "\n\n".join(filter(None, texts)):
            return found
    return ""


def _is_body(part: EmailMessage, kind: str) -> bool:
    return part.get_content_type() == kind and part.get_content_disposition() != "attachment"


def _decoded(part: EmailMessage) -> str:
    return letters.text_of(_content(part), part.get_content_charset())


def _content(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _header(message: EmailMessage, name: str) -> str:
    return str(message.get(name) or "")


def _sender(message: EmailMessage) -> tuple[str, str]:
    """Return name and address; a name that smuggles a line break is none."""
    found = getattr(message["From"], "addresses", ())
    return (found[0].display_name, found[0].addr_spec) if found else ("", "")


def _line(text: str) -> str:
    return visible(re.sub(r"\s+", " ", text))


def _without_quotes(text: str) -> str:
    """Return what was written anew: without the quoted message below it."""
    match = _QUOTED.search(text)
    kept = text[: match.start()] if match and text[: match.start()].strip() else text
    lines = [line for line in kept.splitlines() if not line.startswith(">")]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip() or text.strip()


def _is_automatic(message: EmailMessage, address: str) -> bool:
    """Tell whether a program wrote it (RFC 3834): answers to answers would never end."""
    submitted = _header(message, "Auto-Submitted").strip().lower()
    if submitted and submitted != "no":
        return True
    if _header(message, "Precedence").strip().lower() in {"bulk", "junk", "list", "auto_reply"}:
        return True
    if any(_header(message, name) for name in ("X-Autoreply", "X-Autorespond")):
        return True
    if _ANSWERED_BY_ITSELF.match(_header(message, "Subject")) or message.get_content_type() == "multipart/report":
        return True
    return not _header(message, "Return-Path").strip("<> ") and address.lower().startswith(
        ("mailer-daemon@", "postmaster@")
    )
