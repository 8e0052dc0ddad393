"""What kind of table a model is, and how private each of its fields: one map for sharding, export, erasure and masking.

Every model states both; a test walks the models and refuses one that does not.
"""

from enum import StrEnum


class TableKind(StrEnum):
    """How a table is placed when the database grows past one machine."""

    OWNED = "owned"  # rows of a customer, household, partner or staff member: distributed by owner
    DIRECTORY = "directory"  # natural key -> owner: distributed by key
    COUNTER = "counter"  # budgets, stock, limits, kept in slices
    REFERENCE = "reference"  # small, replicated everywhere
    OPERATIONAL = "operational"  # jobs, outbox, sign-in: stays on one node


class DataClass(StrEnum):
    """How private a field is."""

    BUSINESS = "business"
    PERSONAL = "personal"  # masked without the right to see it, exported to the person, erased on request
    SENSITIVE = "sensitive"  # personal, and never in lists, logs, events or exports for others


def classify(*, business: str = "", personal: str = "", sensitive: str = "") -> dict[str, DataClass]:
    """Return the class of each field named in the space-separated lists."""
    return (
        dict.fromkeys(business.split(), DataClass.BUSINESS)
        | dict.fromkeys(personal.split(), DataClass.PERSONAL)
        | dict.fromkeys(sensitive.split(), DataClass.SENSITIVE)
    )
