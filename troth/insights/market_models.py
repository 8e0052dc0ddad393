"""In which market a customer is satisfied, and stays or goes."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from troth.kit.money import FixedPointField
from troth.kit.tables import TableKind, classify


class MarketCorner(models.TextChoices):
    """Where customers stand by how satisfied they are and whether they stay."""

    ADVOCATE = "advocate", _("Satisfied, stays")
    MERCENARY = "mercenary", _("Satisfied, leaves")
    HOSTAGE = "hostage", _("Dissatisfied, stays")
    DEFECTOR = "defector", _("Dissatisfied, leaves")


class CustomerMarket(models.Model):
    """One market in which a canonical customer buys, of those who said lately how satisfied they are; all rows are
    replaced together.

    satisfaction: points of 0 to 100. stayed: the silence there is no longer than the customer's usual gap allows.
    """

    kind: ClassVar = TableKind.OWNED
    data_map: ClassVar = classify(
        business="id owner_id run_id as_of_date computed_at market satisfaction stayed corner"
    )

    owner_id = models.UUIDField()
    run_id = models.UUIDField()
    as_of_date = models.DateField()
    computed_at = models.DateTimeField()
    market = models.CharField(max_length=120)
    satisfaction = FixedPointField()
    stayed = models.BooleanField()
    corner = models.CharField(max_length=10, choices=MarketCorner.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "market"], name="customer_market_once")]
        indexes = [models.Index(fields=["market", "corner"], name="market_corner")]

    def __str__(self) -> str:
        return f"{self.market} {self.corner}"
