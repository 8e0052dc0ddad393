"""The area's entries in the navigation."""

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.navigation import NavItem, Pillar, register

register(
    NavItem(
        pillar=Pillar.SETTINGS,
        label=_("Company settings"),
        url_name="settings:company",
        icon="building",
        permission=Permission.SETTINGS_EDIT,
        order=10,
    ),
    NavItem(
        pillar=Pillar.SETTINGS,
        label=_("How we measure"),
        url_name="settings:measure",
        icon="scale",
        permission=Permission.SETTINGS_EDIT,
        order=15,
    ),
    NavItem(
        pillar=Pillar.SETTINGS,
        label=_("Customer attributes"),
        url_name="settings:attributes",
        icon="list-details",
        permission=Permission.CUSTOMERS_CONFIGURE,
        order=20,
    ),
    NavItem(
        pillar=Pillar.SETTINGS,
        label=_("API keys"),
        url_name="settings:keys",
        icon="key",
        permission=Permission.API_KEYS_EDIT,
        order=40,
    ),
)
