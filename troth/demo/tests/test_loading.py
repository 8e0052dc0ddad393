"""Stages are begun once, go on where they were, and end in the log."""

from datetime import UTC, datetime

import pytest

from troth.access.actors import system_actor
from troth.demo import loading
from troth.demo.errors import StageFailedError
from troth.demo.loading import Loading, Stage
from troth.events.models import Event
from troth.jobs import registry, running, services
from troth.jobs.models import Job

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
ACTOR = system_actor("demo")


@pytest.fixture
def work(tmp_path):
    return Loading(tmp_path, "en", ACTOR)


@pytest.fixture
def stage(monkeypatch):
    """A stage whose job fails at its first try; it is the only one."""
    tries = []

    def run(context):
        tries.append(context.payload["n"])
        if len(tries) == 1:
            raise RuntimeError("disk full")

    job_type = registry.JobType(name="test.stage", label="Test", run=run, max_attempts=3)
    monkeypatch.setitem(registry._types, "test.stage", job_type)

    def request(work, now):
        return services.enqueue("test.stage", actor=work.actor, now=now, payload={"n": 7}).id

    made = Stage("test", "Test stage", lambda _work: None, request)
    monkeypatch.setattr(loading, "STAGES", (made,))
    monkeypatch.setattr(loading, "POLL_SECONDS", 0)
    return made


def finish(stage, work):
    """Load the stage, doing what the worker would."""
    for job in loading.load(stage, work):
        if job.is_active:
            running.run(job.id)


def test_a_stage_that_failed_is_tried_again_with_the_same_job(stage, work):
    assert loading.stages_left() == [stage]
    with pytest.raises(StageFailedError, match="disk full"):
        finish(stage, work)
    assert loading.stages_left() == [stage]
    assert not Event.objects.filter(name=loading.FINISHED).exists()

    finish(stage, work)
    assert loading.stages_left() == []
    assert Job.objects.count() == 1
    assert [event.data for event in Event.objects.filter(name=loading.STARTED)] == [
        {"stage": "test", "job": str(Job.objects.get().id)}
    ]
    assert [event.data for event in Event.objects.filter(name=loading.FINISHED)] == [{"stage": "test"}]
