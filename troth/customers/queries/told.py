"""Facts that this company keeps of its customers, read for everybody at once."""

from datetime import date
from typing import Any
from uuid import UUID

from ..models import AttributeDefinition, AttributeType, CustomerAttribute
from .people import canonical_ids

COLUMNS: dict[str, str] = {
    AttributeType.TEXT: "text_value",
    AttributeType.CHOICE: "text_value",
    AttributeType.NUMBER: "number_value",
    AttributeType.DATE: "date_value",
    AttributeType.BOOLEAN: "boolean_value",
}


Told = dict[UUID, tuple[Any, date]]


def attribute_values(code: str, *kinds: AttributeType, until: date | None = None) -> Told | None:
    """Return what an attribute says of each canonical customer, and the day it was told; of merged records the last.

    kinds: of which type it must be; until: what was told later does not count, by days of UTC. None where the company
    keeps no such attribute.
    """
    known = AttributeDefinition.objects.filter(code=code, attribute_type__in=kinds, is_active=True).first()
    if known is None:
        return None
    column = COLUMNS[known.attribute_type]
    rows = CustomerAttribute.objects.filter(definition=known, **{f"{column}__isnull": False})
    if until is not None:
        rows = rows.filter(updated_at__date__lte=until)
    told = list(rows.order_by("updated_at", "owner_id").values_list("owner_id", column, "updated_at"))
    canonical = canonical_ids({owner for owner, _value, _moment in told})
    return {canonical[owner]: (value, moment.date()) for owner, value, moment in told if owner in canonical}
