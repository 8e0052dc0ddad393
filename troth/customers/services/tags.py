"""Words that staff put on customers."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events

from ..errors import CustomerRefusedError
from ..models import CustomerTag, Tag
from .records import locked_customer, record_ids

MAX_NAME = 60


@transaction.atomic
def add_tag(*, actor: Actor, now: datetime, customer_id: UUID, name: str) -> Tag:
    """Put a tag on a customer, making it if it is new; called again, nothing happens.

    Raises:
        CustomerNotFoundError, CustomerErasedError: see `update_customer`.
        CustomerRefusedError: the tag has no name or a too long one.
    """
    customer = locked_customer(customer_id)
    name = " ".join(name.split())
    if not 1 <= len(name) <= MAX_NAME:
        message = _("A tag has 1 to %(limit)s signs.") % {"limit": MAX_NAME}
        raise CustomerRefusedError(message, field="tag", value=name[:80], limit=MAX_NAME)
    tag, _made = Tag.objects.get_or_create(name=name)
    _row, is_new = CustomerTag.objects.get_or_create(owner_id=customer.id, tag=tag, defaults={"created_at": now})
    if is_new:
        events.append("customers.tag.added", actor=actor, now=now, customer_id=customer.id, data={"tag": tag.pk})
    return tag


@transaction.atomic
def remove_tag(*, actor: Actor, now: datetime, customer_id: UUID, tag_id: int) -> None:
    """Take a tag off a customer and the records merged into it; nothing happens if it is not on them.

    Raises:
        CustomerNotFoundError, CustomerErasedError: see `update_customer`.
    """
    customer = locked_customer(customer_id)
    removed, _by_model = CustomerTag.objects.filter(owner_id__in=record_ids(customer.id), tag_id=tag_id).delete()
    if removed:
        events.append("customers.tag.removed", actor=actor, now=now, customer_id=customer.id, data={"tag": tag_id})
