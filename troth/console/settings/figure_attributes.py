"""Attributes that figures read where a company keeps them: offered ready-made, each with what it is read for."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from troth.customers.models import AttributeType


@dataclass(frozen=True, slots=True)
class FigureAttribute:
    """An attribute by its code, and what becomes of it."""

    code: str
    label: Promise
    attribute_type: AttributeType
    read_for: Promise


OFFERED = (
    FigureAttribute(
        "referred_by",
        _("Brought by"),
        AttributeType.TEXT,
        _("Who brings whom: the introducer's phone, e-mail, card or customer id."),
    ),
    FigureAttribute(
        "category_spend",
        _("Spends a year in our category, everywhere"),
        AttributeType.NUMBER,
        _("Share of wallet, and with it the rung of the client."),
    ),
    FigureAttribute(
        "has_need",
        _("Needs what we sell"),
        AttributeType.BOOLEAN,
        _("Prospects: who has not bought yet and needs it."),
    ),
    FigureAttribute(
        "able_to_pay",
        _("Can pay for it"),
        AttributeType.BOOLEAN,
        _("Prospects: who has not bought yet and could."),
    ),
    FigureAttribute(
        "staff_or_family",
        _("Staff or family of staff"),
        AttributeType.BOOLEAN,
        _("Types of loyalty: held by kinship, not by liking."),
    ),
    FigureAttribute(
        "protected_market",
        _("Has no other supplier"),
        AttributeType.BOOLEAN,
        _("Types of loyalty: held for want of a choice."),
    ),
    FigureAttribute(
        "here_for_convenience",
        _("Comes because it is near or easy"),
        AttributeType.BOOLEAN,
        _("Types of loyalty: held by convenience."),
    ),
    FigureAttribute(
        "tax_id",
        _("Tax number"),
        AttributeType.TEXT,
        _("Duplicates among companies."),
    ),
)


def missing(codes: Collection[str]) -> list[FigureAttribute]:
    """Return those that are offered and not among the codes that are there."""
    return [one for one in OFFERED if one.code not in codes]


def fields_of(code: str) -> dict[str, Any] | None:
    """Return the fields of an offered attribute as the service takes them, in both languages; None if unknown."""
    found = next((one for one in OFFERED if one.code == code), None)
    if found is None:
        return None
    with override("en"):
        label = str(found.label)
    with override("zh-hans"):
        label_zh = str(found.label)
    return {"label": label, "label_zh": label_zh, "attribute_type": found.attribute_type}
