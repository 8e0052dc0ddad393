"""The area's entry in the navigation."""

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.navigation import NavItem, Pillar, register

register(
    NavItem(
        pillar=Pillar.PROGRAMMES,
        label=_("Points"),
        url_name="points:index",
        icon="coins",
        permission=Permission.POINTS_VIEW,
        order=20,
    )
)
