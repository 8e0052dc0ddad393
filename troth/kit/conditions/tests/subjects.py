"""A subject without a table, for tests of the language itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

from troth.kit.conditions import catalogue
from troth.kit.conditions.fields import LAST_DAYS, AsOf, Choice, Field, Group, ValueType

T = ValueType
BASKET = Group("basket", "Basket")
AS_OF = AsOf(datetime(2026, 3, 1, 3, tzinfo=UTC), date(2026, 3, 1), "Asia/Shanghai", "CNY")

FIELDS = (
    Field("basket.note", T.TEXT, "Note", BASKET),
    Field("basket.lines", T.COUNT, "Lines", BASKET, params=(LAST_DAYS,)),
    Field("basket.weight", T.NUMBER, "Weight", BASKET, unit="kg"),
    Field("basket.total", T.MONEY, "Total", BASKET),
    Field("basket.day", T.DATE, "Day", BASKET),
    Field("basket.at", T.MOMENT, "Moment", BASKET),
    Field("basket.is_gift", T.BOOLEAN, "Gift", BASKET),
    Field("basket.size", T.CHOICE, "Size", BASKET, choices=[Choice("S", "Small"), Choice("L", "Large")]),
    Field("basket.brands", T.TEXT_SET, "Brands", BASKET),
)


def baskets() -> catalogue.Catalogue:
    """Return the catalogue of baskets, made by hand: nothing is registered for others to see."""
    return catalogue.Catalogue(catalogue.Subject("basket", "Basket"), FIELDS)


@contextmanager
def declared(subject: catalogue.Subject) -> Iterator[None]:
    """Declare a subject and forget it again."""
    catalogue.declare(subject)
    try:
        yield
    finally:
        del catalogue._subjects[subject.code]
        catalogue._fields.pop(subject.code, None)
        catalogue._providers.pop(subject.code, None)
