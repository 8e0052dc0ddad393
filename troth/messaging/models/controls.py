"""Whom chance kept out of something that was given, and whom it did not."""

from typing import ClassVar

from django.db import models

from troth.kit.ids import new_id
from troth.kit.tables import TableKind, classify


class ControlDraw(models.Model):
    """On which side of a draw a customer stands, for good: a share that is changed later moves nobody.

    subject: what is given, such as "coupon:spring"; percent: that were kept out of it when this one was drawn;
    is_of_all: kept out because the company keeps this one out of all offers.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(business="id owner_id subject is_kept_out is_of_all percent drawn_at")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    subject = models.CharField(max_length=120)
    is_kept_out = models.BooleanField()
    is_of_all = models.BooleanField(default=False)
    percent = models.PositiveSmallIntegerField()
    drawn_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "subject"], name="control_draw_once")]
        indexes = [models.Index(fields=["subject", "id"], name="control_draw_subject")]

    def __str__(self) -> str:
        return f"{self.subject} {'kept out' if self.is_kept_out else 'given'}"
