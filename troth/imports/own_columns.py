"""Columns that mean an attribute which the company itself defined: `attribute:shoe_size`."""

from collections.abc import Mapping

from troth.customers import queries as customers
from troth.customers.bulk_attributes import PREFIX
from troth.customers.services.attributes import MAX_TEXT
from troth.kit.languages import in_language

from . import headers
from .targets import BY_CODE, Shape, Target, ValueKind, of_shape

_KINDS = {
    "text": ValueKind.TEXT,
    "choice": ValueKind.CHOICE,
    "number": ValueKind.NUMBER,
    "date": ValueKind.PLAIN_DAY,
    "boolean": ValueKind.YES_NO,
}


def offered(shape: Shape) -> tuple[Target, ...]:
    """Return what a column of such a file can mean, the company's own attributes behind the rest."""
    return (*of_shape(shape), *_own().values()) if shape == Shape.CUSTOMERS else of_shape(shape)


def named(codes: Mapping[str, int]) -> dict[str, Target]:
    """Return the targets of a mapping by code; without those whose attribute is no longer in use."""
    own = _own() if any(code.startswith(PREFIX) for code in codes) else {}
    return {code: target for code in codes if (target := BY_CODE.get(code) or own.get(code)) is not None}


def _own() -> dict[str, Target]:
    found = {}
    for one in customers.attribute_definitions():
        names = (one.label, one.label_zh, one.code)
        found[f"{PREFIX}{one.code}"] = Target(
            f"{PREFIX}{one.code}",
            in_language(one.label, one.label_zh),
            _KINDS[one.attribute_type],
            frozenset({Shape.CUSTOMERS}),
            tuple(dict.fromkeys(filter(None, (headers.normalise(name) for name in names)))),
            MAX_TEXT,
            tuple(one.choices),
        )
    return found
