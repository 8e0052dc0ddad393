"""The one task on the queue: run the job of this id. State, lease and checkpoint are the job's own."""

from uuid import UUID

from django_tasks import task
from django_tasks_db.models import DBTaskResult

from . import running
from .lanes import QUEUES, Lane


@task
def run_job(job_id: str) -> None:
    """Run the job."""
    running.run(UUID(job_id))


def queue(job_id: UUID, lane: Lane) -> None:
    """Put the job on its lane's queue, in the transaction that makes it wait: neither is there without the other."""
    run_job.using(queue_name=QUEUES[lane]).enqueue(str(job_id))


def queued() -> set[UUID]:
    """Return the jobs that stand on a queue."""
    tasks = DBTaskResult.objects.ready().filter(task_path=run_job.module_path)
    return {UUID(given["args"][0]) for given in tasks.values_list("args_kwargs", flat=True)}
