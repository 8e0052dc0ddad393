"""The area's entry in the navigation."""

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.navigation import NavItem, Pillar, register

register(
    NavItem(
        pillar=Pillar.CARE,
        label=_("Messages"),
        url_name="messages:index",
        icon="send",
        permission=Permission.MESSAGES_VIEW,
        order=40,
    )
)
