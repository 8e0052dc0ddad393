"""The area's entry in the navigation."""

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.navigation import NavItem, Pillar, register

register(
    NavItem(
        pillar=Pillar.VALUE,
        label=_("What if"),
        url_name="calculators:retention",
        icon="calculator",
        permission=Permission.INSIGHTS_VIEW,
        order=120,
    )
)
