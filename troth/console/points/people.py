"""Who acted, in words."""

from uuid import UUID

from django.utils.translation import gettext as _

from troth.access import queries as access
from troth.access.errors import UserNotFoundError


def who(actor_code: str) -> str:
    """Return who acted: a person by name, the system, or an application by its key."""
    kind, _colon, code = actor_code.partition(":")
    if kind == "system":
        return _("by itself")
    if kind != "user":
        return _("an application (API)")
    try:
        return str(access.user(UUID(code)))
    except (UserNotFoundError, ValueError):
        return _("somebody who has left")
