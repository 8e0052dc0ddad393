"""Counts that must be exact when many ask at once: stock, codes, uses in total, and how often one member may."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from troth.kit.tables import TableKind, classify


class SliceKind(models.TextChoices):
    """What a counter counts."""

    STOCK = "stock", _("Stock of a reward")
    CODES = "codes", _("Codes of a campaign")
    USES = "uses", _("Uses of a campaign")


class Slice(models.Model):
    """A part of a counter. Cut into slices, a counter is not one row that everybody waits for.

    counter_id: the reward or campaign; size: how much this slice may give; taken: how much it gave; first: for
    codes, the serial number with which the slice begins.
    """

    kind: ClassVar = TableKind.COUNTER
    data_map: ClassVar = classify(business="id counter_id slice_kind slice_no first size taken")

    counter_id = models.UUIDField()
    slice_kind = models.CharField(max_length=6, choices=SliceKind.choices)
    slice_no = models.PositiveSmallIntegerField()
    first = models.PositiveBigIntegerField(default=0)
    size = models.PositiveBigIntegerField()
    taken = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["counter_id", "slice_kind", "slice_no"], name="reward_slice_once"),
            models.CheckConstraint(condition=Q(taken__lte=F("size")), name="reward_slice_within_size"),
        ]

    def __str__(self) -> str:
        return f"{self.slice_kind} {self.counter_id} {self.slice_no}"


class TallyKind(models.TextChoices):
    """What a member's tally counts."""

    REDEMPTIONS = "redemptions", _("Pieces of a reward")
    COUPONS = "coupons", _("Coupons of a campaign")
    USES = "uses", _("Uses of a campaign's code")


class MemberTally(models.Model):
    """How often a member took something in a period; also the row that two requests of one member queue at.

    subject_id: the reward or campaign; period_date: first day of the period, 1 January 1970 for "ever".
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(business="id owner_id tally_kind subject_id period_date count")

    owner_id = models.UUIDField()
    tally_kind = models.CharField(max_length=11, choices=TallyKind.choices)
    subject_id = models.UUIDField()
    period_date = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner_id", "subject_id", "tally_kind", "period_date"], name="member_tally_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.tally_kind} {self.owner_id} {self.count}"
