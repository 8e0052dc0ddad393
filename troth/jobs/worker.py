"""The worker process of one lane or of both: takes tasks from the queue, and now and then sweeps."""

import logging
import os
import signal
import sys
import threading
import time
from datetime import timedelta
from types import FrameType

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from troth.access.actors import system_actor
from troth.kit import clock
from troth.kit.busy import is_busy

from . import services
from .lanes import QUEUES, Lane
from .supervising import STOP_SECONDS
from .tasks import FORGET

SWEEP_SECONDS = 5.0
POLL_SECONDS = 0.5
FORGET_EVERY = timedelta(days=1)
GRACE_SECONDS = 5.0
"""How long a job that runs when we are told to stop may go on: most end by then, the others are given back."""

log = structlog.get_logger("troth.jobs")


def work(*, lane: Lane | None = None, until_empty: bool = False, is_tied: bool = False) -> None:
    """Run tasks of a lane, or of both in turn, until told to stop by SIGINT or SIGTERM, or until none waits.

    Start-up sweeps first, so that what a killed worker left goes on as soon as its lease has run out.

    Args:
        lane: whose tasks; None for both.
        until_empty: end when nothing waits.
        is_tied: a parent holds the other end of our standard input: when it closes, the parent is gone, and so are we.
    """
    for name in ("django_tasks", "django_tasks_db"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # jobs tell of themselves
    now = clock.utc_now()
    services.sweep(actor=system_actor("worker"), now=now)
    if lane is not Lane.PROMPT:
        services.schedule(FORGET, every=FORGET_EVERY, first_at=now + FORGET_EVERY)
    worker = LaneWorker([QUEUES[lane]] if lane else list(QUEUES.values()), until_empty=until_empty)
    worker.configure_signals()
    if is_tied:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent too, which then tells us
        threading.Thread(target=_end_with_parent, name="tie", daemon=True).start()
    stop = threading.Event()
    sweeper = threading.Thread(target=_sweep_until, args=(stop,), name="sweeper", daemon=True)
    sweeper.start()
    try:
        worker.run()
    finally:
        stop.set()
        sweeper.join(timeout=SWEEP_SECONDS)


class LaneWorker(Worker):
    """The worker of django-tasks that outlives a busy or restarting database, and stops within a few seconds."""

    def __init__(self, queues: list[str], *, until_empty: bool) -> None:
        super().__init__(
            queue_names=queues,
            interval=POLL_SECONDS,
            batch=until_empty,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )

    def configure_signals(self) -> None:
        """Listen for the wish to stop, and for the alarm that ends a job which goes on all the same."""
        super().configure_signals()
        signal.signal(signal.SIGALRM, self.shutdown)

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        """Take nothing more and leave the running job its grace; asked again, have it given back at once."""
        if self.running:
            signal.setitimer(signal.ITIMER_REAL, GRACE_SECONDS)
        super().shutdown(signum, frame)

    def run(self) -> None:
        """Run tasks; where the database is busy or away wait for it."""
        while self.running:
            try:
                super().run()
                break
            except (InterfaceError, OperationalError) as error:
                if self.batch and not is_busy(error):
                    raise
                log.warning("jobs.database_away", error=str(error))
                connection.close()
                time.sleep(POLL_SECONDS)


def _sweep_until(stop: threading.Event) -> None:
    try:
        while not stop.wait(SWEEP_SECONDS):
            started = time.monotonic()
            try:
                close_old_connections()
                services.sweep(actor=system_actor("worker"), now=clock.utc_now())
            except (InterfaceError, OperationalError) as error:  # busy or restarting: the next round will do
                log.warning("jobs.sweep_failed", error=str(error), seconds=round(time.monotonic() - started, 1))
    finally:
        connection.close()


def _end_with_parent() -> None:
    """Stop as if told to when the parent is gone, however it ended; nobody else would kill us if we are stuck."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_SECONDS)
    os._exit(1)
