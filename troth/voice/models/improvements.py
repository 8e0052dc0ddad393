"""What is done so that it does not happen again."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.kit.ids import new_id
from troth.kit.tables import TableKind, classify

from .complaints import RootCause


class ImprovementState(models.TextChoices):
    """Where an improvement stands."""

    PLANNED = "planned", pgettext_lazy("improvement", "Planned")
    DONE = "done", pgettext_lazy("improvement", "Done")
    DROPPED = "dropped", pgettext_lazy("improvement", "Dropped")


class Improvement(models.Model):
    """An action against a root cause, or from a finding of a visit. staff_id: who answers for it.

    told, told_zh: what those who complained are told; told_at: when they were. source: "visit:<id>" or empty.
    """

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id cause title text told told_zh staff_id state due_date done_date told_at told_count source "
        "created_at created_by updated_at is_made_up"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    cause = models.ForeignKey(RootCause, on_delete=models.PROTECT, null=True, blank=True, related_name="improvements")
    title = models.CharField(_("title"), max_length=160)
    text = models.TextField(_("what is done"), blank=True)
    told = models.TextField(_("what we did, for those who complained"), blank=True)
    told_zh = models.TextField(_("the same in Chinese"), blank=True)
    staff_id = models.UUIDField(null=True)
    state = models.CharField(max_length=7, choices=ImprovementState.choices, default=ImprovementState.PLANNED)
    due_date = models.DateField()
    done_date = models.DateField(null=True, blank=True)
    told_at = models.DateTimeField(null=True)
    told_count = models.PositiveIntegerField(default=0)
    source = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    updated_at = models.DateTimeField()
    is_made_up = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.title


class RecoveryReport(models.Model):
    """What handling complaints earned, as it was found on a day. result: see `complaints.recovering`."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id as_of_date result created_at")

    as_of_date = models.DateField()
    result = models.JSONField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.as_of_date)
