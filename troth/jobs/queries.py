"""Reading background work."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from .errors import JobNotFoundError
from .models import ACTIVE, Job, JobStatus, Schedule

ROUTINE_SECONDS = 3600


def job(job_id: UUID) -> Job:
    """Return one job.

    Raises:
        JobNotFoundError: no such job.
    """
    found = Job.objects.filter(id=job_id).first()
    if found is None:
        raise JobNotFoundError(_("There is no job %(id)s.") % {"id": job_id})
    return found


def latest(*, name: str | None = None) -> QuerySet[Job]:
    """Return jobs, newest first, of one name or of all."""
    found = Job.objects.order_by("-created_at")
    return found if name is None else found.filter(name=name)


def without_routine(found: QuerySet[Job]) -> QuerySet[Job]:
    """Return jobs without those that come round within an hour and went well: by the day there are thousands."""
    often = Schedule.objects.filter(every_seconds__lte=ROUTINE_SECONDS).values("name")
    return found.exclude(status=JobStatus.SUCCEEDED, name__in=often)


def active() -> QuerySet[Job]:
    """Return jobs that wait or run, newest first."""
    return latest().filter(status__in=ACTIVE)
