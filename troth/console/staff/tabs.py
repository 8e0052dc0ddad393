"""The four views of the area."""

from django.urls import reverse
from django.utils.translation import gettext as _

from troth.console.components import Tab


def tabs(active: str) -> list[Tab]:
    """Return the tabs; `active` is the name of the view that is shown."""
    labels = {"users": _("Logins"), "roles": _("Roles"), "people": _("People"), "stores": _("Stores")}
    return [Tab(label, reverse(f"staff:{name}"), name == active) for name, label in labels.items()]
