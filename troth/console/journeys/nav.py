"""The area's entry in the navigation."""

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.navigation import NavItem, Pillar, register

register(
    NavItem(
        pillar=Pillar.CARE,
        label=_("Journeys"),
        url_name="journeys:index",
        icon="route",
        permission=Permission.JOURNEYS_VIEW,
        order=10,
    )
)
