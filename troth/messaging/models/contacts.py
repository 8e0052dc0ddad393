"""Contacts: each message that somebody meant for a customer, what was decided about it, and what became of it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from troth.kit.ids import new_id
from troth.kit.json_text import JsonTextField
from troth.kit.tables import TableKind, classify


class ContactState(models.TextChoices):
    """Where a contact stands: from the decision over the hand-over to what the provider and the person said."""

    QUEUED = "queued", pgettext_lazy("message", "Waiting to go out")
    DELAYED = "delayed", pgettext_lazy("message", "Delayed")
    WITHHELD = "withheld", pgettext_lazy("message", "Not sent")
    SENDING = "sending", pgettext_lazy("message", "Being handed over")
    SENT = "sent", pgettext_lazy("message", "Sent")
    FAILED = "failed", pgettext_lazy("message", "Failed")
    UNKNOWN = "unknown", pgettext_lazy("message", "Unknown")
    DELIVERED = "delivered", pgettext_lazy("message", "Delivered")
    OPENED = "opened", pgettext_lazy("message", "Opened")
    CLICKED = "clicked", pgettext_lazy("message", "Clicked")
    BOUNCED = "bounced", pgettext_lazy("message", "Bounced")
    COMPLAINED = "complained", pgettext_lazy("message", "Reported as spam")


WAITING = (ContactState.QUEUED, ContactState.DELAYED)
REACHED = (
    ContactState.SENT,
    ContactState.DELIVERED,
    ContactState.OPENED,
    ContactState.CLICKED,
    ContactState.COMPLAINED,
)
"""States in which the person got the message, as far as anybody can tell."""


class Contact(models.Model):
    """One message meant for one customer; there is a row whether it was sent or not.

    key: the caller's name for it, unique over all contacts (`ContactKey`); asked_channels: in order of preference;
    channel: the one chosen, empty where none would do; address: where it goes, empty for channels that need none;
    facts: what the template is filled with; content_hash: of template, purpose and facts, to know the same message
    again; due_at: when it may go out at the earliest; relevant_until: when it would come too late; verdicts: what each
    gate said, as [gate, result, values]; held_by: the gate that withholds or delays it; lease_token and lease_until:
    who hands it over now; attempts: hand-overs that the provider asked to repeat; reason: code of what made it fail or
    unknown.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id key purpose template template_version asked_channels channel language content_hash"
        " source group priority relevant_until state due_at decided_at verdicts held_by policy_version attempts"
        " lease_token lease_until provider_id reason created_at created_by sent_at"
        " delivered_at opened_at clicked_at ended_at",
        personal="address facts",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    key = models.CharField(max_length=200)
    purpose = models.CharField(max_length=20)
    template = models.CharField(max_length=80)
    template_version = models.PositiveIntegerField(null=True)  # the one it was written with
    asked_channels = JsonTextField(default=list)
    channel = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=320, blank=True)
    language = models.CharField(max_length=10, blank=True)
    facts = JsonTextField(default=dict)
    content_hash = models.CharField(max_length=32)
    source = models.CharField(max_length=120)
    group = models.CharField(max_length=120, blank=True)
    priority = models.PositiveSmallIntegerField(default=50)
    relevant_until = models.DateTimeField()
    state = models.CharField(max_length=10, choices=ContactState.choices)
    due_at = models.DateTimeField()
    decided_at = models.DateTimeField()
    verdicts = JsonTextField(default=list)
    held_by = models.CharField(max_length=40, blank=True)
    policy_version = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    clicked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # when it failed, bounced, was withheld or became unknown

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "key"], name="contact_key_once")]
        indexes = [
            models.Index(fields=["owner_id", "-created_at"], name="contact_owner"),
            models.Index(fields=["state", "-created_at", "-id"], name="contact_state"),
            models.Index(fields=["-created_at", "-id"], name="contact_newest"),
            models.Index(fields=["channel", "-priority", "id"], condition=Q(state="queued"), name="contact_queue"),
            models.Index(fields=["due_at"], condition=Q(state="delayed"), name="contact_delayed"),
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="contact_lease"),
            models.Index(fields=["provider_id"], condition=~Q(provider_id=""), name="contact_provider"),
            models.Index(fields=["source", "-created_at"], name="contact_source"),
            models.Index(fields=["held_by", "-created_at"], condition=~Q(held_by=""), name="contact_held"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class ContactKey(models.Model):
    """Finds the contact by the key its caller gave it: nothing is decided twice under one key."""

    kind: ClassVar = TableKind.DIRECTORY
    data_map: ClassVar = classify(business="id key contact_id owner_id payload_hash")

    key = models.CharField(max_length=200, unique=True)
    contact_id = models.UUIDField()
    owner_id = models.UUIDField(db_index=True)
    payload_hash = models.CharField(max_length=32)

    def __str__(self) -> str:
        return self.key


class SuppressionReason(models.TextChoices):
    """Why nothing more goes to an address."""

    HARD_BOUNCE = "hard_bounce", _("It does not exist")
    COMPLAINT = "complaint", _("Its holder reported a message as spam")
    MANUAL = "manual", _("Blocked by staff")


class Suppression(models.Model):
    """An address that nothing more is sent to, as a keyed hash: it outlives the erasure of whoever held it.

    One that was lifted blocks nothing and stays as a record: when, by whom, for which customer, why.
    """

    kind: ClassVar = TableKind.DIRECTORY
    data_map: ClassVar = classify(
        business="id address_kind reason contact_id created_at created_by lifted_at lifted_by lifted_for",
        sensitive="address_hash lift_note",
    )

    address_kind = models.CharField(max_length=20)  # an IdentityKind: email, phone, wechat_openid
    address_hash = models.CharField(max_length=64)
    reason = models.CharField(max_length=20, choices=SuppressionReason.choices)
    contact_id = models.UUIDField(null=True)  # the message that showed it
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=80, blank=True, default="", db_default="")
    lifted_for = models.UUIDField(null=True)  # the customer whose address it is
    lift_note = models.CharField(max_length=200, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["address_kind", "address_hash"], condition=models.Q(lifted_at=None), name="suppression_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.address_kind} {self.reason}"
