"""Service and repair requests 报修: one case each, with steps of its kind."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.kit.ids import new_id
from troth.kit.tables import TableKind, classify


class RequestState(models.TextChoices):
    """Whether a request is still worked on."""

    OPEN = "open", pgettext_lazy("service request", "Open")
    CLOSED = "closed", pgettext_lazy("service request", "Closed")
    CANCELLED = "cancelled", pgettext_lazy("service request", "Cancelled")


class RequestKind(models.Model):
    """A kind of service as the company changed or added it; those of ours that nobody changed have no row.

    steps: `steps.Step` by position; team: code of the worklist's team; calendar: code of the working calendar that
    its times are counted in, "" for around the clock.
    """

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id code name name_zh steps team calendar is_active updated_at updated_by")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_zh = models.CharField(_("name in Chinese"), max_length=80, blank=True)
    steps = models.JSONField(default=list)
    team = models.CharField(max_length=40, blank=True)
    calendar = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.code


class ServiceRequest(models.Model):
    """A customer asks for help or a repair.

    number: what people call it by; steps: those of its kind as they were when it came in; step: where it stands, since
    `step_at`, due until `due_at`; parts: [{"name", "quantity"}]; satisfied: the customer's word at the end, None
    before; appointment_count: how often one was made; reopened_count: how often the customer said no.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id key number request_kind steps step state channel order_number product appointment_at"
        " appointment_until technician_id appointment_count parts satisfied reopened_count step_at due_at opened_at"
        " closed_at created_by updated_at revision",
        personal="title description address confirmation",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    key = models.CharField(max_length=160)
    number = models.CharField(max_length=20, db_index=True)
    request_kind = models.CharField(max_length=40)
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    channel = models.CharField(max_length=20, blank=True)
    order_number = models.CharField(max_length=120, blank=True)
    product = models.CharField(max_length=120, blank=True)
    steps = models.JSONField(default=list)
    step = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=RequestState.choices, default=RequestState.OPEN)
    appointment_at = models.DateTimeField(null=True)
    appointment_until = models.DateTimeField(null=True)
    technician_id = models.UUIDField(null=True)
    appointment_count = models.PositiveSmallIntegerField(default=0)
    parts = models.JSONField(default=list)
    satisfied = models.BooleanField(null=True)
    confirmation = models.CharField(max_length=2000, blank=True)
    reopened_count = models.PositiveSmallIntegerField(default=0)
    step_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    created_by = models.CharField(max_length=80)
    updated_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner_id", "key"], name="service_request_once"),
        ]
        indexes = [
            models.Index(fields=["owner_id", "-opened_at"], name="service_request_owner"),
            models.Index(fields=["state", "due_at"], name="service_request_due"),
            models.Index(fields=["state", "-opened_at"], name="service_request_newest"),
            models.Index(fields=["technician_id", "appointment_at"], name="service_request_booked"),
        ]

    def __str__(self) -> str:
        return self.number


class RequestEntry(models.Model):
    """Something that happened with a request, never changed. code: what; data: codes and moments."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(business="id owner_id request_id code step data actor occurred_at", personal="note")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    request_id = models.UUIDField()
    code = models.CharField(max_length=20)
    step = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=2000, blank=True)
    data = models.JSONField(default=dict)
    actor = models.CharField(max_length=80)
    occurred_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["request_id", "occurred_at"], name="request_entry_request"),
            models.Index(fields=["owner_id"], name="request_entry_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.request_id}"


class Technician(models.Model):
    """Somebody who goes to customers: one row to lock, so that nobody is booked twice for one hour."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="member_id booked_at")

    member_id = models.UUIDField(primary_key=True)
    booked_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.member_id)
