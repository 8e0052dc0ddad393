"""Words that staff put on customers."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events
from troth.kit import rows

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
    tag = _made(name)
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


@transaction.atomic
def add_tag_to_many(*, actor: Actor, now: datetime, customer_ids: Iterable[UUID], name: str) -> int:
    """Put a tag on many customers, given by their canonical ids; return how many did not have it yet.

    Raises:
        CustomerRefusedError: see `add_tag`.
    """
    tag = _made(name)
    wanted = sorted(set(customer_ids))
    held = set(CustomerTag.objects.filter(owner_id__among=wanted, tag=tag).values_list("owner_id", flat=True))
    new = [customer_id for customer_id in wanted if customer_id not in held]
    rows.insert_missing(CustomerTag, ("owner_id", "tag_id", "created_at"), [(one, tag.pk, now) for one in new])
    news = [events.NewEvent("customers.tag.added", one, {"tag": tag.pk}) for one in new]
    events.append_many(news, actor=actor, now=now)
    return len(new)


@transaction.atomic
def remove_tag_from_many(*, actor: Actor, now: datetime, customer_ids: Iterable[UUID], name: str) -> int:
    """Take a tag off all these records; return how many had it."""
    tag = Tag.objects.filter(name=" ".join(name.split())).first()
    if tag is None:
        return 0
    found = CustomerTag.objects.filter(owner_id__among=list(customer_ids), tag=tag)
    held = sorted(found.values_list("owner_id", flat=True))
    found.delete()
    news = [events.NewEvent("customers.tag.removed", one, {"tag": tag.pk}) for one in held]
    events.append_many(news, actor=actor, now=now)
    return len(held)


def _made(name: str) -> Tag:
    name = " ".join(name.split())
    if not 1 <= len(name) <= MAX_NAME:
        message = _("A tag has 1 to %(limit)s signs.") % {"limit": MAX_NAME}
        raise CustomerRefusedError(message, field="tag", value=name[:80], limit=MAX_NAME)
    tag, _is_new = Tag.objects.get_or_create(name=name)
    return tag
