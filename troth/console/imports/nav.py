"""The area's entry in the navigation."""

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.navigation import NavItem, Pillar, register

register(
    NavItem(
        pillar=Pillar.CUSTOMERS,
        label=_("Import"),
        url_name="imports:index",
        icon="file-import",
        permission=Permission.IMPORTS_RUN,
        order=60,
    )
)
