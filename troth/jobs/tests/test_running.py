"""A job is done once: claims race, leases run out, the fenced-off worker writes nothing."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError, transaction
from django_tasks_db.models import DBTaskResult

from troth.access.actors import system_actor
from troth.jobs import queries, registry, running, services, tasks
from troth.jobs.errors import JobAlreadyActiveError, JobNotFoundError, JobStateError
from troth.jobs.lanes import QUEUES, Lane
from troth.jobs.models import Job, JobStatus, Schedule
from troth.kit import clock

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
ACTOR = system_actor("test")

pytestmark = pytest.mark.django_db


@pytest.fixture
def handle(monkeypatch):
    """Return a function that declares a handler for the length of the test."""

    def declare(name, function, max_attempts=3, lane=Lane.LONG):
        job_type = registry.JobType(name=name, label=name, run=function, max_attempts=max_attempts, lane=lane)
        monkeypatch.setitem(registry._types, name, job_type)

    return declare


def asked(name="test.job", **fields):
    return services.enqueue(name, actor=ACTOR, now=NOW, **fields)


def test_a_job_runs_and_keeps_its_result(handle):
    handle("test.job", lambda context: {"doubled": context.payload["n"] * 2})
    job = asked(payload={"n": 21})
    running.run(job.id)
    done = queries.job(job.id)
    assert (done.status, done.result, done.attempt) == (JobStatus.SUCCEEDED, {"doubled": 42}, 1)
    assert done.lease_token is None


def test_a_job_that_is_over_is_not_run_again(handle):
    calls = []
    handle("test.job", lambda context: calls.append(1))
    job = asked()
    running.run(job.id)
    running.run(job.id)
    assert calls == [1]


def test_a_failure_keeps_its_code_and_sentence_and_can_be_retried_from_the_checkpoint(handle):
    seen = []

    def run(context):
        seen.append(dict(context.checkpoint))
        if len(seen) == 1:
            context.save_checkpoint({"row": 7})
            raise RuntimeError("disk full")

    handle("test.job", run)
    job = asked()
    running.run(job.id)
    failed = queries.job(job.id)
    assert (failed.status, failed.error_code, failed.error_message) == (JobStatus.FAILED, "RuntimeError", "disk full")
    services.retry(job.id, actor=ACTOR, now=NOW)
    running.run(job.id)
    assert queries.job(job.id).status == JobStatus.SUCCEEDED
    assert seen == [{}, {"row": 7}]


def test_a_worker_that_is_told_to_stop_gives_its_job_back_at_once(handle):
    seen = []

    def run(context):
        seen.append((context.attempt, dict(context.checkpoint)))
        if len(seen) == 1:
            context.save_checkpoint({"row": 7})
            raise SystemExit(1)

    handle("test.job", run)
    job = asked()
    with pytest.raises(SystemExit):
        running.run(job.id)
    handed_back = queries.job(job.id)
    assert (handed_back.status, handed_back.attempt, handed_back.lease_token) == (JobStatus.RUNNING, 0, None)
    assert services.sweep(actor=ACTOR, now=clock.utc_now()) == 1
    running.run(job.id)
    assert queries.job(job.id).status == JobStatus.SUCCEEDED
    assert seen == [(1, {}), (1, {"row": 7})]


def test_cancelling_a_waiting_job_ends_it_at_once(handle):
    handle("test.job", lambda context: pytest.fail("must not run"))
    job = asked()
    services.cancel(job.id, actor=ACTOR, now=NOW)
    running.run(job.id)
    assert queries.job(job.id).status == JobStatus.CANCELLED


def test_cancelling_a_running_job_stops_it_at_its_next_report(handle):
    steps = []

    def run(context):
        for step in range(10):
            steps.append(step)
            if step == 2:
                services.cancel(context.job_id, actor=ACTOR, now=NOW)
            context.progress(step, 10, force=True)

    handle("test.job", run)
    job = asked()
    running.run(job.id)
    ended = queries.job(job.id)
    assert steps == [0, 1, 2]
    assert (ended.status, ended.progress_done, ended.progress_total) == (JobStatus.CANCELLED, 2, 10)


def test_a_worker_whose_lease_went_to_another_writes_nothing_more(handle):
    def run(context):
        Job.objects.filter(id=context.job_id).update(lease_token=uuid4())  # another worker took over
        with transaction.atomic():
            Schedule.objects.create(name="written", every_seconds=60, next_run_at=NOW)
            context.save_checkpoint({"row": 1})
        pytest.fail("the checkpoint must be refused")

    handle("test.job", run)
    job = asked()
    running.run(job.id)
    assert not Schedule.objects.filter(name="written").exists()
    still = queries.job(job.id)
    assert (still.status, still.checkpoint) == (JobStatus.RUNNING, {})


def left_by_a_dead_worker(job, **fields):
    values = {"status": JobStatus.RUNNING, "lease_token": uuid4(), "lease_until": NOW, "attempt": 1} | fields
    Job.objects.filter(id=job.id).update(**values)


def test_a_sweep_queues_again_what_a_dead_worker_left(handle):
    handle("test.job", lambda context: None)
    job = asked()
    left_by_a_dead_worker(job)
    assert services.sweep(actor=ACTOR, now=NOW) == 0  # the lease still holds at its very end
    assert services.sweep(actor=ACTOR, now=NOW + timedelta(seconds=1)) == 1
    assert queries.job(job.id).status == JobStatus.QUEUED


def test_a_sweep_gives_up_after_the_last_attempt_and_says_so(handle):
    handle("test.job", lambda context: None, max_attempts=3)
    job = asked()
    left_by_a_dead_worker(job, attempt=3)
    services.sweep(actor=ACTOR, now=NOW + timedelta(minutes=2))
    ended = queries.job(job.id)
    assert (ended.status, ended.error_code) == (JobStatus.FAILED, "worker_died")
    assert "3" in ended.error_message


def test_a_sweep_ends_a_dead_workers_job_that_was_to_be_cancelled(handle):
    handle("test.job", lambda context: None)
    job = asked()
    left_by_a_dead_worker(job, cancel_requested_at=NOW)
    services.sweep(actor=ACTOR, now=NOW + timedelta(minutes=2))
    assert queries.job(job.id).status == JobStatus.CANCELLED


def test_the_same_work_waits_or_runs_once(handle):
    handle("test.job", lambda context: None)
    first = asked(unique_key="a")
    asked(unique_key="b")
    with pytest.raises(JobAlreadyActiveError):
        asked(unique_key="a")
    assert Job.objects.count() == 2
    running.run(first.id)
    asked(unique_key="a")


def test_only_ended_jobs_are_retried_and_only_active_ones_cancelled(handle):
    handle("test.job", lambda context: None)
    job = asked()
    with pytest.raises(JobStateError):
        services.retry(job.id, actor=ACTOR, now=NOW)
    running.run(job.id)
    with pytest.raises(JobStateError):
        services.cancel(job.id, actor=ACTOR, now=NOW)
    with pytest.raises(JobNotFoundError):
        services.cancel(uuid4(), actor=ACTOR, now=NOW)
    assert queries.job(job.id).status == JobStatus.SUCCEEDED


def test_a_schedule_starts_once_for_all_the_rounds_it_missed(handle):
    handle("test.nightly", lambda context: None)
    services.schedule("test.nightly", every=timedelta(days=1), first_at=NOW)
    late = NOW + timedelta(days=3, hours=2)
    assert services.sweep(actor=ACTOR, now=late) == 1
    assert services.sweep(actor=ACTOR, now=late) == 0
    assert Schedule.objects.get(name="test.nightly").next_run_at == NOW + timedelta(days=4)


def test_an_unknown_job_is_refused():
    with pytest.raises(LookupError, match="no handler"):
        asked("test.unknown")
    assert not Job.objects.exists()


def test_the_lease_outlives_the_claim(handle):
    held = []
    handle("test.job", lambda context: held.append(queries.job(context.job_id).lease_until))
    job = asked()
    before = clock.utc_now()
    running.run(job.id)
    assert held[0] - before >= running.LEASE


def test_a_busy_database_fails_a_job_in_words(handle):
    def work(_context):
        raise OperationalError("database is locked")

    handle("test.job", work)
    job = asked()
    running.run(job.id)
    done = queries.job(job.id)
    assert (done.status, done.error_code) == (JobStatus.FAILED, "busy")
    assert done.error_message == "The database is busy. Try again in a few seconds."


def test_progress_that_cannot_be_told_stops_no_work(handle, monkeypatch):
    def work(context):
        with monkeypatch.context() as patch:
            patch.setattr(context, "_update", _refuse("database is locked"))
            context.progress(1, 2)
        with monkeypatch.context() as patch:
            patch.setattr(context, "_update", _refuse("disk full"))
            with pytest.raises(OperationalError, match="disk full"):
                context.progress(2, 2, force=True)
        return {"done": 2}

    handle("test.job", work)
    job = asked()
    running.run(job.id)
    assert queries.job(job.id).result == {"done": 2}


def _refuse(text):
    def update(**_fields):
        raise OperationalError(text)

    return update


def test_a_job_stands_on_the_queue_of_its_lane(handle):
    handle("test.job", lambda context: None)
    handle("test.short", lambda context: None, lane=Lane.PROMPT)
    asked()
    asked("test.short")
    waiting = DBTaskResult.objects.order_by("enqueued_at").values_list("queue_name", flat=True)
    assert list(waiting) == [QUEUES[Lane.LONG], QUEUES[Lane.PROMPT]] == ["default", "prompt"]


def test_what_comes_round_every_few_minutes_is_prompt():
    assert registry.names_in(Lane.PROMPT) == [
        "care.advance_journeys",
        "care.follow_services",
        "care.sweep_journeys",
        "ledger.activate",
        "ledger.release_holds",
        "messaging.deliver",
        "messaging.tend",
        "rewards.expire",
        "sales.reward_events",
        "voice.read_mailbox",
        "voice.watch_cases",
    ]
    assert {"demo.relate", "imports.run", "insights.analyse", "sales.rehearse"} <= set(registry.names_in(Lane.LONG))


def slices(seen):
    def run(context):
        for part in range(context.checkpoint.get("part", 0), 3):
            seen.append(part)
            context.give_way({"part": part + 1})
        return {"parts": len(seen)}

    return run


def test_a_job_gives_way_after_its_turn_and_goes_on_behind_the_others(handle, monkeypatch):
    monkeypatch.setattr(running, "TURN_SECONDS", 0.0)
    seen = []
    handle("test.slices", slices(seen), lane=Lane.PROMPT)
    handle("test.short", lambda context: None, lane=Lane.PROMPT)
    job, other = asked("test.slices"), asked("test.short")
    running.run(job.id)
    given = queries.job(job.id)
    assert (seen, given.attempt, given.checkpoint, given.lease_token) == ([0], 0, {"part": 1}, None)
    assert services.sweep(actor=ACTOR, now=clock.utc_now() + timedelta(seconds=1)) == 1
    running.run(other.id)
    running.run(job.id)
    assert (queries.job(job.id).status, seen) == (JobStatus.SUCCEEDED, [0, 1, 2])


@pytest.mark.parametrize(("turn", "lane"), [(3_600.0, Lane.PROMPT), (0.0, Lane.LONG)])
def test_a_job_does_not_give_way_within_its_turn_nor_to_another_lane(handle, monkeypatch, turn, lane):
    monkeypatch.setattr(running, "TURN_SECONDS", turn)
    seen = []
    handle("test.slices", slices(seen), lane=Lane.PROMPT)
    handle("test.other", lambda context: None, lane=lane)
    job = asked("test.slices")
    asked("test.other")
    running.run(job.id)
    assert (queries.job(job.id).status, seen) == (JobStatus.SUCCEEDED, [0, 1, 2])


def test_a_sweep_queues_again_what_waits_and_stands_on_no_queue(handle):
    """A worker killed between taking the task and taking the job leaves a job that nobody would ever look at."""
    handle("test.job", lambda context: None)
    lost, kept = asked(), asked()
    DBTaskResult.objects.filter(args_kwargs={"args": [str(lost.id)], "kwargs": {}}).update(status="RUNNING")
    assert services.sweep(actor=ACTOR, now=NOW + services.LOST_AFTER) == 0
    assert services.sweep(actor=ACTOR, now=NOW + timedelta(minutes=2)) == 1
    assert services.sweep(actor=ACTOR, now=NOW + timedelta(minutes=2)) == 0
    assert tasks.queued() == {lost.id, kept.id}
