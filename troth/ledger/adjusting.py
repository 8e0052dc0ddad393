"""Adjustments by hand: small ones at once, larger ones when a second person approves them; and pools' rules."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access import queries as access_queries
from troth.access import services as access
from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.events import services as events

from .checking import check_amount, problem_of
from .errors import (
    CurrencyUnknownError,
    OperationConflictError,
    OperationRefusedError,
    RequestClosedError,
    RequestUnknownError,
    SamePersonError,
)
from .models import AdjustmentRequest, ApprovalState, PointCurrency, PoolMember, PoolPeriod
from .operations import Adjust, Owner, Posted, Reason
from .posting import post_batch


@transaction.atomic
def request_adjustment(
    *, actor: Actor, now: datetime, operation: Adjust, note: str = ""
) -> tuple[Posted | None, AdjustmentRequest | None]:
    """Adjust at once where the currency lets one person do it; else keep the request for a second one.

    Returns the answer of the ledger, or the request that waits (the same one again for the same key). note: why, in
    words; seen by people, kept out of events, erased with the customer.

    Raises:
        PermissionMissingError: without `points.adjust`.
        OperationRefusedError, CurrencyUnknownError: a value breaks its rule.
        OperationConflictError: the key named another request.
    """
    access.require(actor, Permission.POINTS_ADJUST)
    currencies = {currency.code: currency for currency in PointCurrency.objects.all()}
    problem = problem_of(operation, currencies, now)
    if problem is not None:
        raise problem
    if len(note) > 500:
        raise OperationRefusedError(_("The note must have at most 500 characters."), field="note")
    currency = currencies[operation.currency]
    if currency.adjust_approval_limit is None or abs(operation.amount) <= currency.adjust_approval_limit:
        return post_batch([operation], actor=actor, now=now)[0], None
    request, is_new = AdjustmentRequest.objects.get_or_create(
        owner_id=operation.owner.id,
        currency=currency,
        operation_key=operation.key,
        defaults={
            "owner_kind": operation.owner.kind,
            "amount": operation.amount,
            "reason": operation.reason.code,
            "note": note,
            "requested_at": now,
            "requested_by": actor.code,
        },
    )
    if (request.amount, request.reason) != (operation.amount, operation.reason.code):
        raise OperationConflictError(operation.key)
    if is_new:
        _tell("ledger.adjustment.requested", request, currency, actor, now)
    return None, request


@transaction.atomic
def approve_adjustment(*, actor: Actor, now: datetime, request_id: UUID) -> Posted:
    """Post what somebody else requested.

    Raises:
        PermissionMissingError: without `points.approve`.
        SamePersonError: the actor requested it, or a key of the same person.
        RequestUnknownError, RequestClosedError: no such request, or it was decided already.
        TrothError: the ledger refuses it as things stand; the request waits on.
    """
    access.require(actor, Permission.POINTS_APPROVE)
    request = _waiting(request_id)
    if access_queries.is_same_person(request.requested_by, actor.code):
        raise SamePersonError
    currency = PointCurrency.objects.get(id=request.currency_id)
    request.state, request.decided_at, request.decided_by = ApprovalState.APPROVED, now, actor.code
    request.save(update_fields=["state", "decided_at", "decided_by"])
    operation = Adjust(
        key=request.operation_key,
        owner=Owner(request.owner_kind, request.owner_id),
        currency=currency.code,
        occurred_at=now,
        reason=Reason(request.reason, {"request": str(request.id), "requested_by": request.requested_by}),
        amount=request.amount,
        request_id=request.id,
    )
    answer = post_batch([operation], actor=actor, now=now)[0]
    if answer.error is not None:
        raise answer.error
    request.transaction_id = answer.transaction_id
    request.save(update_fields=["transaction_id"])
    _tell("ledger.adjustment.approved", request, currency, actor, now)
    return answer


@transaction.atomic
def reject_adjustment(*, actor: Actor, now: datetime, request_id: UUID) -> AdjustmentRequest:
    """Turn a request down; who asked may take it back so.

    Raises:
        PermissionMissingError: without `points.approve`, unless it is the actor's own request.
        RequestUnknownError, RequestClosedError: no such request, or it was decided already.
    """
    request = _waiting(request_id)
    if request.requested_by != actor.code:
        access.require(actor, Permission.POINTS_APPROVE)
    request.state, request.decided_at, request.decided_by = ApprovalState.REJECTED, now, actor.code
    request.save(update_fields=["state", "decided_at", "decided_by"])
    currency = PointCurrency.objects.get(id=request.currency_id)
    _tell("ledger.adjustment.rejected", request, currency, actor, now)
    return request


@transaction.atomic
def set_pool_member(
    *,
    actor: Actor,
    now: datetime,
    household_id: UUID,
    member_id: UUID,
    currency: str,
    may_spend: bool = True,
    limit: int | None = None,
    period: str = PoolPeriod.MONTH,
) -> PoolMember:
    """Say whether a member of a household may spend from its pool, and how much in a calendar period.

    Raises:
        PermissionMissingError: without `points.configure`.
        CurrencyUnknownError, OperationRefusedError: a value breaks its rule.
    """
    access.require(actor, Permission.POINTS_CONFIGURE)
    found = PointCurrency.objects.filter(code=currency).first()
    if found is None:
        raise CurrencyUnknownError(currency)
    if limit is not None:
        check_amount(limit, "limit")
    if period not in PoolPeriod.values:
        raise OperationRefusedError(_("The period must be day, month or year."), field="period", value=period)
    member, _is_new = PoolMember.objects.update_or_create(
        owner_id=household_id,
        member_id=member_id,
        currency=found,
        defaults={"may_spend": may_spend, "limit": limit, "period": period, "updated_at": now},
    )
    data = {"currency": currency, "member": str(member_id), "may_spend": may_spend, "limit": limit, "period": period}
    events.append("ledger.pool.changed", actor=actor, now=now, customer_id=household_id, data=data)
    return member


@transaction.atomic
def leave_pools(*, actor: Actor, now: datetime, member_ids: Sequence[UUID], household_id: UUID | None = None) -> None:
    """Let these records of a person spend no more from the pools of a household, or of any (None)."""
    rules = PoolMember.objects.filter(member_id__in=member_ids).select_related("currency")
    if household_id is not None:
        rules = rules.filter(owner_id=household_id)
    for rule in rules.order_by("id"):
        told = {"currency": rule.currency.code, "member": str(rule.member_id), "may_spend": False, "limit": None}
        events.append(
            "ledger.pool.changed",
            actor=actor,
            now=now,
            customer_id=rule.owner_id,
            data={**told, "period": rule.period},
        )
        rule.delete()


def _waiting(request_id: UUID) -> AdjustmentRequest:
    request = AdjustmentRequest.objects.select_for_update().filter(id=request_id).first()
    if request is None:
        raise RequestUnknownError(request_id)
    if request.state != ApprovalState.WAITING:
        raise RequestClosedError(request_id)
    return request


def _tell(name: str, request: AdjustmentRequest, currency: PointCurrency, actor: Actor, now: datetime) -> None:
    data = {
        "request": str(request.id),
        "currency": currency.code,
        "amount": request.amount,
        "reason": request.reason,
    }
    events.append(name, actor=actor, now=now, customer_id=request.owner_id, data=data)
