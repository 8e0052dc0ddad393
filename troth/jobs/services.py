"""Asking for background work, stopping it, starting it again, and picking up what a dead worker left."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.kit.ids import new_id

from . import registry, tasks
from .errors import JobAlreadyActiveError, JobNotFoundError, JobStateError
from .forgetting import SCHEDULED
from .models import ACTIVE, Job, JobStatus, Schedule

LOST_AFTER = timedelta(minutes=1)
"""What waits for longer must stand on a queue: a worker killed between taking a task and its job leaves neither."""


def enqueue(
    name: str, *, actor: Actor, now: datetime, payload: dict[str, Any] | None = None, unique_key: str = ""
) -> Job:
    """Ask for a job; it starts after the caller's transaction has committed.

    `unique_key` allows one waiting or running job of that name and key.

    Raises:
        LookupError: no handler of that name.
        JobAlreadyActiveError: a job of that name and key waits or runs.
    """
    declared = registry.get(name)
    job = Job(
        id=new_id(),
        name=name,
        payload=payload or {},
        unique_key=unique_key,
        max_attempts=declared.max_attempts,
        created_by=actor.code,
        created_at=now,
    )
    try:
        with transaction.atomic():
            job.save(force_insert=True)
            _queue(job)
    except IntegrityError as error:
        message = _("“%(label)s” is already waiting or running; wait for it, or cancel it first.")
        raise JobAlreadyActiveError(message % {"label": registry.label_of(name)}, name=name, key=unique_key) from error
    return job


def cancel(job_id: UUID, *, actor: Actor, now: datetime) -> Job:
    """Ask a job to stop: at once if it waits, at its next report of progress if it runs.

    Raises:
        JobNotFoundError: no such job.
        JobStateError: the job is over.
    """
    with transaction.atomic():
        job = _locked(job_id)
        if job.status not in ACTIVE:
            raise JobStateError(_("The job is already over: %(status)s.") % {"status": job.get_status_display()})
        job.cancel_requested_at = now
        if job.status == JobStatus.QUEUED:
            job.status = JobStatus.CANCELLED
            job.finished_at = now
        job.save(update_fields=["cancel_requested_at", "status", "finished_at"])
    return job


def retry(job_id: UUID, *, actor: Actor, now: datetime) -> Job:
    """Start a failed or cancelled job again, from its checkpoint.

    Raises:
        JobNotFoundError: no such job.
        JobStateError: the job waits, runs or is done.
        JobAlreadyActiveError: another job of that name and key waits or runs.
    """
    with transaction.atomic():
        job = _locked(job_id)
        if job.status not in (JobStatus.FAILED, JobStatus.CANCELLED):
            raise JobStateError(
                _("Only a failed or cancelled job can be started again; this one is: %(status)s.")
                % {"status": job.get_status_display()}
            )
        job.status = JobStatus.QUEUED
        job.cancel_requested_at = None
        job.finished_at = None
        job.attempt = 0
        try:
            with transaction.atomic():
                job.save(update_fields=["status", "cancel_requested_at", "finished_at", "attempt"])
        except IntegrityError as error:
            raise JobAlreadyActiveError(_("The same work is already waiting or running.")) from error
        _queue(job)
    return job


def schedule(name: str, *, every: timedelta, first_at: datetime, payload: dict[str, Any] | None = None) -> Schedule:
    """Have a job started at `first_at` and every so often after; called again, it changes only interval and payload."""
    registry.get(name)
    found, _created = Schedule.objects.update_or_create(
        name=name,
        defaults={"every_seconds": int(every.total_seconds()), "payload": payload or {}},
        create_defaults={
            "every_seconds": int(every.total_seconds()),
            "payload": payload or {},
            "next_run_at": first_at,
        },
    )
    return found


def sweep(*, actor: Actor, now: datetime) -> int:
    """Pick up what dead workers left, end what cannot go on, start what is due; return how many jobs were queued."""
    return _requeue_expired(now) + _requeue_lost(now) + _start_due(actor, now)


def _requeue_expired(now: datetime) -> int:
    expired = Job.objects.filter(status=JobStatus.RUNNING, lease_until__lt=now)
    queued = 0
    for job in expired:
        same = Job.objects.filter(id=job.id, status=JobStatus.RUNNING, lease_token=job.lease_token, lease_until__lt=now)
        if job.cancel_requested_at is not None:
            same.update(status=JobStatus.CANCELLED, finished_at=now, lease_token=None, lease_until=None)
        elif job.attempt >= job.max_attempts:
            message = _("The worker died %(count)d times while doing this.") % {"count": job.attempt}
            same.update(
                status=JobStatus.FAILED,
                finished_at=now,
                lease_token=None,
                lease_until=None,
                error_code="worker_died",
                error_message=message,
            )
        else:
            queued += _queue_again(same, job)
    return queued


def _queue_again(same: QuerySet[Job], job: Job) -> bool:
    with transaction.atomic():
        is_ours = bool(same.update(status=JobStatus.QUEUED, lease_token=None, lease_until=None))
        if is_ours:
            _queue(job)
    return is_ours


def _requeue_lost(now: datetime) -> int:
    waiting = Job.objects.filter(status=JobStatus.QUEUED, created_at__lt=now - LOST_AFTER).order_by("created_at")
    standing = tasks.queued() if waiting else set()
    lost = [job for job in waiting if job.id not in standing]
    for job in lost:
        _queue(job)  # should it be under way after all, the second task finds nothing to do
    return len(lost)


def _start_due(actor: Actor, now: datetime) -> int:
    started = 0
    for due in Schedule.objects.filter(is_enabled=True, next_run_at__lte=now):
        every = timedelta(seconds=due.every_seconds)
        missed = (now - due.next_run_at) // every
        claimed = Schedule.objects.filter(id=due.id, next_run_at=due.next_run_at).update(
            next_run_at=due.next_run_at + every * (missed + 1)
        )
        if not claimed:
            continue
        try:
            job = enqueue(due.name, actor=actor, now=now, payload=due.payload, unique_key=SCHEDULED)
        except JobAlreadyActiveError:
            continue  # the last run is still going: one is enough
        Schedule.objects.filter(id=due.id).update(last_job_id=job.id)
        started += 1
    return started


def _locked(job_id: UUID) -> Job:
    job = Job.objects.select_for_update().filter(id=job_id).first()
    if job is None:
        raise JobNotFoundError(_("There is no job %(id)s.") % {"id": job_id})
    return job


def _queue(job: Job) -> None:
    tasks.queue(job.id, registry.lane_of(job.name))
