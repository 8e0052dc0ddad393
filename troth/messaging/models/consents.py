"""Consents that wait for their confirmation: the first half of a double opt-in."""

from typing import ClassVar

from django.db import models

from troth.customers.models import ConsentChannel, ConsentPurpose
from troth.kit.ids import new_id
from troth.kit.tables import TableKind, classify


class ConsentRequest(models.Model):
    """A yes that counts once the link in a message was followed and its button pressed; else it lapses.

    source, wording_version: where it was given, and to which words; address_hash: where the message went, as
    suppressed addresses are known, so that nobody's mailbox is filled by asking again and again.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id purpose channel source wording_version contact_id asked_at asked_date asked_by "
        "expires_at confirmed_at",
        sensitive="address_hash",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    purpose = models.CharField(max_length=20, choices=ConsentPurpose.choices)
    channel = models.CharField(max_length=10, choices=ConsentChannel.choices)
    source = models.CharField(max_length=64)
    wording_version = models.CharField(max_length=40, blank=True)
    contact_id = models.UUIDField(null=True)
    address_hash = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField()
    asked_date = models.DateField()
    asked_by = models.CharField(max_length=80)
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner_id", "purpose", "channel", "asked_date"], name="consent_request_daily"
            )
        ]
        indexes = [models.Index(fields=["address_hash", "purpose", "asked_at"], name="consent_request_address")]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.purpose} {self.channel}"
