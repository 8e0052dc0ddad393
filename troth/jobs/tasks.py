"""The one task on the queue: run the job of this id. State, lease and checkpoint are the job's own.

And the one job of this module's own: to forget old ones.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from troth.access.actors import system_actor
from troth.kit import clock

from . import forgetting, running
from .lanes import QUEUES, Lane
from .registry import handler

FORGET = "jobs.forget"


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


def _forgotten_text(result: Mapping[str, Any]) -> Sequence[str]:
    count = result["forgotten"]
    text = ngettext("%(count)s old job was forgotten.", "%(count)s old jobs were forgotten.", count)
    return (text % {"count": f"{count:,}"},)


@handler(FORGET, label=_("Forget old jobs"), result_text=_forgotten_text)
def forget(context: running.JobContext) -> dict[str, Any]:
    """Delete the traces of scheduled work that nobody looks at any more."""
    return {"forgotten": forgetting.forget_old_jobs(actor=system_actor("jobs"), now=clock.utc_now())}
