"""Acts: what members do that no other module records. Reported once, an event of the log that rules may reward."""

import re
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.events import services as events

from .errors import ProgrammeRefusedError
from .models import Act

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@transaction.atomic
def report_act(
    *,
    customer_id: UUID,
    act: str,
    reference: str,
    occurred_at: datetime,
    value: int | None = None,
    store_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> Act:
    """Record that a member did something: wrote a review, checked in, answered; the same reference counts once.

    reference: the caller's name for it, no personal data; value: a figure of it, such as stars or minutes.

    Raises:
        ProgrammeRefusedError: the act is no code, the reference is empty or too long, or it lies in the future.
        CustomerNotFoundError: no such customer.
    """
    if not _CODE.fullmatch(act):
        message = _("“%(act)s” cannot be an act's code; use small letters, digits and hyphens.") % {"act": act[:40]}
        raise ProgrammeRefusedError(message, field="act", value=act[:40])
    if not 1 <= len(reference.strip()) <= 120:
        raise ProgrammeRefusedError(_("Give a reference of 1 to 120 characters."), field="reference", limit=120)
    if occurred_at > now:
        message = _("An act lies in the past; this one is said to happen on %(at)s.") % {"at": occurred_at.isoformat()}
        raise ProgrammeRefusedError(message, field="occurred_at", value=occurred_at.isoformat())
    customers.customer(customer_id)
    key = {"owner_id": customer_id, "act": act, "reference": reference.strip()}
    known = Act.objects.filter(**key).first()
    if known is not None:
        return known
    row = Act(**key, value=value, store_id=store_id, occurred_at=occurred_at, recorded_at=now, actor=actor.code)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # somebody reported it at this moment
        return Act.objects.get(**key)
    data = {"act": act, "reference": row.reference, "value": value, "store": store_id}
    events.append(
        "programs.act.reported", customer_id=customer_id, occurred_at=occurred_at, data=data, actor=actor, now=now
    )
    return row
