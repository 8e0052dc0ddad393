"""The area's entry in the navigation."""

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.navigation import NavItem, Pillar, register

register(
    NavItem(
        pillar=Pillar.SETTINGS,
        label=_("Staff & roles"),
        url_name="staff:users",
        icon="id-badge-2",
        permission=Permission.STAFF_VIEW,
        order=20,
    )
)
