"""`sending`: whether all sending is paused, pausing it, releasing it."""

import getpass
import json

import typer
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from troth.access.actors import system_actor
from troth.cli.exits import Exit
from troth.kit import clock
from troth.kit.errors import TrothError
from troth.messaging import queries, services


def sending(act: str, *, note: str, waiting: str, as_json: bool) -> int:
    """Show, pause or release all sending."""
    actor, now = system_actor(f"cli:{getpass.getuser()}"[:60]), clock.utc_now()
    try:
        if act == "pause":
            services.pause_all(note=note, actor=actor, now=now)
        elif act == "release":
            withheld = services.release(withhold_waiting=waiting != "send", actor=actor, now=now)
            text = ngettext(
                "%(count)s message that waited was kept back.",
                "%(count)s messages that waited were kept back.",
                withheld,
            )
            typer.echo(text % {"count": f"{withheld:,}"}, err=True)
    except TrothError as error:
        typer.echo(f"troth: {error}", err=True)
        return Exit.FAILED
    _show(as_json=as_json)
    return Exit.DONE


def _show(*, as_json: bool) -> None:
    state, count = queries.sending_state(), queries.waiting_count()
    if as_json:
        typer.echo(json.dumps({"is_paused": state.is_paused, "reason": state.reason, "waiting": count}))
        return
    if state.is_paused:
        typer.echo(_("All sending is paused: %(reason)s.") % {"reason": state.get_reason_display()})
    else:
        typer.echo(_("Sending runs."))
    text = ngettext("%(count)s message is waiting.", "%(count)s messages are waiting.", count)
    typer.echo(text % {"count": f"{count:,}"})
