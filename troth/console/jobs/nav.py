"""The area's entry in the navigation."""

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.navigation import NavItem, Pillar, register

register(
    NavItem(
        pillar=Pillar.SETTINGS,
        label=_("Background jobs"),
        url_name="jobs:index",
        icon="player-play",
        permission=Permission.JOBS_VIEW,
        order=30,
    )
)
