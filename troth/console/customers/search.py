"""Customers in Ctrl-K."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.console.search import SearchHit, SearchSource, register
from troth.customers import queries as customers

from .people import Faces


def find(query: str, actor: Actor, limit: int) -> list[SearchHit]:
    """Return the customers whose name, phone ending, e-mail, card or id begins with the query."""
    found = customers.find(query, limit=limit, sees_personal=actor.may(Permission.CUSTOMERS_VIEW_PERSONAL))
    faces = Faces(actor, [customer.id for customer in found])
    return [
        SearchHit(
            title=faces.name(customer),
            url=reverse("customers:customer", args=[customer.id]),
            note=faces.contact(customer) or (customer.city if faces.is_open else ""),
        )
        for customer in found
    ]


register(
    SearchSource(
        key="people",
        label=_("Customers"),
        icon="user",
        permission=Permission.CUSTOMERS_VIEW,
        find=find,
        order=10,
    )
)
