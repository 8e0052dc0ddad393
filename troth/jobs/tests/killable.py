"""A worker of both lanes that a test can stop and kill: python -m troth.jobs.tests.killable WORD FOLDER [LANE]"""

import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import uuid4

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "troth.config.settings")
import django

django.setup()

from django.core.management import call_command
from django.db import transaction

from troth.access.actors import system_actor
from troth.jobs import services, worker
from troth.jobs.lanes import Lane
from troth.jobs.models import Schedule
from troth.jobs.registry import handler
from troth.jobs.running import JobContext
from troth.kit import clock

STEPS = 3
"""Each job writes a row a step, tells that it has begun, and goes on when its gate is open."""


def begin(_folder: Path) -> None:
    call_command("migrate", verbosity=0)
    for name in (Lane.LONG, Lane.PROMPT):
        services.enqueue(f"test.{name}", actor=system_actor("test"), now=clock.utc_now())


def do(name: Lane, folder: Path, context: JobContext) -> None:
    for step in range(context.checkpoint.get("step", 0), STEPS):
        with transaction.atomic():
            mark = f"{name} {step} {uuid4()}"
            Schedule.objects.create(name=mark, every_seconds=60, next_run_at=clock.utc_now(), is_enabled=False)
            context.save_checkpoint({"step": step + 1})
        if step == 0:
            (folder / f"{name}.begun").write_text(str(os.getpid()))
            while not (folder / f"{name}.gate").exists():
                time.sleep(0.05)
    (folder / f"{name}.done").touch()


def lane(_folder: Path) -> None:
    worker.SWEEP_SECONDS, worker.GRACE_SECONDS = 0.5, 0.2
    worker.work(lane=Lane(sys.argv[3]), is_tied=True)


def drain(_folder: Path) -> None:
    """Do what waits in both lanes."""
    worker.work(until_empty=True)


if __name__ == "__main__":
    word, place = sys.argv[1], Path(sys.argv[2])
    for one in Lane:
        handler(f"test.{one}", label=one.value, lane=one)(partial(do, one, place))
    steps: dict[str, Callable[[Path], None]] = {"begin": begin, "lane": lane, "drain": drain}
    steps[word](place)
