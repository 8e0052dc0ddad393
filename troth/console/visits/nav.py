"""The area's entry in the navigation."""

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.navigation import NavItem, Pillar, register

register(
    NavItem(
        pillar=Pillar.VOICE,
        label=_("Mystery visits"),
        url_name="visits:index",
        icon="checklist",
        permission=Permission.VISITS_VIEW,
        order=40,
    )
)
