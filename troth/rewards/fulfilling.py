"""What happens to a redemption after it was made: prepared, sent, handed over, or cancelled."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.customers import queries as customers
from troth.events import services as events
from troth.ledger import services as ledger
from troth.ledger.errors import HoldRefusedError
from troth.ledger.operations import Capture, Operation, Owner, Posted, Reason, Release, Reverse

from . import slices
from .errors import RedemptionNotFoundError, RedemptionStateError
from .models import Coupon, CouponState, Redemption, RedemptionState, SliceKind, TallyKind
from .tallies import Tallies, TallyKey

ORDER = (RedemptionState.REQUESTED, RedemptionState.PREPARED, RedemptionState.SENT, RedemptionState.FULFILLED)
"""The states in their order; one may be left out, none is gone back to."""


@transaction.atomic
def advance_redemption(
    *, actor: Actor, now: datetime, redemption_id: UUID, state: RedemptionState, happened_at: datetime | None = None
) -> Redemption:
    """Note that a redemption is prepared, sent or handed over; held points are spent with the last.

    The same state again changes nothing. happened_at: when it was handed over, where that is told later than it was so.

    Raises:
        RedemptionNotFoundError: no such redemption.
        RedemptionStateError: it is further already, or cancelled, or its hold is over; cancelling is not advancing.
    """
    row = _locked(redemption_id)
    if state is RedemptionState.CANCELLED:
        raise RedemptionStateError(_("A redemption is cancelled by cancel_redemption, with a reason."), state=row.state)
    if row.state == state:
        return row
    if row.state == RedemptionState.CANCELLED or ORDER.index(state) < ORDER.index(RedemptionState(row.state)):
        raise _wrong_state(row)
    if state is RedemptionState.FULFILLED:
        row.fulfilled_at = happened_at or now
        if row.is_held:
            _settled(row, _capture(row, row.fulfilled_at), actor, now)
            row.is_held = False
    row.state, row.updated_at = state, now
    row.save(update_fields=["state", "is_held", "fulfilled_at", "updated_at"])
    _note(str(state), row, actor=actor, now=now)
    return row


@transaction.atomic
def cancel_redemption(
    *,
    actor: Actor,
    now: datetime,
    redemption_id: UUID,
    reason: str,
    is_restocked: bool = True,
    happened_at: datetime | None = None,
) -> Redemption:
    """Undo a redemption: the points go back into the very lots they came from, the pieces into stock.

    reason: a code such as "member", "damaged", "timeout"; is_restocked: whether the pieces can be handed out again;
    happened_at: when it was cancelled, where that is told later than it was so. Cancelling again changes nothing.

    Raises:
        RedemptionNotFoundError: no such redemption.
        RedemptionStateError: one of its coupons was used.
    """
    row = _locked(redemption_id)
    if row.state == RedemptionState.CANCELLED:
        return row
    _free_limit(row)
    if is_restocked and row.stock_count:
        slices.restore(row.reward_id, SliceKind.STOCK, row.stock_count)
        row.stock_count = 0
    _withdraw_coupons(row, now)
    at = happened_at or now
    returned = _give_points_back(row, at, actor, now)
    row.state, row.cancelled_at, row.cancel_reason, row.updated_at = RedemptionState.CANCELLED, at, reason[:40], now
    row.is_held = False
    row.save(update_fields=["state", "stock_count", "cancelled_at", "cancel_reason", "is_held", "updated_at"])
    _note("cancelled", row, actor=actor, now=now, reason=row.cancel_reason, points=returned)
    return row


def cancel_timed_out(*, actor: Actor, now: datetime, limit: int = 500) -> int:
    """Cancel redemptions whose points were held too long for a reward that was never handed over; return how many."""
    waiting = Redemption.objects.filter(is_held=True, hold_until__lte=now).exclude(
        state__in=(RedemptionState.CANCELLED, RedemptionState.FULFILLED)
    )
    ids = list(waiting.order_by("hold_until", "id").values_list("id", flat=True)[:limit])
    for redemption_id in ids:
        cancel_redemption(actor=actor, now=now, redemption_id=redemption_id, reason="timeout")
    return len(ids)


def _locked(redemption_id: UUID) -> Redemption:
    row = Redemption.objects.select_for_update(of=("self",)).select_related("reward").filter(id=redemption_id).first()
    if row is None:
        raise RedemptionNotFoundError(redemption_id)
    return row


def _free_limit(row: Redemption) -> None:
    if row.period_date is None:
        return
    groups = customers.record_groups([row.owner_id])
    group = groups[row.owner_id]
    key = TallyKey(group[0], TallyKind.REDEMPTIONS, row.reward_id, row.period_date)
    tallies = Tallies([key], {group[0]: group})
    tallies.add(key, -row.quantity)
    tallies.write()


def _withdraw_coupons(row: Redemption, now: datetime) -> None:
    coupons = Coupon.objects.filter(id__in=row.coupon_ids).order_by("id").select_for_update()
    used = [coupon.code for coupon in coupons if coupon.use_count]
    if used:
        message = _("The coupon %(code)s of this redemption is used or reserved; reverse or release that first.")
        raise RedemptionStateError(message % {"code": used[0]}, state=row.state)
    Coupon.objects.filter(id__in=row.coupon_ids).exclude(state=CouponState.REVOKED).update(
        state=CouponState.REVOKED, ended_at=now
    )


def _give_points_back(row: Redemption, at: datetime, actor: Actor, now: datetime) -> int:
    """Release what is held, or reverse what was spent, and return how many points came back."""
    if not row.ledger_key:
        return 0
    if row.is_held:
        operation: Operation = _release(row, at)
    else:
        spent = f"{row.ledger_key}:capture" if row.hold_until is not None else row.ledger_key
        operation = _reverse(row, spent, at)
    (answer,) = ledger.post([operation], actor=actor, now=now)
    if isinstance(answer.error, HoldRefusedError):
        return row.points  # the hold timed out first, which gave the points back
    if answer.error is not None:
        raise answer.error
    return row.points if row.is_held else answer.amount


def _settled(row: Redemption, operation: Operation, actor: Actor, now: datetime) -> Posted:
    (answer,) = ledger.post([operation], actor=actor, now=now)
    if answer.error is not None:
        raise RedemptionStateError(str(answer.error), state=row.state) from answer.error
    return answer


def payer_of(row: Redemption) -> Owner:
    """Return whose points a redemption takes: the customer's, or those of a household's pool."""
    if row.household_id is not None:
        return Owner("household", row.household_id)
    return Owner("customer", row.owner_id)


def _capture(row: Redemption, now: datetime) -> Capture:
    return Capture(
        key=f"{row.ledger_key}:capture",
        owner=payer_of(row),
        currency=row.point_currency,
        occurred_at=now,
        reason=_reason("rewards.fulfilment", row),
        of=row.ledger_key,
    )


def _release(row: Redemption, now: datetime) -> Release:
    return Release(
        key=f"{row.ledger_key}:cancel",
        owner=payer_of(row),
        currency=row.point_currency,
        occurred_at=now,
        reason=_reason("rewards.cancellation", row),
        of=row.ledger_key,
    )


def _reverse(row: Redemption, spent: str, now: datetime) -> Reverse:
    return Reverse(
        key=f"{row.ledger_key}:cancel",
        owner=payer_of(row),
        currency=row.point_currency,
        occurred_at=now,
        reason=_reason("rewards.cancellation", row),
        of=spent,
    )


def _reason(code: str, row: Redemption) -> Reason:
    return Reason(code, {"reward": row.reward.code, "redemption": str(row.id)})


def _wrong_state(row: Redemption) -> RedemptionStateError:
    text = _("The redemption stands at “%(state)s”, and only goes on from there.")
    return RedemptionStateError(text % {"state": row.get_state_display()}, state=row.state)


def _note(what: str, row: Redemption, *, actor: Actor, now: datetime, **more: object) -> None:
    data = {"redemption": str(row.id), "reward": row.reward.code, "quantity": row.quantity, **more}
    events.append(f"rewards.redemption.{what}", actor=actor, now=now, customer_id=row.owner_id, data=data)
