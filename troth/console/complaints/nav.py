"""The area's entries in the navigation."""

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.navigation import NavItem, Pillar, register

register(
    NavItem(
        pillar=Pillar.VOICE,
        label=_("Complaints"),
        url_name="complaints:index",
        icon="message-report",
        permission=Permission.CASES_VIEW,
        order=20,
    ),
    NavItem(
        pillar=Pillar.VOICE,
        label=_("Causes & improvements"),
        url_name="complaints:causes",
        icon="tool",
        permission=Permission.CASES_VIEW,
        order=30,
    ),
)
