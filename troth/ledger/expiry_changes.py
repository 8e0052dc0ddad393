"""A new expiry for points that were earned under another: asked for, previewed, approved, applied."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from troth.access import queries as access_queries
from troth.access import services as access
from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.events import services as events
from troth.jobs import services as jobs
from troth.kit.updates import update

from . import expiry_effects
from .checking import check_expiry
from .ends import end_of
from .errors import CurrencyUnknownError, RequestClosedError, RequestUnknownError, SamePersonError
from .models import Account, ApprovalState, ExpiryChange, ExpiryKind, Lot, PointCurrency

APPLY = "ledger.apply_expiry"
LOTS_AT_ONCE = 1_000
"""Few: on SQLite everybody else who writes waits for each part."""


@transaction.atomic
def request_expiry_change(
    *, actor: Actor, now: datetime, currency: str, expiry_kind: str, expiry_count: int
) -> ExpiryChange:
    """Ask that open lots of a currency end by another rule, counted from when they became usable; nothing changes yet.

    `preview` tells what it would do now: lots and points that would end sooner, later, at once, or as before. Lots with
    a stated end of their own, and pending ones that wait for an event, keep what they were promised.

    Raises:
        PermissionMissingError: without `points.configure`.
        CurrencyUnknownError, OperationRefusedError: a value breaks its rule.
    """
    access.require(actor, Permission.POINTS_CONFIGURE)
    check_expiry(expiry_kind, expiry_count)
    found = PointCurrency.objects.filter(code=currency).first()
    if found is None:
        raise CurrencyUnknownError(currency)
    change = ExpiryChange(
        currency=found,
        expiry_kind=expiry_kind,
        expiry_count=expiry_count,
        requested_at=now,
        requested_by=actor.code,
    )
    change.preview = _preview(change, found, now)
    change.save(force_insert=True)
    data = {"change": str(change.id), "currency": currency}
    events.append("ledger.expiry.requested", actor=actor, now=now, data=data)
    return change


def preview_expiry_change(*, currency: str, expiry_kind: str, expiry_count: int, now: datetime) -> dict[str, int]:
    """Return what `request_expiry_change` would ask for now: `sooner_lots`, `sooner_points`, `later_…`, `same_…` and
    `at_once_…`; nothing is stored.

    Raises:
        CurrencyUnknownError, OperationRefusedError: a value breaks its rule.
    """
    check_expiry(expiry_kind, expiry_count)
    found = PointCurrency.objects.filter(code=currency).first()
    if found is None:
        raise CurrencyUnknownError(currency)
    change = ExpiryChange(currency=found, expiry_kind=expiry_kind, expiry_count=expiry_count, requested_at=now)
    return _preview(change, found, now)


@transaction.atomic
def decide_expiry_change(*, actor: Actor, now: datetime, change_id: UUID, is_approved: bool) -> ExpiryChange:
    """Approve what somebody else asked for, and have it applied in the background; or turn it down.

    Who asked may take it back.

    Raises:
        PermissionMissingError: without `points.approve`, unless the actor takes back an own request.
        SamePersonError: the actor, or a key of the same person, asked for what is to be approved.
        RequestUnknownError, RequestClosedError: no such request, or it was decided already.
    """
    change = ExpiryChange.objects.select_for_update().filter(id=change_id).first()
    if is_approved or change is None or change.requested_by != actor.code:
        access.require(actor, Permission.POINTS_APPROVE)
    if change is None:
        raise RequestUnknownError(change_id)
    if change.state != ApprovalState.WAITING:
        raise RequestClosedError(change_id)
    if is_approved and access_queries.is_same_person(change.requested_by, actor.code):
        raise SamePersonError
    change.state = ApprovalState.APPROVED if is_approved else ApprovalState.REJECTED
    change.decided_at, change.decided_by = now, actor.code
    change.save(update_fields=["state", "decided_at", "decided_by"])
    code = PointCurrency.objects.get(id=change.currency_id).code
    data = {"change": str(change.id), "currency": code, "state": change.state}
    events.append("ledger.expiry.decided", actor=actor, now=now, data=data)
    if is_approved:
        jobs.enqueue(APPLY, actor=actor, now=now, payload={"change": str(change.id)}, unique_key=str(change.id))
    return change


@transaction.atomic
def apply_part(*, actor: Actor, now: datetime, change_id: UUID, after: UUID | None) -> tuple[UUID | None, int, int]:
    """Give the next lots of an approved change their new end; return the last lot, lots and points done.

    The last lot is None when all are done; the change is then marked and told. Lots emptied or earned meanwhile are
    left as they are.
    """
    change = ExpiryChange.objects.get(id=change_id, state=ApprovalState.APPROVED)
    currency = PointCurrency.objects.get(id=change.currency_id)
    rows = _open_lots(change)
    page = list((rows.filter(id__gt=after) if after else rows)[:LOTS_AT_ONCE])
    if not page:
        if change.done_at is None:
            change.done_at = now
            change.save(update_fields=["done_at"])
        return None, 0, 0
    # Accounts first, in the order of their ids, as every posting does; then the lots as they are now.
    accounts = Account.objects.select_for_update().filter(id__among={lot.account_id for lot in page})
    list(accounts.order_by("id").values_list("id"))
    lots = list(_open_lots(change).filter(id__among=[lot.id for lot in page]))
    ends = {lot.id: _new_end(change, currency, lot) for lot in lots}
    update(
        Lot,
        ("id", "expires_at", "first_expires_at", "expiry_kind", "expiry_count"),
        [
            (lot.id, ends[lot.id], lot.first_expires_at or lot.expires_at, change.expiry_kind, change.expiry_count)
            for lot in lots
        ],
    )
    # What is usable must be reckoned anew at the next posting, whatever it is, by any machine's clock.
    Account.objects.filter(id__among={lot.account_id for lot in lots}).update(usable_until=change.requested_at)
    return page[-1].id, len(lots), sum(lot.remaining for lot in lots)


def _open_lots(change: ExpiryChange) -> QuerySet[Lot]:
    rows = Lot.objects.filter(currency_id=change.currency_id, is_open=True, activates_at__isnull=False)
    return rows.exclude(expiry_kind=ExpiryKind.FIXED).filter(recorded_at__lt=change.requested_at).order_by("id")


def _new_end(change: ExpiryChange, currency: PointCurrency, lot: Lot) -> datetime | None:
    return end_of(change.expiry_kind, change.expiry_count, lot.activates_at or lot.occurred_at, currency.time_zone)


def _preview(change: ExpiryChange, currency: PointCurrency, now: datetime) -> dict[str, int]:
    return expiry_effects.of_rule(_open_lots(change), change.expiry_kind, change.expiry_count, currency.time_zone, now)
