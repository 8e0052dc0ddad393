"""The one task on the queue: run the job of this id. State, lease and checkpoint are the job's own."""

from uuid import UUID

from django_tasks import task

from . import running


@task
def run_job(job_id: str) -> None:
    """Run the job."""
    running.run(UUID(job_id))
