"""In which market a customer is satisfied, and stays or goes."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from troth.kit.money import FixedPointField
from troth.kit.tables import TableKind, classify


class MarketCorner(models.TextChoices):
    """Where customers stand by how satisfied they are and whether they stay."""

    ADVOCATE = "advocate", _("Satisfied, stays")
    MERCENARY = "mercenary", _("Satisfied, leaves")
    HOSTAGE = "hostage", _("Dissatisfied, stays")
    DEFECTOR = "defector", _("Dissatisfied, leaves")


STEP = 5
"""Points of satisfaction to one dot of a market's picture: the dot of 75 is of 72.5 points to less than 77.5."""


def step_of(satisfaction: float) -> int:
    """Return the step that a satisfaction of 0 to 100 points belongs to."""
    return int((satisfaction + STEP / 2) // STEP * STEP)


def step_choices() -> list[tuple[str, Any]]:
    """Return the steps of satisfaction with their labels."""
    return [(str(step), format_lazy(_("about {points} points"), points=step)) for step in range(0, 101, STEP)]


def about(steps: Iterable[str]) -> Q:
    """Return what asks for satisfactions of these steps."""
    found, half = Q(pk__in=()), Decimal(STEP) / 2
    for step in map(Decimal, steps):
        found |= Q(satisfaction__gte=step - half, satisfaction__lt=step + half)
    return found


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
