"""How sending is governed: the rules of sending by version, and whether it is paused."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from troth.kit.ids import new_id
from troth.kit.tables import TableKind, classify


class SendingPolicy(models.Model):
    """The company's rules of sending. Never changed: a new version replaces the last one.

    terms: as `policies.Terms` writes itself; note: what changed and why.
    """

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id version terms note created_at created_by")

    version = models.PositiveIntegerField(unique=True)
    terms = models.JSONField()
    note = models.CharField(_("what changed and why"), max_length=200, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)

    def __str__(self) -> str:
        return f"sending policy {self.version}"


class PauseReason(models.TextChoices):
    """Why all sending stands still."""

    PERSON = "person", _("Somebody paused it")
    RESTORED = "restored", _("The database is older than the last message sent: it was restored from a backup")
    MOVED = "moved", _("The database came to a new place, or its data directory was copied")
    SILENCE = "silence", _("Sending had stood still for long while messages were waiting")


class SendingState(models.Model):
    """Whether all sending is paused, and the pulse that is compared with the data directory's (see `pulse`).

    pulse: counts rounds of the delivery; marker: the file's identity in the data directory.
    """

    kind: ClassVar = TableKind.OPERATIONAL
    data_map: ClassVar = classify(
        business="id installation pulse pulse_at marker is_paused reason note changed_at changed_by"
    )

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    installation = models.UUIDField(default=new_id)
    pulse = models.PositiveBigIntegerField(default=0)
    pulse_at = models.DateTimeField(null=True)
    marker = models.CharField(max_length=80, blank=True)
    is_paused = models.BooleanField(default=False)
    reason = models.CharField(max_length=10, choices=PauseReason.choices, blank=True)
    note = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="sending_state_is_one")]

    def __str__(self) -> str:
        return "paused" if self.is_paused else "running"
