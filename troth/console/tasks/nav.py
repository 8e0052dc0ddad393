"""The area's entries in the navigation."""

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.navigation import NavItem, Pillar, register

register(
    NavItem(
        pillar=Pillar.CARE,
        label=_("Tasks"),
        url_name="tasks:index",
        icon="checklist",
        permission=Permission.TASKS_VIEW,
        order=30,
    )
)
