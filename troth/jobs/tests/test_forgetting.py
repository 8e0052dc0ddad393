"""Old scheduled work is forgotten; what somebody asked for, what failed and what is not over stays."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from troth.access.actors import system_actor
from troth.jobs import forgetting, services, tasks, worker
from troth.jobs.models import Job, JobStatus, Schedule

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
ACTOR = system_actor("test")
WEEK, QUARTER = timedelta(days=7), timedelta(days=90)
MOMENT = timedelta(microseconds=1)

pytestmark = pytest.mark.django_db


def job(status, age, key="scheduled"):
    return Job.objects.create(
        name="test.job", status=status, unique_key=key, created_by="system:test", created_at=NOW - age
    )


def test_only_old_scheduled_work_is_forgotten():
    kept = [
        job(JobStatus.SUCCEEDED, WEEK),
        job(JobStatus.SUCCEEDED, 2 * QUARTER, key=""),
        job(JobStatus.SUCCEEDED, 2 * QUARTER, key="demo"),
        job(JobStatus.FAILED, QUARTER),
        job(JobStatus.CANCELLED, QUARTER),
        job(JobStatus.RUNNING, 2 * QUARTER),
    ]
    job(JobStatus.SUCCEEDED, WEEK + MOMENT)
    job(JobStatus.FAILED, QUARTER + MOMENT)
    job(JobStatus.CANCELLED, QUARTER + MOMENT)
    assert forgetting.forget_old_jobs(actor=ACTOR, now=NOW) == 3
    assert set(Job.objects.all()) == set(kept)
    assert forgetting.forget_old_jobs(actor=ACTOR, now=NOW) == 0


def test_the_queue_forgets_tasks_that_are_over():
    services.enqueue(tasks.FORGET, actor=ACTOR, now=NOW)
    waiting, over = DBTaskResult.objects.get(), DBTaskResult.objects.get()
    over.pk, over.status, over.finished_at = None, "SUCCESSFUL", NOW - WEEK - MOMENT
    over.save(force_insert=True)
    assert DBTaskResult.objects.count() == 2
    forgetting.forget_old_jobs(actor=ACTOR, now=NOW)
    assert DBTaskResult.objects.get() == waiting


def test_a_worker_has_old_jobs_forgotten_daily(monkeypatch):
    monkeypatch.setattr(worker, "LaneWorker", _Idle)
    for _start in range(2):
        worker.work(until_empty=True)
    found = Schedule.objects.get(name=tasks.FORGET)
    assert found.every_seconds == 86_400
    assert timedelta(hours=23) < found.next_run_at - timezone.now() <= timedelta(days=1)


class _Idle:
    def __init__(self, queues, *, until_empty):
        pass

    def configure_signals(self):
        pass

    def run(self):
        pass
