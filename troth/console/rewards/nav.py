"""The area's entries in the navigation."""

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.navigation import NavItem, Pillar, register

register(
    NavItem(
        pillar=Pillar.PROGRAMMES,
        label=_("Rewards"),
        url_name="rewards:index",
        icon="gift",
        permission=Permission.REWARDS_VIEW,
        order=30,
    ),
    NavItem(
        pillar=Pillar.PROGRAMMES,
        label=_("Redemptions"),
        url_name="rewards:redemptions",
        icon="package",
        permission=Permission.REWARDS_VIEW,
        order=40,
    ),
    NavItem(
        pillar=Pillar.PROGRAMMES,
        label=_("Birthday gifts"),
        url_name="rewards:gifts",
        icon="cake",
        permission=Permission.REWARDS_VIEW,
        order=60,
    ),
)
