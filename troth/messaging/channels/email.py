"""E-mail by SMTP. Each message by itself over one connection, so that one refused address touches no other.

Where the server's answer to a message that was handed over is lost, the message is unknown and not sent again.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from email.utils import formataddr, formatdate
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import BadHeaderError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from troth.customers.models import ConsentChannel, IdentityKind
from troth.staff import queries as staff

from .. import addresses
from ..smtp_codes import reason_of
from . import smtp_server
from .protocol import Handover, HandoverState, Health, Outgoing, Setting
from .setups import values_of

_LINE_END = re.compile(rb"\r?\n")
RETRY, FAILED, UNKNOWN = HandoverState.RETRY, HandoverState.FAILED, HandoverState.UNKNOWN

FROM = (
    Setting("sender", gettext_lazy("Sender's address"), is_required=True),
    Setting("sender_name", gettext_lazy("Sender's name"), hint=gettext_lazy("Empty: the name of the company.")),
    Setting("reply_to", gettext_lazy("Address for replies")),
    Setting(
        "bounce_domain",
        gettext_lazy("Domain for bounces"),
        hint=gettext_lazy(
            "Leave it empty unless whoever runs your mail set one up: a domain whose mail is handed to us. Each message"
            " then has a return address of its own, and addresses that do not exist are blocked by themselves."
        ),
    ),
)


BY_ITSELF = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"}
"""What every mail of ours says (RFC 3834), so that no machine that is out of office answers it."""


class Smtp:
    """E-mail by any SMTP server."""

    code = "email"
    label = gettext_lazy("E-mail (SMTP)")
    consent = ConsentChannel.EMAIL.value
    identity = IdentityKind.EMAIL.value
    body = "email"
    is_outward = True
    settings = (
        Setting(
            "host",
            gettext_lazy("Server"),
            is_required=True,
            hint=gettext_lazy("Your mail provider names it, for example smtp.exmail.qq.com or smtp.ionos.de."),
        ),
        Setting("port", gettext_lazy("Port"), "number", default=587),
        Setting(
            "security",
            gettext_lazy("Encryption"),
            "choice",
            default="starttls",
            choices=(("starttls", "STARTTLS"), ("tls", "TLS"), ("none", gettext_lazy("None"))),
            hint=gettext_lazy("As the provider says: mostly STARTTLS with port 587, or TLS with port 465."),
        ),
        Setting("user", gettext_lazy("User")),
        Setting("password", gettext_lazy("Password"), "secret"),
        *FROM,
        Setting(
            "receipt_secret",
            gettext_lazy("Secret that signs mail handed to us"),
            "secret",
            hint=gettext_lazy(
                "Only with such a domain: whsec_ and 24 to 64 bytes in base64, from whoever runs your mail."
            ),
        ),
    )

    def deliver(self, batch: Sequence[Outgoing]) -> list[Handover]:
        """Hand them over in their order; a connection that breaks is opened once more for the rest.

        Where two break with their first message, the rest is kept for later: each try can take minutes.
        """
        values = values_of(self.code)
        done: list[Handover] = []
        in_vain = 0
        while len(done) < len(batch) and in_vain < MOST_IN_VAIN:
            before = len(done)
            try:
                with _connected(values) as server:
                    for one in batch[before:]:
                        done.append(_hand_over(one, server, values))
                        if done[-1].reason in _BROKEN:
                            in_vain = in_vain + 1 if len(done) == before + 1 else 0
                            break
            except (OSError, smtplib.SMTPException) as error:
                reason = _reason(error, "no_connection")
                done += [Handover(one.contact_id, RETRY, reason=reason) for one in batch[len(done) :]]
        return done + [Handover(one.contact_id, RETRY, reason="no_connection") for one in batch[len(done) :]]

    def check(self) -> Health:
        """Connect and sign in."""
        try:
            with _connected(values_of(self.code)):
                return Health(True, "")
        except smtplib.SMTPAuthenticationError:
            return Health(False, _("The server refuses user or password."))
        except (OSError, smtplib.SMTPException) as error:
            return Health(False, f"{type(error).__name__}: {error}"[:300])


MOST_IN_VAIN = 2
_BROKEN = {"answer_lost", "connection_lost"}


@contextmanager
def _connected(values: Mapping[str, Any]) -> Iterator[smtplib.SMTP]:
    security = values["security"]
    context = ssl.create_default_context()
    host, port = values["host"], int(values["port"])
    server = (
        smtp_server.Encrypted(host, port, timeout=smtp_server.SECONDS, context=context)
        if security == "tls"
        else smtp_server.Plain(host, port, timeout=smtp_server.SECONDS)
    )
    try:
        server.ehlo_or_helo_if_needed()
        if security == "starttls":
            server.starttls(context=context)
            server.ehlo()
        if values["user"]:
            server.login(values["user"], values.get("password", ""))
        yield server
    finally:
        with suppress(OSError, smtplib.SMTPException):
            server.quit()


def _hand_over(one: Outgoing, server: smtplib.SMTP, values: Mapping[str, Any]) -> Handover:
    """Speak SMTP step by step: only after the text was handed over is the outcome ever unknown."""
    try:
        raw = _LINE_END.sub(b"\r\n", compose(one, values).message().as_bytes())
        recipient = _in_ascii(one.address)
    except (BadHeaderError, ValueError, UnicodeError):
        return Handover(one.contact_id, FAILED, reason="bad_header")
    try:
        for is_recipient, (code, answer) in enumerate(_envelope(one, recipient, server, values)):
            if smtp_server.is_refusal(code):
                server.rset()
                # Only what is said of the recipient tells whether the address exists.
                reason = reason_of(answer[:20].decode("ascii", "replace") if is_recipient else "", str(code))
                return Handover(one.contact_id, RETRY if code < 500 else FAILED, reason=reason)
            if not smtp_server.is_taken(code):
                return Handover(one.contact_id, RETRY, reason="connection_lost")
    except (OSError, smtplib.SMTPServerDisconnected):
        return Handover(one.contact_id, RETRY, reason="connection_lost")
    return _text(one, server, raw, values)


def _in_ascii(address: str) -> str:
    """Return an address as every server takes it: the domain by its ASCII name.

    Raises:
        UnicodeError: what stands before the @ has no such name.
    """
    name, at, domain = address.rpartition("@")
    return f"{name.encode('ascii').decode()}{at}{domain.encode('idna').decode()}"


def _envelope(
    one: Outgoing, recipient: str, server: smtplib.SMTP, values: Mapping[str, Any]
) -> Iterator[tuple[int, bytes]]:
    yield server.mail(return_path(one, values))
    yield server.rcpt(recipient)


def _text(one: Outgoing, server: smtplib.SMTP, raw: bytes, values: Mapping[str, Any]) -> Handover:
    try:
        code, _answer = server.data(raw)
    except smtplib.SMTPDataError as error:  # refused before the text
        if not smtp_server.is_refusal(error.smtp_code):
            return Handover(one.contact_id, RETRY, reason="connection_lost")
        return Handover(one.contact_id, RETRY if error.smtp_code < 500 else FAILED, reason=f"smtp_{error.smtp_code}")
    except (OSError, smtplib.SMTPServerDisconnected):
        return Handover(one.contact_id, UNKNOWN, reason="answer_lost")
    if smtp_server.is_refusal(code):
        return Handover(one.contact_id, RETRY if code < 500 else FAILED, reason=f"smtp_{code}")
    if not smtp_server.is_taken(code):
        return Handover(one.contact_id, UNKNOWN, reason="answer_lost")
    return Handover(one.contact_id, HandoverState.SENT, message_id(one, values), reason="")


def _reason(error: Exception, otherwise: str) -> str:
    code = getattr(error, "smtp_code", None)
    return f"smtp_{code}" if code else otherwise


def compose(one: Outgoing, values: Mapping[str, Any]) -> EmailMultiAlternatives:
    """Return the message: text and HTML, with a number of its own that stays the same if it is sent again.

    Raises:
        BadHeaderError: a header would begin a new line.
    """
    company = staff.company_or_none()
    name = values.get("sender_name") or (company.name if company else "")
    headers = {"Message-ID": message_id(one, values), "Date": formatdate(), **BY_ITSELF, **one.headers}
    if values.get("bounce_domain"):
        headers["Sender"] = values["sender"]
    message = EmailMultiAlternatives(
        subject=one.subject,
        body=one.text,
        from_email=formataddr((name, values["sender"])),
        to=[one.address],
        reply_to=[values["reply_to"]] if values.get("reply_to") else None,
        headers=headers,
    )
    if one.html:
        message.attach_alternative(one.html, "text/html")
    return message


def message_id(one: Outgoing, values: Mapping[str, Any]) -> str:
    """Return the message's number: made of the contact's, so that bounces and replies lead back to it."""
    return f"<{one.contact_id.hex}@{values['sender'].rpartition('@')[2] or 'localhost'}>"


def return_path(one: Outgoing, values: Mapping[str, Any]) -> str:
    """Return where bounces go: an address of this message alone, or the sender's."""
    if values.get("bounce_domain") and one.customer_id is not None:
        return addresses.bounce_address(one.contact_id, values["bounce_domain"])
    return str(values["sender"])
