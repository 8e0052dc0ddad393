"""`serve`, `worker`, `migrate`."""

import os
import socket

import typer
from django.conf import settings
from django.core.management import call_command
from django.utils.translation import gettext as _
from granian.constants import Interfaces, Loops
from granian.server import Server

from troth.cli.exits import Exit
from troth.jobs import worker as jobs_worker
from troth.jobs.lanes import Lane
from troth.kit import clock
from troth.kit.collecting import collect_less
from troth.voice.complaints import services as complaints

APPLICATION = "troth.config.wsgi:application"


def serve(host: str, port: int, workers: int, threads: int) -> int:
    """Serve until told to stop; refuse a port that is taken before anything starts."""
    if not is_free(host, port):
        message = _("Port %(port)s on %(host)s is taken. Stop what uses it, or choose another with --port.")
        typer.echo(f"troth: {message % {'port': port, 'host': host}}", err=True)
        return Exit.FAILED
    if not settings.WHITENOISE_USE_FINDERS:
        call_command("collectstatic", interactive=False, verbosity=0)
    typer.echo(_("Troth listens on http://%(host)s:%(port)s — Ctrl-C stops it.") % {"host": host, "port": port})
    server = Server(
        APPLICATION,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        # More requests than threads wait in the queue instead of piling up on the database.
        backpressure=threads * 4,
        loop=Loops.asyncio,
        websockets=False,
        log_access=os.environ.get("TROTH_ACCESS_LOG") == "1",
    )
    server.serve()
    return Exit.DONE


def is_free(host: str, port: int) -> bool:
    """Tell whether the port can be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def worker(*, lane: Lane | None, until_empty: bool, is_tied: bool) -> int:
    """Do background work until told to stop, or until none is left."""
    collect_less()
    if settings.MAILDIR is not None and lane != Lane.LONG:
        complaints.schedule_mailbox(clock.utc_now())
    jobs_worker.work(lane=lane, until_empty=until_empty, is_tied=is_tied)
    return Exit.DONE


def migrate() -> int:
    """Bring the database up to date."""
    call_command("migrate", interactive=False, verbosity=1)
    return Exit.DONE
