"""The area's entry in the navigation."""

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.navigation import NavItem, Pillar, register

register(
    NavItem(
        pillar=Pillar.OVERVIEW,
        label=_("Overview"),
        url_name="overview:index",
        icon="layout-dashboard",
        permission=Permission.INSIGHTS_VIEW,
        order=10,
    )
)
