"""Lists of customers that people want to see again."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from ..errors import CustomerRefusedError
from ..models import SavedView

MAX_NAME = 60
MAX_QUERY = 1000
MAX_VIEWS = 20


def save_view(*, user_id: UUID, now: datetime, name: str, query: str) -> SavedView:
    """Keep the filters, columns and order of a list under a name; the same name is overwritten.

    Raises:
        CustomerRefusedError: no name, a too long name or address, or too many views.
    """
    name = " ".join(name.split())
    if not 1 <= len(name) <= MAX_NAME or len(query) > MAX_QUERY:
        message = _("A view needs a name of 1 to %(limit)s signs.") % {"limit": MAX_NAME}
        raise CustomerRefusedError(message, field="name", limit=MAX_NAME)
    mine = SavedView.objects.filter(user_id=user_id)
    if mine.exclude(name=name).count() >= MAX_VIEWS:
        message = _("You have %(limit)s views; remove one first.") % {"limit": MAX_VIEWS}
        raise CustomerRefusedError(message, field="name", limit=MAX_VIEWS)
    view, _made = SavedView.objects.update_or_create(
        user_id=user_id, name=name, defaults={"query": query}, create_defaults={"query": query, "created_at": now}
    )
    return view


def remove_view(*, user_id: UUID, view_id: int) -> None:
    """Forget a view of one's own; nothing happens if there is none."""
    SavedView.objects.filter(user_id=user_id, id=view_id).delete()
