"""Who is known and has not bought: the three lowest rungs of the ladder."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from troth.kit.tables import TableKind, classify


class ProspectRung(models.TextChoices):
    """A rung below the first purchase."""

    SUSPECT = "suspect", _("Suspect")
    DISQUALIFIED = "disqualified_prospect", _("Disqualified prospect")
    PROSPECT = "prospect", _("Prospect")


class Prospect(models.Model):
    """One canonical customer without any order as of one day; all rows are replaced together by each analysis.

    reason: a code; source: where the record comes from; known_date: since when it is here. Whoever buys has a score
    instead, and is no prospect any more.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(business="owner_id run_id as_of_date computed_at rung reason source known_date")

    owner_id = models.UUIDField(primary_key=True)
    run_id = models.UUIDField()
    as_of_date = models.DateField()
    computed_at = models.DateTimeField()
    rung = models.CharField(max_length=24, choices=ProspectRung.choices)
    reason = models.CharField(max_length=24)
    source = models.CharField(max_length=64, blank=True)
    known_date = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["rung", "-known_date"], name="prospect_rung")]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.rung}"
