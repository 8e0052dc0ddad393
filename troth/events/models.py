"""The event log: everything that happened, once, for ever."""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from troth.kit.ids import new_id
from troth.kit.tables import TableKind, classify

COMPANY_OWNER = UUID(int=0)
"""Owner of events that concern no single customer: the company itself."""


class Event(models.Model):
    """Something that happened: name, whose it is, when it was true, when we knew, who did it, what changed.

    Carries ids and codes only, never names, phones or free text, because it is never rewritten.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(business="id owner_id name occurred_at recorded_at actor data")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField(default=COMPANY_OWNER)
    name = models.CharField(max_length=80)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["owner_id", "-occurred_at"], name="event_owner_occurred"),
            models.Index(fields=["name", "recorded_at"], name="event_name_recorded"),
            models.Index(fields=["recorded_at", "id"], name="event_recorded"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.owner_id} {self.occurred_at:%Y-%m-%d %H:%M}"

    @property
    def customer_id(self) -> UUID | None:
        """Return the customer, or None for the company's own events."""
        return None if self.owner_id == COMPANY_OWNER else self.owner_id


MAX_FIELDS = 20


class FieldType(models.TextChoices):
    """What a field of a company's own event holds. No free text: the log is never rewritten."""

    CODE = "code", _("a code of at most 64 letters, digits and _ . : / + -")
    WHOLE = "whole", _("a whole number")
    NUMBER = "number", _("a number as text with at most four decimal places")
    BOOLEAN = "boolean", _("true or false")
    DATE = "date", _("a day, for example 2026-11-21")


class CustomEventType(models.Model):
    """A kind of event of the company's own. fields: type by code; a field once there keeps its type."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id name label label_zh fields created_at updated_at")

    name = models.CharField(max_length=80, unique=True)
    label = models.CharField(max_length=80)
    label_zh = models.CharField(max_length=80, blank=True)
    fields = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
