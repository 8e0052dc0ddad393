"""Order as people count: “Store 105” before “Store 1027”, by plain SQL on both databases."""

from string import digits

from django.db.models import CharField, F, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Length, Replace


def natural_order(field: str) -> tuple[Combinable, ...]:
    """Return what to order by: what is written beside the number, how long it all is, then the text itself.

    Meant for texts with one number, such as names of stores: of those that differ by nothing else, the shorter number
    is the smaller one.
    """
    beside: Combinable = F(field)
    for digit in digits:
        beside = Replace(beside, Value(digit), Value(""), output_field=CharField())
    return beside, Length(field), F(field)
