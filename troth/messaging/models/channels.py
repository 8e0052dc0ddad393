"""How channels are set up, and what came back through them."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from troth.kit.ids import new_id
from troth.kit.tables import TableKind, classify


class ChannelSetup(models.Model):
    """The settings of one channel. Its secrets are encrypted and shown to nobody again."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(
        business="id code is_enabled settings secrets checked_at is_healthy health_text updated_at updated_by"
    )

    code = models.CharField(_("channel"), max_length=30, unique=True)
    is_enabled = models.BooleanField(_("in use"), default=False)
    settings = models.JSONField(default=dict)
    secrets = models.TextField(blank=True)  # Fernet over JSON, see channels/secrets.py
    checked_at = models.DateTimeField(null=True, blank=True)
    is_healthy = models.BooleanField(null=True)
    health_text = models.CharField(max_length=300, blank=True)
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.code


class InboxMessage(models.Model):
    """A message in the customer's inbox in our own app or portal."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id contact_id language created_at read_at", personal="subject text html"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    contact_id = models.UUIDField()
    language = models.CharField(max_length=10)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    html = models.TextField(blank=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "contact_id"], name="inbox_once")]
        indexes = [models.Index(fields=["owner_id", "-created_at"], name="inbox_newest")]

    def __str__(self) -> str:
        return str(self.id)


class ReceiptKind(models.TextChoices):
    """What a provider, a mail server or a click tells of a message."""

    DELIVERED = "delivered", _("Delivered")
    BOUNCED_HARD = "bounced_hard", _("Bounced for good")
    BOUNCED_SOFT = "bounced_soft", _("Bounced for now")
    REFUSED = "refused", _("Refused by the provider")
    COMPLAINED = "complained", _("Reported as spam")
    OPENED = "opened", _("Opened")
    CLICKED = "clicked", _("Link followed")
    REPLIED = "replied", _("Replied")
    AUTO_REPLIED = "auto_replied", _("Answered automatically")
    UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")


class Receipt(models.Model):
    """One thing that came back of one contact; the same one twice is kept once."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id contact_id channel receipt_kind key detail occurred_at received_at"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    contact_id = models.UUIDField(db_index=True)
    channel = models.CharField(max_length=30)
    receipt_kind = models.CharField(max_length=20, choices=ReceiptKind.choices)
    key = models.CharField(max_length=80)  # the provider's id of the receipt, or made of what it says
    detail = models.CharField(max_length=80, blank=True)  # a code: SMTP status, provider's error, number of the link
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "contact_id", "key"], name="receipt_once")]
        indexes = [models.Index(fields=["received_at"], name="receipt_received")]

    def __str__(self) -> str:
        return f"{self.receipt_kind} {self.contact_id}"


class Reply(models.Model):
    """What a customer wrote back to a message."""

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id contact_id channel is_automatic is_withdrawal key received_at", personal="text"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    contact_id = models.UUIDField(null=True, blank=True)
    channel = models.CharField(max_length=30)
    text = models.TextField(blank=True)
    is_automatic = models.BooleanField(default=False)  # out of office and the like
    is_withdrawal = models.BooleanField(default=False)  # said stop
    key = models.CharField(max_length=80)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "key"], name="reply_once")]
        indexes = [models.Index(fields=["owner_id", "-received_at"], name="reply_newest")]

    def __str__(self) -> str:
        return str(self.id)
