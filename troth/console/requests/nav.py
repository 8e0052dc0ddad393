"""The area's entries in the navigation."""

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.navigation import NavItem, Pillar, register

register(
    NavItem(
        pillar=Pillar.CARE,
        label=_("Service requests"),
        url_name="requests:index",
        icon="tool",
        permission=Permission.CASES_VIEW,
        order=60,
    ),
    NavItem(
        pillar=Pillar.CARE,
        label=_("Training"),
        url_name="requests:training",
        icon="award",
        permission=Permission.CASES_VIEW,
        order=70,
    ),
    NavItem(
        pillar=Pillar.CARE,
        label=_("Journey map"),
        url_name="requests:map",
        icon="sitemap",
        permission=Permission.JOURNEYS_VIEW,
        order=80,
    ),
)
