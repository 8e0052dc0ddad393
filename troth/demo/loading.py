"""Loading the demo's data: files like a company's, through everybody's importer, as background jobs.

Each stage notes its end in the event log, so that a demo that was stopped goes on where it was.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from troth.access.actors import Actor
from troth.demo import club, files, source
from troth.demo.errors import StageFailedError
from troth.demo.tasks import DESCRIBE, RELATE, TAKE
from troth.events import queries as event_queries
from troth.events import services as events
from troth.imports import services as imports
from troth.imports.targets import Shape
from troth.insights import services as insights
from troth.jobs import queries as jobs
from troth.jobs import services as job_services
from troth.jobs.models import Job, JobStatus
from troth.kit import clock
from troth.sales import services as sales

POLL_SECONDS = 0.3
STARTED, FINISHED = "demo.stage.started", "demo.stage.finished"
COLUMNS = {  # of the two files, by what they mean to the importer
    Shape.CUSTOMERS: (
        "customer_id", "card", "name", "family_name", "given_name", "gender", "birth_date", "phone", "email",
    ),
    Shape.LINES: (
        "order_id", "customer_id", "store", "ordered_at", "channel", "sku", "product_name", "category",
        "brand", "quantity", "net_amount", "discount_amount",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Loading:
    """What the stages work with: where files are written, the language of the people, who acts."""

    folder: Path
    language: str
    actor: Actor


@dataclass(frozen=True)
class Stage:
    """One stage: its code, what it does in words, what it prepares, and how its job is asked for."""

    code: str
    label: str | Promise
    prepare: Callable[[Loading], None]
    request: Callable[[Loading, datetime], UUID]


def stages_left() -> list[Stage]:
    """Return the stages that are not finished, in order."""
    finished = {event.data["stage"] for event in event_queries.after(None, names=[FINISHED])}
    return [stage for stage in STAGES if stage.code not in finished]


def load(stage: Stage, loading: Loading) -> Iterator[Job]:
    """Have the stage's job done; yield it with its progress until it is over.

    Raises:
        StageFailedError: the job failed or was cancelled; the message says why.
        DemoDataMissingError: the package with the data is not installed.
    """
    job = jobs.job(_started_job(stage) or _start(stage, loading))
    if job.status in (JobStatus.FAILED, JobStatus.CANCELLED):
        job = job_services.retry(job.id, actor=loading.actor, now=clock.utc_now())
    while job.is_active:
        yield job
        time.sleep(POLL_SECONDS)
        job = jobs.job(job.id)
    if job.status != JobStatus.SUCCEEDED:
        message = _("“%(label)s” ended early (%(status)s). %(error)s")
        values = {"label": stage.label, "status": job.get_status_display(), "error": job.error_message}
        raise StageFailedError(message % values, stage=stage.code)
    events.append(FINISHED, actor=loading.actor, now=clock.utc_now(), data={"stage": stage.code})
    yield job


def _started_job(stage: Stage) -> UUID | None:
    """Return the job of a stage that an earlier run of the demo began."""
    started = event_queries.after(None, names=[STARTED])
    return next((UUID(event.data["job"]) for event in started if event.data["stage"] == stage.code), None)


def _start(stage: Stage, loading: Loading) -> UUID:
    stage.prepare(loading)
    now = clock.utc_now()
    with transaction.atomic():
        job_id = stage.request(loading, now)
        data = {"stage": stage.code, "job": str(job_id)}
        events.append(STARTED, actor=loading.actor, now=now, data=data)
    return job_id


def _customers_file(loading: Loading) -> Path:
    return loading.folder / "customers.csv"


def _orders_file(loading: Loading) -> Path:
    return loading.folder / "orders.parquet"


def _import(path: Path, shape: Shape, loading: Loading, now: datetime) -> UUID:
    run = imports.import_file(
        path,
        shape=shape,
        actor=loading.actor,
        now=now,
        source=source.NAME,
        mapping={code: number for number, code in enumerate(COLUMNS[shape])},
        is_made_up=shape == Shape.CUSTOMERS,
    )
    if run.job_id is None:
        raise TypeError("a started import has a job")
    return run.job_id


def _request_points(loading: Loading, now: datetime) -> UUID:
    """Ask, and approve in the name of the made-up second person, that the year's orders earn."""
    last_day = files.day_after_last_order()
    asked = sales.request_history_award(actor=loading.actor, now=now, from_date=source.FIRST_DAY, to_date=last_day)
    approved = sales.decide_history_award(actor=club.REVIEWER, now=now, award_id=asked.id, is_approved=True)
    if approved.job_id is None:
        raise TypeError("an approved award has a job")
    return approved.job_id


def _request_analysis(loading: Loading, now: datetime) -> UUID:
    return insights.request_analysis(actor=loading.actor, now=now).id


def _request_relations(loading: Loading, now: datetime) -> UUID:
    payload = {"language": loading.language}
    return job_services.enqueue(RELATE, actor=loading.actor, now=now, payload=payload, unique_key="demo").id


STAGES = (
    Stage(
        "customers",
        gettext_lazy("Made-up people"),
        lambda loading: files.write_customers(_customers_file(loading), loading.language),
        lambda loading, now: _import(_customers_file(loading), Shape.CUSTOMERS, loading, now),
    ),
    Stage(
        "orders",
        gettext_lazy("Orders of a year"),
        lambda loading: files.write_orders(_orders_file(loading)),
        lambda loading, now: _import(_orders_file(loading), Shape.LINES, loading, now),
    ),
    Stage("analysis", gettext_lazy("Analysis"), lambda _loading: None, _request_analysis),
    Stage(
        "households",
        gettext_lazy("Demographics, campaigns and coupons"),
        lambda _loading: None,
        lambda loading, now: job_services.enqueue(DESCRIBE, actor=loading.actor, now=now, unique_key="demo").id,
    ),
    Stage(
        "relations", gettext_lazy("Messages, surveys, complaints and tasks"), lambda _loading: None, _request_relations
    ),
    Stage("points", gettext_lazy("Points of the year"), lambda _loading: None, _request_points),
    Stage(
        "rewards",
        gettext_lazy("Rewards taken"),
        lambda _loading: None,
        lambda loading, now: job_services.enqueue(TAKE, actor=loading.actor, now=now, unique_key="demo").id,
    ),
    Stage("again", gettext_lazy("Analysis with all that was told"), lambda _loading: None, _request_analysis),
)
