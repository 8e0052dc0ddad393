"""The area's entries in the navigation."""

from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.navigation import NavItem, Pillar, register

ITEMS = (
    (_("Value pyramid"), "pyramid", "pyramid"),
    (_("Life cycle"), "lifecycle", "activity"),
    (_("Loyalty"), "loyalty", "heart-handshake"),
    (_("Satisfaction and competition"), "markets", "chart-dots"),
    (_("Value to come"), "expected", "trending-up"),
    (_("Who brings whom"), "referrals", "sitemap"),
    (_("RFM"), "rfm", "chart-grid-dots"),
    (_("Cohorts"), "cohorts", "calendar-stats"),
    (_("Concentration"), "concentration", "chart-area"),
    (_("Best customers"), "best", "trophy"),
    (_("Models"), "models", "gauge"),
)

for place, (label, name, icon) in enumerate(ITEMS):
    register(
        NavItem(
            pillar=Pillar.VALUE,
            label=label,
            url_name=f"value:{name}",
            icon=icon,
            permission=Permission.INSIGHTS_VIEW,
            order=10 * (place + 1),
        )
    )

register(
    NavItem(
        pillar=Pillar.RESULTS,
        label=_("Targets"),
        url_name="value:targets",
        icon="target",
        permission=Permission.INSIGHTS_VIEW,
        order=10,
    )
)
