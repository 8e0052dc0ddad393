"""Who the customers of a batch are: all their records, time zones, and what they refuse."""

from collections.abc import Iterable
from uuid import UUID

from troth.customers import queries as customers
from troth.messaging.recipients import Zones

from .travelling import AUTOMATED, Person, person_of


def people(record_ids: Iterable[UUID]) -> dict[UUID, Person]:
    """Return the customer of each record; ids that nobody has are left out."""
    found = customers.contactables(record_ids, purposes=(AUTOMATED,), kinds=())
    zones = Zones()
    return {record: person_of(one, zones.of(one), zones.language) for record, one in found.items()}
