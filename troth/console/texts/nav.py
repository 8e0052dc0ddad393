"""The area's entries in the navigation."""

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.navigation import NavItem, Pillar, register

register(
    NavItem(
        pillar=Pillar.CARE,
        label=_("Templates"),
        url_name="texts:index",
        icon="file-text",
        permission=Permission.MESSAGES_VIEW,
        order=50,
    ),
    NavItem(
        pillar=Pillar.CARE,
        label=_("Channels"),
        url_name="texts:channels",
        icon="plug-connected",
        permission=Permission.MESSAGES_VIEW,
        order=55,
    ),
)
