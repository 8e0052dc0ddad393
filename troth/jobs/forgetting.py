"""Old traces of work that came round by itself are deleted: the jobs of every minute alone leave thousands a day.

What a person asked for stays, and so does what failed until nobody looks into it any more.
"""

from datetime import datetime, timedelta

from django.db.models import Q
from django_tasks_db.models import DBTaskResult

from troth.access.actors import Actor

from .models import Job, JobStatus

SCHEDULED = "scheduled"
"""The key of jobs that a schedule started."""
KEPT_FOR = timedelta(days=7)
FAILURES_KEPT_FOR = timedelta(days=90)
OVER = (JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED)


def forget_old_jobs(*, actor: Actor, now: datetime) -> int:
    """Delete scheduled jobs that went well a week ago, or ended otherwise three months ago, and return how many.

    The queue's own rows of tasks that are over tell nothing that a job does not tell; they go after a week, too.
    """
    is_old = Q(status=JobStatus.SUCCEEDED, created_at__lt=now - KEPT_FOR)
    is_very_old = Q(status__in=OVER, created_at__lt=now - FAILURES_KEPT_FOR)
    forgotten, _by_table = Job.objects.filter(is_old | is_very_old, unique_key=SCHEDULED).delete()
    DBTaskResult.objects.finished().filter(finished_at__lt=now - KEPT_FOR).delete()
    return forgotten
