"""A few customers as rows: who they are, as the reader may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from troth.access.actors import Actor
from troth.console.customers.people import Faces
from troth.customers import queries as customers
from troth.customers.models import Customer


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One customer of a sample or of a page of members."""

    customer: Customer
    name: str
    contact: str


def sample_rows(actor: Actor, ids: Sequence[UUID]) -> list[PersonRow]:
    """Return the customers of these ids in their order."""
    found = {one.id: one for one in customers.customers_matching(customers.CustomerFilter(among=list(ids)))}
    faces = Faces(actor, found)
    return [PersonRow(found[one], faces.name(found[one]), faces.contact(found[one])) for one in ids if one in found]
