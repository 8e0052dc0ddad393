"""The area's entry in the navigation."""

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.navigation import NavItem, Pillar, register

register(
    NavItem(
        pillar=Pillar.VOICE,
        label=_("Surveys"),
        url_name="surveys:index",
        icon="clipboard-list",
        permission=Permission.SURVEYS_VIEW,
        order=10,
    )
)
register(
    NavItem(
        pillar=Pillar.VALUE,
        label=_("Delivered value"),
        url_name="surveys:delivered",
        icon="scale",
        permission=Permission.SURVEYS_VIEW,
        order=45,
    )
)
