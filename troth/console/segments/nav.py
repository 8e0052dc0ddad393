"""The area's entry in the navigation."""

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.navigation import NavItem, Pillar, register

register(
    NavItem(
        pillar=Pillar.CUSTOMERS,
        label=_("Segments"),
        url_name="segments:index",
        icon="users-group",
        permission=Permission.SEGMENTS_VIEW,
        order=30,
    )
)
