"""The area's entry in the navigation."""

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
    )
)
