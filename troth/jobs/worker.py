"""The worker process: takes tasks from the queue, and now and then sweeps."""

import threading
import time

import structlog
from django.core.management import call_command
from django.db import close_old_connections, connection
from django.db.utils import OperationalError

from troth.access.actors import system_actor
from troth.kit import clock

from . import services

SWEEP_SECONDS = 5.0
POLL_SECONDS = 0.5

log = structlog.get_logger("troth.jobs")


def work(*, until_empty: bool = False) -> None:
    """Run tasks until told to stop by SIGINT or SIGTERM, or until the queue is empty.

    Start-up sweeps first, so that what a killed worker left goes on as soon as its lease has run out.
    """
    services.sweep(actor=system_actor("worker"), now=clock.utc_now())
    stop = threading.Event()
    sweeper = threading.Thread(target=_sweep_until, args=(stop,), name="sweeper", daemon=True)
    sweeper.start()
    try:
        call_command(
            "db_worker", interval=POLL_SECONDS, batch=until_empty, startup_delay=False, reload=False, verbosity=0
        )
    finally:
        stop.set()
        sweeper.join(timeout=SWEEP_SECONDS)


def _sweep_until(stop: threading.Event) -> None:
    try:
        while not stop.wait(SWEEP_SECONDS):
            close_old_connections()
            started = time.monotonic()
            try:
                services.sweep(actor=system_actor("worker"), now=clock.utc_now())
            except OperationalError as error:  # a busy or restarting database: the next round will do
                log.warning("jobs.sweep_failed", error=str(error), seconds=round(time.monotonic() - started, 1))
    finally:
        connection.close()
