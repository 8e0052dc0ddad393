"""`mail-in`: one e-mail from standard input."""

import sys

import typer
from django.db import DatabaseError
from django.utils.translation import gettext as _

from troth.access.actors import system_actor
from troth.cli.exits import Exit
from troth.kit import clock
from troth.kit.errors import TrothError
from troth.voice.complaints import services as complaints
from troth.voice.complaints.email_text import MOST_BYTES


def mail_in(recipient: str) -> int:
    """Take in a message; what is refused goes back to its sender, what fails for now is tried again by the server."""
    raw = sys.stdin.buffer.read(MOST_BYTES + 1)
    try:
        taken = complaints.take_mail(raw, recipient=recipient, actor=system_actor("mail"), now=clock.utc_now())
    except TrothError as refusal:
        typer.echo(f"troth: {refusal}", err=True)
        return Exit.FAILED
    except DatabaseError as error:
        typer.echo(f"troth: {error}", err=True)
        return Exit.TRY_AGAIN
    typer.echo(_said(taken))
    return Exit.DONE


def _said(taken: complaints.Taken) -> str:
    number = {"number": taken.case.number if taken.case else ""}
    words = {
        "opened": _("Case %(number)s opened.") % number,
        "added": _("Added to case %(number)s.") % number,
        "known": _("This message is in case %(number)s already.") % number,
        "receipt": _("Noted at the message it belongs to."),
        "automatic": _("Written by a machine: left alone."),
        "loop": _("It goes round in circles: left alone."),
    }
    return words[taken.outcome]
