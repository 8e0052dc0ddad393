"""Writing touchpoints. Import: `from troth.care.touchpoints import services as touchpoints`."""

from datetime import datetime

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events
from troth.staff import queries as staff

from ..models import Stage, Touchpoint
from .errors import TouchpointRefusedError
from .fields import TouchpointFields
from .starters import STARTERS

__all__ = ["TouchpointFields", "begin_with_ours", "save_touchpoint"]

MOST_TEXT = 400


@transaction.atomic
def save_touchpoint(fields: TouchpointFields, *, actor: Actor, now: datetime) -> Touchpoint:
    """Add a touchpoint, or change the one of this code.

    Raises:
        TouchpointRefusedError: a field breaks its rule.
    """
    _check(fields)
    row = Touchpoint.objects.filter(code=fields.code).first() or Touchpoint(code=fields.code)
    for name in ("stage", "name", "name_zh", "does", "does_zh", "asks", "asks_zh", "survey", "category", "owner_id"):
        setattr(row, name, getattr(fields, name))
    row.position, row.is_active = fields.position, fields.is_active
    row.updated_at, row.updated_by = now, actor.code
    row.save()
    events.append("care.touchpoint.saved", actor=actor, now=now, data={"touchpoint": fields.code})
    return row


@transaction.atomic
def begin_with_ours(*, actor: Actor, now: datetime) -> int:
    """Add the touchpoints that most shops have, where the map is empty; return how many."""
    if Touchpoint.objects.exists():
        return 0
    for fields in STARTERS:
        save_touchpoint(fields, actor=actor, now=now)
    return len(STARTERS)


def _check(fields: TouchpointFields) -> None:
    if slugify(fields.code) != fields.code.lower() or not 1 <= len(fields.code) <= 40:
        raise _refusal("code", fields.code, _("write 1 to 40 letters, digits, hyphens or underscores"))
    if fields.stage not in Stage.values:
        raise _refusal("stage", fields.stage, ", ".join(Stage.values))
    if not 1 <= len(fields.name.strip()) <= 80 or len(fields.name_zh) > 80:
        raise _refusal("name", fields.name[:80], _("write 1 to 80 characters"))
    for name in ("does", "does_zh", "asks", "asks_zh"):
        if len(getattr(fields, name)) > MOST_TEXT:
            raise _refusal(name, "…", _("write at most %d characters") % MOST_TEXT)
    if len(fields.survey) > 40 or len(fields.category) > 40 or not 0 <= fields.position <= 1000:
        raise _refusal("position", fields.position, _("write 0 to 1,000"))
    if fields.owner_id and not staff.people().filter(id=fields.owner_id, left_date=None).exists():
        raise _refusal("owner_id", fields.owner_id, _("there is no such member of staff, or they have left"))


def _refusal(name: str, value: object, limit: str) -> TouchpointRefusedError:
    text = _("%(field)s: “%(value)s” does not fit: %(limit)s.")
    return TouchpointRefusedError(text % {"field": name, "value": value, "limit": limit}, field=name, value=str(value))
