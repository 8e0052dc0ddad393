"""Point currencies: their rules, and a new end for points that members hold, previewed and approved by another."""

from uuid import UUID

from ninja import Path, Router

from troth.access.permissions import Permission
from troth.ledger import queries
from troth.ledger import services as ledger
from troth.ledger.models import (
    ApprovalState,
    ExpiryChange,
    ExpiryKind,
    PointCurrency,
    Shortfall,
    TransferRule,
    UnitKind,
)
from troth.staff import queries as staff

from ..keys import ApiRequest
from ..operations import reads, writes
from ..paging import PagingQuery, page
from .currency_schemas import (
    CurrencyCode,
    CurrencyIn,
    CurrencyRulesIn,
    ExpiryChangeOut,
    ExpiryChangePage,
    ExpiryEffectOut,
    ExpiryRuleIn,
    PointCurrencyList,
    PointCurrencyOut,
)

router = Router(tags=["Points"])
P = Permission


@reads(router, "/point-currencies", scope=P.POINTS_VIEW, response=PointCurrencyList)
def list_point_currencies(request: ApiRequest) -> PointCurrencyList:
    """List every point currency with its rules."""
    return PointCurrencyList(items=[_shown(one) for one in queries.currencies()])


@writes(router, "POST", "/point-currencies", scope=P.POINTS_CONFIGURE, response=PointCurrencyOut, status=201)
def create_point_currency(request: ApiRequest, currency: CurrencyIn) -> PointCurrencyOut:
    """Make a point currency, which programmes can give from then on."""
    given = currency.model_dump(exclude={"code"})
    rules = ledger.CurrencyRules(**given | {"time_zone": currency.time_zone or staff.company().time_zone})
    return _shown(ledger.create_currency(actor=request.auth, now=request.now, code=currency.code, rules=rules))


@reads(router, "/point-currencies/{currency}", scope=P.POINTS_VIEW, response=PointCurrencyOut)
def get_point_currency(request: ApiRequest, currency: Path[CurrencyCode]) -> PointCurrencyOut:
    """Get a point currency with its rules."""
    return _shown(queries.currency(currency))


@writes(router, "PATCH", "/point-currencies/{currency}", scope=P.POINTS_CONFIGURE, response=PointCurrencyOut)
def change_point_currency(
    request: ApiRequest, currency: Path[CurrencyCode], changes: CurrencyRulesIn
) -> PointCurrencyOut:
    """Change rules of a currency, for what is posted from now on.

    Points that members hold keep the end that they were promised; to move it, ask for an expiry change.
    """
    given = changes.model_dump(exclude_unset=True)
    return _shown(ledger.change_currency(actor=request.auth, now=request.now, code=currency, **given))


@reads(
    router,
    "/point-currencies/{currency}/expiry-changes/evaluate",
    method="POST",
    scope=P.POINTS_VIEW,
    response=ExpiryEffectOut,
)
def evaluate_expiry_change(request: ApiRequest, currency: Path[CurrencyCode], rule: ExpiryRuleIn) -> ExpiryEffectOut:
    """Preview what another end would do to the points that members hold now. Nothing is written."""
    found = queries.preview_expiry_change(
        currency=currency, expiry_kind=rule.expiry_kind, expiry_count=rule.expiry_count, now=request.now
    )
    return ExpiryEffectOut(**found)


@writes(
    router,
    "POST",
    "/point-currencies/{currency}/expiry-changes",
    scope=P.POINTS_CONFIGURE,
    response=ExpiryChangeOut,
    status=201,
)
def request_expiry_change(request: ApiRequest, currency: Path[CurrencyCode], rule: ExpiryRuleIn) -> ExpiryChangeOut:
    """Ask for another end of the points that members hold; nothing changes before somebody else approves it."""
    made = ledger.request_expiry_change(
        actor=request.auth,
        now=request.now,
        currency=currency,
        expiry_kind=rule.expiry_kind,
        expiry_count=rule.expiry_count,
    )
    return _change(made)


@reads(router, "/point-currencies/{currency}/expiry-changes", scope=P.POINTS_VIEW, response=ExpiryChangePage)
def list_expiry_changes(request: ApiRequest, currency: Path[CurrencyCode], paging: PagingQuery) -> ExpiryChangePage:
    """List what was asked for the points that members hold."""
    found = queries.expiry_changes(queries.currency(currency)).select_related("currency")
    rows, cursor = page(found, paging, keys=("-requested_at", "-id"))
    return ExpiryChangePage(items=[_change(one) for one in rows], next_cursor=cursor)


@writes(router, "POST", "/expiry-changes/{change_id}/approve", scope=P.POINTS_APPROVE, response=ExpiryChangeOut)
def approve_expiry_change(request: ApiRequest, change_id: Path[UUID]) -> ExpiryChangeOut:
    """Approve another end that somebody else asked for; it is applied in the background.

    A key acts for who made it: it approves nothing that this person, or another key of theirs, asked for.
    """
    return _decided(request, change_id, is_approved=True)


@writes(router, "POST", "/expiry-changes/{change_id}/reject", scope=P.POINTS_VIEW, response=ExpiryChangeOut)
def reject_expiry_change(request: ApiRequest, change_id: Path[UUID]) -> ExpiryChangeOut:
    """Turn another end down; nothing changes.

    A key that did not ask for it itself needs `points.approve` besides.
    """
    return _decided(request, change_id, is_approved=False)


def _decided(request: ApiRequest, change_id: UUID, *, is_approved: bool) -> ExpiryChangeOut:
    change = ledger.decide_expiry_change(
        actor=request.auth, now=request.now, change_id=change_id, is_approved=is_approved
    )
    return _change(change)


def _shown(one: PointCurrency) -> PointCurrencyOut:
    return PointCurrencyOut(
        code=one.code,
        name=one.name,
        name_zh=one.name_zh,
        unit_kind=UnitKind(one.unit_kind),
        decimals=one.decimals,
        money_currency=one.money_currency,
        expiry_kind=ExpiryKind(one.expiry_kind),
        expiry_count=one.expiry_count,
        shortfall=Shortfall(one.shortfall),
        arrears_limit=one.arrears_limit,
        takes_other_lots=one.takes_other_lots,
        grace_days=one.grace_days,
        adjust_approval_limit=one.adjust_approval_limit,
        transfer_rule=TransferRule(one.transfer_rule),
        transfer_minimum=one.transfer_minimum,
        transfer_day_limit=one.transfer_day_limit,
        time_zone=one.time_zone,
        is_active=one.is_active,
        revision=one.revision,
    )


def _change(one: ExpiryChange) -> ExpiryChangeOut:
    return ExpiryChangeOut(
        id=one.id,
        currency=one.currency.code,
        expiry_kind=ExpiryKind(one.expiry_kind),
        expiry_count=one.expiry_count,
        state=ApprovalState(one.state),
        effect=ExpiryEffectOut(**one.preview),
        requested_at=one.requested_at,
        requested_by=one.requested_by,
        decided_at=one.decided_at,
        decided_by=one.decided_by,
        done_at=one.done_at,
    )
