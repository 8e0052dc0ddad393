"""Background work: what was asked, how far it is, who holds it, how it ended."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from troth.kit.ids import new_id
from troth.kit.tables import TableKind, classify


class JobStatus(models.TextChoices):
    """Where a job stands."""

    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    SUCCEEDED = "succeeded", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


ACTIVE = (JobStatus.QUEUED, JobStatus.RUNNING)


class Job(models.Model):
    """One piece of background work.

    A running job is held under a lease that its worker renews; when the worker dies, the lease runs out and another
    worker goes on from the checkpoint. `lease_token` fences the dead one off, should it wake up.
    """

    kind: ClassVar = TableKind.OPERATIONAL
    data_map: ClassVar = classify(
        business="id name payload status unique_key progress_done progress_total progress_note checkpoint result"
        " error_code error_message attempt max_attempts cancel_requested_at lease_token lease_until worker created_by"
        " created_at started_at finished_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=JobStatus.choices, default=JobStatus.QUEUED)
    unique_key = models.CharField(max_length=120, blank=True)
    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(null=True)
    progress_note = models.CharField(max_length=200, blank=True)
    checkpoint = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=5)
    cancel_requested_at = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=80, blank=True)
    created_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name", "unique_key"],
                condition=Q(status__in=["queued", "running"]) & ~Q(unique_key=""),
                name="job_active_once",
            )
        ]
        indexes = [
            models.Index(fields=["status", "lease_until"], name="job_lease"),
            models.Index(fields=["-created_at"], name="job_created"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.id}"

    @property
    def is_active(self) -> bool:
        """Tell whether the job waits or runs."""
        return self.status in ACTIVE

    @property
    def fraction_done(self) -> float | None:
        """Return progress from 0 to 1, None while the total is unknown."""
        if not self.progress_total:
            return None
        return min(1.0, self.progress_done / self.progress_total)


class Schedule(models.Model):
    """A job that starts by itself again and again."""

    kind: ClassVar = TableKind.OPERATIONAL
    data_map: ClassVar = classify(business="id name payload every_seconds next_run_at is_enabled last_job_id")

    name = models.CharField(max_length=60, unique=True)
    payload = models.JSONField(default=dict)
    every_seconds = models.PositiveIntegerField()
    next_run_at = models.DateTimeField(db_index=True)
    is_enabled = models.BooleanField(default=True)
    last_job_id = models.UUIDField(null=True)

    def __str__(self) -> str:
        return self.name
