"""Points that wait for an event of the log: a payment, a dispatch, a review. A job looks for it and makes them usable.

What counts is an event of the awaited name on any record of the owner. Where both name an order it must be the same;
an event that names none counts for everything earned before it. A lot may say until when it waits (`awaits_until`):
later events no longer count, and the nightly sweep takes its points.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from troth.access.actors import Actor
from troth.events import queries as events
from troth.events.models import Event

from .groups import groups_of
from .models import Account, Lot, PointCurrency, Transaction
from .operations import Activate, Operation, Outcome, Owner, Reason
from .posting import post_batch

AT_ONCE = 500
LOOK_BACK = timedelta(minutes=15)
"""How far the frequent look goes back: longer than a transaction takes. The nightly one looks at every waiting lot."""

SUBJECT = "order"
"""What an event and the reason of an earn may both name."""


def activate_next(
    *, actor: Actor, now: datetime, after: UUID | None = None, is_everything: bool = False
) -> tuple[UUID | None, int]:
    """Make usable what waited for an event that is in the log; return the last lot looked at (None: done) and points.

    is_everything: look at every waiting lot, not only at those to which something happened lately. Done again it finds
    nothing: a lot that is usable waits no longer.
    """
    waiting = Lot.objects.filter(is_open=True, activates_at=None).exclude(awaits_event="")
    if not is_everything:
        waiting = _touched(waiting, now - LOOK_BACK)
    page = list((waiting if after is None else waiting.filter(id__gt=after)).order_by("id")[:AT_ONCE])
    if not page:
        return None, 0
    operations = list(_activations(page))
    answers = post_batch(operations, actor=actor, now=now) if operations else []
    return page[-1].id, sum(answer.amount for answer in answers if answer.outcome is Outcome.POSTED)


def _touched(waiting: QuerySet[Lot], since: datetime) -> QuerySet[Lot]:
    """Return those that came lately, or whose owner had an event lately, on any record."""
    names = set(waiting.order_by().values_list("awaits_event", flat=True).distinct())
    happened = events.after(None, names=names).filter(recorded_at__gte=since).order_by()
    records = groups_of(set(happened.values_list("owner_id", flat=True).distinct()))
    owners = {record for group in records.values() for record in group}
    return waiting.filter(Q(recorded_at__gte=since) | Q(owner_id__among=owners))


def _activations(page: Sequence[Lot]) -> Iterable[Operation]:
    together = groups_of({lot.owner_id for lot in page})
    happened = _happened({record for group in together.values() for record in group}, page)
    earned = Transaction.objects.in_bulk([lot.transaction_id for lot in page])
    kinds = dict(Account.objects.filter(id__among=[lot.account_id for lot in page]).values_list("id", "owner_kind"))
    codes = dict(PointCurrency.objects.values_list("id", "code"))
    for lot in page:
        subject = (earned[lot.transaction_id].reason_data or {}).get(SUBJECT)
        met = [
            event
            for record in together[lot.owner_id]
            for event in happened.get((record, lot.awaits_event), ())
            if _meets(event, lot, subject)
        ]
        if met:
            first = min(met, key=lambda event: (event.occurred_at, event.id))
            yield Activate(
                key=f"activate:{lot.id.hex}",
                owner=Owner(kinds[lot.account_id], lot.owner_id),
                currency=codes[lot.currency_id],
                occurred_at=max(first.occurred_at, lot.occurred_at),
                reason=Reason("awaited", {"event": str(first.id), "name": first.name}),
                of=lot.transaction_id,
            )


def _happened(owners: Collection[UUID], page: Sequence[Lot]) -> Mapping[tuple[UUID, str], list[Event]]:
    found: dict[tuple[UUID, str], list[Event]] = {}
    names = {lot.awaits_event for lot in page}
    for event in events.of_customers(owners, names=names):
        found.setdefault((event.owner_id, event.name), []).append(event)
    return found


def _meets(event: Event, lot: Lot, subject: Any) -> bool:
    """Tell whether this is what the lot waits for."""
    if lot.awaits_until is not None and event.occurred_at >= lot.awaits_until:
        return False
    named = event.data.get(SUBJECT)
    if named and subject:
        return bool(named == subject)
    return event.occurred_at >= lot.occurred_at
