"""A worker process that a test can kill: python -m troth.imports.tests.killable begin|work|look FILE"""

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "troth.config.settings")
import django

django.setup()

import duckdb
import polars
from django.core.management import call_command
from django.db.models import Count, Sum

from troth.access.actors import system_actor
from troth.activity.models import DocumentKey, Order, OrderLine, Return
from troth.customers.models import Customer
from troth.events.models import Event
from troth.imports import limits, services, sorting, tasks
from troth.imports.models import ImportRun
from troth.jobs.models import Job
from troth.staff.models import Company, Store

LOADED = (duckdb, polars)
"""With the module, not while somebody waits to be killed at work."""


def begin(path: str) -> None:
    call_command("migrate", verbosity=0)
    Company.objects.get_or_create(defaults={"name": "Test"})
    now = datetime.now(UTC)
    services.import_file(Path(path), shape=None, actor=system_actor("test"), now=now, on_missing="add")


def work(_path: str) -> None:
    """Take the job over from whoever died, in steps small enough to be hit between and inside."""
    sorting.ROWS_PER_GROUP = 2048
    tasks.__dict__["DEFAULT"] = limits.Limits(batch_rows=1_500)
    Job.objects.filter(status="running").update(lease_until=datetime.now(UTC) - timedelta(seconds=1))
    services.work_off(ImportRun.objects.get())


def look(_path: str) -> None:
    run = ImportRun.objects.get()
    repeated = OrderLine.objects.values("order_id", "line_no").annotate(n=Count("id")).filter(n__gt=1)
    sys.stdout.write(
        json.dumps(
            {
                "orders": Order.objects.count(),
                "lines": OrderLine.objects.count(),
                "repeated_lines": repeated.count(),
                "net": str(Order.objects.aggregate(total=Sum("net_amount"))["total"]),
                "returns": Return.objects.count(),
                "keys": DocumentKey.objects.count(),
                "customers": Customer.objects.count(),
                "stores": Store.objects.count(),
                "order_events": Event.objects.filter(name="activity.order.recorded").count(),
                "finished_events": Event.objects.filter(name="imports.run.finished").count(),
                "report": {name: run.report[name] for name in ("rows", "refused_rows", "done", "mended", "refused")},
                "refused": run.refused_path.read_text("utf-8-sig").splitlines(),
            }
        )
    )


if __name__ == "__main__":
    print("working", flush=True)  # noqa: T201  the test waits for it
    steps: dict[str, Callable[[str], None]] = {"begin": begin, "work": work, "look": look}
    steps[sys.argv[1]](sys.argv[2])
