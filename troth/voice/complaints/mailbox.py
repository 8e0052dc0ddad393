"""Mail to the company, one message at a time or out of a maildir: what machines send, and what people complain of.

Bounces, reports of spam, answers of machines and the word "stop" go to messaging; a person's own words open a case or
go to the one they name. Mail that goes round in circles is left alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from pathlib import Path

import structlog
from django.conf import settings
from django.db import DatabaseError

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.kit.errors import TrothError
from troth.messaging import incoming
from troth.messaging.channels.setups import values_of
from troth.staff import queries as staff

from ..models import Case, Channel
from .email_text import MOST_BYTES, ReadEmail, read_email
from .receiving import receive_email

log = structlog.get_logger()

EMAIL = "email"
MOST_HOPS = 50
MOST_PER_HOUR = 20
"""More than this from one address within an hour is a machine that hides, or a person who is already being heard."""
_NOTED = (b"delivered-to", b"x-original-to", b"envelope-to")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a message: it "opened" a case, was "added" to one or "known" already, or made none.

    Those are a "receipt", "automatic", or a "loop".
    """

    outcome: str
    case: Case | None = None


@dataclass(frozen=True, slots=True)
class Emptied:
    """How many messages of a maildir were taken in, and how many could not be read and were put aside."""

    taken: int = 0
    refused: int = 0


def take_mail(raw: bytes, *, recipient: str = "", actor: Actor, now: datetime) -> Taken:
    """Take in a message as the mail server has it; the same again changes nothing.

    recipient: the address it was delivered to, as the server knows it: only so can a bounce be proved.

    Raises:
        EmailRefusedError: too large, unreadable, or it says nothing.
    """
    email = read_email(raw)
    present = staff.moment(now)  # what people say lies on the day that a demonstration stands still on
    if _goes_round(email, present):
        log.warning("mail.loop", message_id=email.message_id)
        return Taken("loop")
    if email.is_automatic or incoming.means_stop(email.text) or incoming.is_return_address(recipient):
        kind = incoming.take_message(raw, recipient=recipient, channel=EMAIL, now=now)
        return Taken("receipt" if kind else "automatic")
    received = receive_email(raw, actor=actor, now=present)
    if received.case is None:
        return Taken("automatic")
    if received.is_repeated:
        return Taken("known", received.case)
    return Taken("opened" if received.is_new else "added", received.case)


def empty_maildir(folder: Path, *, actor: Actor, now: datetime) -> Iterator[Emptied]:
    """Take in every new message of a maildir, the oldest first, and yield after each how many there were.

    A message that was taken in moves from `new` to `cur`, marked as seen; one that cannot be read is flagged besides,
    for a person to look at. A worker that is killed in between takes the same message again, which changes nothing.
    """
    done = Emptied()
    for path in sorted((folder / "new").iterdir(), key=lambda path: path.name):
        try:
            is_taken = _is_taken(path, actor, now)
            path.rename(folder / "cur" / f"{path.name}:2,{'S' if is_taken else 'FS'}")
        except FileNotFoundError:
            continue  # another worker, which took this one for lost, was faster
        done = Emptied(done.taken + is_taken, done.refused + (not is_taken))
        yield done


def _is_taken(path: Path, actor: Actor, now: datetime) -> bool:
    with path.open("rb") as file:
        raw = file.read(MOST_BYTES + 1)
    try:
        take_mail(raw, recipient=_delivered_to(raw), actor=actor, now=now)
    except TrothError as refusal:
        log.warning("mail.refused", file=path.name, reason=str(refusal))
        return False
    except (DatabaseError, OSError):  # ours, and perhaps for now: the letter waits
        raise
    except Exception:  # a letter that nobody foresaw must not hold up those behind it
        log.exception("mail.broken", file=path.name)
        return False
    return True


def _delivered_to(raw: bytes) -> str:
    """Return the address that the server noted above all headers of the sender's own, "" for none."""
    first = raw.lstrip()[:2_000].split(b"\n", 1)[0]
    name, _colon, value = first.partition(b":")
    return value.strip().decode("ascii", "replace") if name.strip().lower() in _NOTED else ""


def _goes_round(email: ReadEmail, now: datetime) -> bool:
    """Tell whether a message is our own come back, has gone through too many servers, or is one of too many."""
    if email.sender.lower() in _own_addresses() or email.hops > MOST_HOPS:
        return True
    arrived = Case.objects.filter(channel=Channel.EMAIL, opened_at__gt=now - timedelta(hours=1))
    sender = customers.customer_by_identity("email", email.sender)
    if sender is None:
        return False
    return arrived.filter(customer_id__in=customers.record_ids(sender.id)).count() >= MOST_PER_HOUR


def _own_addresses() -> set[str]:
    """Return the addresses that our own mail comes from."""
    said = (str(values_of(EMAIL).get("sender", "")), settings.DEFAULT_FROM_EMAIL)
    return {parseaddr(one)[1].lower() for one in said if one}
