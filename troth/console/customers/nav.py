"""The area's entries in the navigation."""

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.navigation import NavItem, Pillar, register

register(
    NavItem(
        pillar=Pillar.CUSTOMERS,
        label=_("Customers"),
        url_name="customers:index",
        icon="users",
        permission=Permission.CUSTOMERS_VIEW,
        order=10,
    ),
    NavItem(
        pillar=Pillar.CUSTOMERS,
        label=_("Households"),
        url_name="customers:households",
        icon="home",
        permission=Permission.CUSTOMERS_VIEW,
        order=20,
    ),
    NavItem(
        pillar=Pillar.CUSTOMERS,
        label=_("Duplicates"),
        url_name="customers:duplicates",
        icon="git-merge",
        permission=Permission.CUSTOMERS_MERGE,
        order=40,
    ),
)
