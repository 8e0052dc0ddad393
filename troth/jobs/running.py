"""Running one job under a lease: claim, heartbeat, progress, checkpoint, end."""

import socket
import threading
import time
import traceback
from datetime import datetime, timedelta
from os import getpid
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.db import OperationalError, close_old_connections, connection
from django.db.models import F, Q

from troth.kit import clock
from troth.kit.busy import BusyError, again_when_busy, is_busy
from troth.kit.errors import TrothError

from . import registry
from .errors import JobCancelledError, LeaseLostError, TurnOverError
from .models import Job, JobStatus

LEASE = timedelta(seconds=60)
HEARTBEAT_SECONDS = 10.0
PROGRESS_SECONDS = 0.5
TURN_SECONDS = 20.0
"""How long a job that gives way works before it looks whether others of its lane wait."""

log = structlog.get_logger("troth.jobs")


class JobContext:
    """What a handler sees of its job: payload, checkpoint, and the ways to report and to be stopped."""

    def __init__(self, job: Job, token: UUID) -> None:
        self.job_id = job.id
        self.payload: dict[str, Any] = job.payload
        self.checkpoint: dict[str, Any] = job.checkpoint
        self.created_by = job.created_by
        self.attempt = job.attempt
        self._name = job.name
        self._token = token
        self._reported_at = 0.0
        self._turn_began_at = time.monotonic()

    def progress(self, done: int, total: int | None = None, *, note: str = "", force: bool = False) -> None:
        """Report progress (at most twice a second reaches the database) and notice a wish to cancel.

        Call it between transactions, not inside one.

        Raises:
            JobCancelledError: somebody asked to cancel.
            LeaseLostError: another worker has the job.
        """
        if not force and time.monotonic() - self._reported_at < PROGRESS_SECONDS:
            return
        self._reported_at = time.monotonic()
        try:
            self._update(progress_done=done, progress_total=total, progress_note=note[:200])
        except OperationalError as error:
            if not is_busy(error):
                raise  # a busy database misses a number on a screen, no work
        if Job.objects.filter(id=self.job_id, cancel_requested_at__isnull=False).exists():
            raise JobCancelledError

    def give_way(self, checkpoint: dict[str, Any]) -> None:
        """Let others of the lane go first once this job had its turn; call it between transactions.

        checkpoint: where to go on after them.

        Raises:
            TurnOverError: others wait; the job goes on from its checkpoint after them.
        """
        if time.monotonic() - self._turn_began_at < TURN_SECONDS:
            return
        self._turn_began_at = time.monotonic()
        lane = registry.names_in(registry.lane_of(self._name))
        if Job.objects.filter(status=JobStatus.QUEUED, name__in=lane).exists():
            self.save_checkpoint(checkpoint)
            raise TurnOverError

    def save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Store where to go on after a crash; call it inside the transaction of the rows it covers.

        Raises:
            LeaseLostError: another worker has the job; the transaction must roll back.
        """
        self._update(checkpoint=checkpoint)
        self.checkpoint = checkpoint

    def _update(self, **fields: Any) -> None:
        held = Job.objects.filter(id=self.job_id, lease_token=self._token, status=JobStatus.RUNNING)
        if not held.update(**fields):
            raise LeaseLostError(f"job {self.job_id} is held by another worker")


def run(job_id: UUID) -> None:
    """Claim the job and run its handler to an end; do nothing if another worker holds it or it is over."""
    token = uuid4()
    job = _claim(job_id, token, clock.utc_now())
    if job is None:
        return
    stop = threading.Event()
    heartbeat = threading.Thread(target=_renew_lease, args=(job_id, token, stop), name=f"lease-{job_id}", daemon=True)
    heartbeat.start()
    context = JobContext(job, token)
    try:
        result = registry.get(job.name).run(context)
        _end(job_id, token, JobStatus.SUCCEEDED, result=result or {})
    except JobCancelledError:
        _end(job_id, token, JobStatus.CANCELLED)
    except TurnOverError:
        _hand_back(job_id, token)
    except LeaseLostError:
        log.warning("job.lease_lost", job=str(job_id), name=job.name)
    except (SystemExit, KeyboardInterrupt):
        _hand_back(job_id, token)
        raise
    except Exception as raised:  # whatever a handler raises must end up on the jobs screen
        error = BusyError() if is_busy(raised) else raised
        code = error.code if isinstance(error, TrothError) else type(error).__name__
        log.error("job.failed", job=str(job_id), name=job.name, error=traceback.format_exc())
        _end(job_id, token, JobStatus.FAILED, error_code=code[:60], error_message=str(error))
    finally:
        stop.set()
        heartbeat.join()


def _claim(job_id: UUID, token: UUID, now: datetime) -> Job | None:
    """Take the job if it waits, or if its holder's lease has run out. One UPDATE: exactly one worker wins."""
    free = Q(status=JobStatus.QUEUED) | Q(status=JobStatus.RUNNING, lease_until__lt=now)
    claimed = Job.objects.filter(free, id=job_id, cancel_requested_at__isnull=True).update(
        status=JobStatus.RUNNING,
        lease_token=token,
        lease_until=now + LEASE,
        worker=f"{socket.gethostname()}:{getpid()}"[:80],
        attempt=F("attempt") + 1,
        started_at=now,
        error_code="",
        error_message="",
    )
    return Job.objects.get(id=job_id) if claimed else None


def _renew_lease(job_id: UUID, token: UUID, stop: threading.Event) -> None:
    """Keep the lease while the handler works, in a thread and connection of its own."""
    try:
        while not stop.wait(HEARTBEAT_SECONDS):
            close_old_connections()
            Job.objects.filter(id=job_id, lease_token=token).update(lease_until=clock.utc_now() + LEASE)
    finally:
        connection.close()


def _hand_back(job_id: UUID, token: UUID) -> None:
    """End the lease of a job that stops before its end: the next sweep queues it; this was no failed attempt."""
    held = Job.objects.filter(id=job_id, lease_token=token, status=JobStatus.RUNNING)
    held.update(lease_until=clock.utc_now(), lease_token=None, attempt=F("attempt") - 1)


def _end(job_id: UUID, token: UUID, status: JobStatus, **fields: Any) -> None:
    held = Job.objects.filter(id=job_id, lease_token=token, status=JobStatus.RUNNING)
    again_when_busy(
        lambda: held.update(status=status, finished_at=clock.utc_now(), lease_until=None, lease_token=None, **fields)
    )
