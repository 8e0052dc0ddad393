"""How the company looks in what customers get from it."""

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from troth.kit.tables import TableKind, classify

DEFAULT_COLOR = "#0d6856"


class Brand(models.Model):
    """The colour and the logo of e-mails and public pages; one row."""

    kind: ClassVar = TableKind.REFERENCE
    data_map: ClassVar = classify(business="id color logo logo_type logo_hash updated_at")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    color = models.CharField(
        _("colour"),
        max_length=7,
        default=DEFAULT_COLOR,
        validators=[
            RegexValidator(r"^#[0-9a-fA-F]{6}\Z", _("Write the colour as # and six digits, for example #0d6856."))
        ],
    )
    logo = models.BinaryField(default=b"", blank=True)
    logo_type = models.CharField(max_length=20, blank=True)  # media type
    logo_hash = models.CharField(max_length=16, blank=True)  # part of its address, so that browsers may keep it
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="brand_is_one")]

    def __str__(self) -> str:
        return self.color
