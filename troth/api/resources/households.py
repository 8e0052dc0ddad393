"""Households and their pools of points: who belongs to one, what is in its pool, who may spend how much of it."""

from datetime import datetime
from typing import get_args
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Path, Router

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.customers import queries as customers
from troth.customers import services
from troth.customers.errors import HouseholdNotFoundError, HouseholdRefusedError
from troth.customers.models import Household
from troth.ledger import queries
from troth.ledger import services as ledger
from troth.ledger.models import PoolMember, PoolPeriod

from ..keys import ApiRequest
from ..operations import reads, writes
from ..paging import PagingQuery
from . import customer_views
from . import point_views as views
from .household_schemas import (
    HouseholdIn,
    HouseholdOut,
    HouseholdPersonOut,
    HouseholdPlaceIn,
    HouseholdRole,
    PoolRuleIn,
    PoolRuleList,
    PoolRuleOut,
)
from .order_views import References
from .point_schemas import LotList, PointsOut, StatementOut
from .points import CurrencyQuery

router = Router(tags=["Households"])
P = Permission


@reads(router, "/customers/{customer_id}/household", scope=P.CUSTOMERS_VIEW, response=HouseholdOut)
def get_household_of_customer(request: ApiRequest, customer_id: Path[UUID]) -> HouseholdOut:
    """Get the household that a customer belongs to; 404 if there is none."""
    place = customers.household_of(customers.customer(customer_id).id)
    if place is None:
        raise HouseholdNotFoundError
    return _shown(place.household, request.auth)


@writes(router, "POST", "/households", scope=P.CUSTOMERS_EDIT, response=HouseholdOut, status=201)
def create_household(request: ApiRequest, household: HouseholdIn) -> HouseholdOut:
    """Make a household; a customer belongs to one at most."""
    head = customers.customer(References([household]).customer(household))
    made = services.make_household(actor=request.auth, now=request.now, head_id=head.id, name=household.name)
    return _shown(made, request.auth)


@reads(router, "/households/{household_id}", scope=P.CUSTOMERS_VIEW, response=HouseholdOut)
def get_household(request: ApiRequest, household_id: Path[UUID]) -> HouseholdOut:
    """Get a household and who belongs to it."""
    return _shown(_known(household_id), request.auth)


@writes(
    router,
    "PUT",
    "/households/{household_id}/members/{customer_id}",
    scope=P.CUSTOMERS_EDIT,
    response=HouseholdOut,
)
def join_household(
    request: ApiRequest, household_id: Path[UUID], customer_id: Path[UUID], place: HouseholdPlaceIn
) -> HouseholdOut:
    """Put a customer into a household. The pool is theirs, too, once a rule of the pool says so."""
    household = _known(household_id)
    services.join_household(
        actor=request.auth,
        now=request.now,
        customer_id=customers.customer(customer_id).id,
        household_id=household.id,
        role=place.role,
    )
    return _shown(household, request.auth)


@writes(router, "DELETE", "/households/{household_id}/members/{customer_id}", scope=P.CUSTOMERS_EDIT, status=204)
def leave_household(request: ApiRequest, household_id: Path[UUID], customer_id: Path[UUID]) -> None:
    """Take a customer out of a household and its pool.

    With the last one the household is gone, unless its pool was ever used.
    """
    _member(_known(household_id), customer_id)
    services.leave_household(actor=request.auth, now=request.now, customer_id=customer_id)


# --- the pool


@reads(router, "/households/{household_id}/points", scope=P.POINTS_VIEW, response=PointsOut)
def get_pool(request: ApiRequest, household_id: Path[UUID]) -> PointsOut:
    """Get what a household's pool has, in every point currency.

    Members give to it by a transfer, and spend from it where a spend or a hold names the household.
    """
    owner = _known(household_id).id
    found = {one.code: queries.balances([owner], one.code, now=request.now) for one in queries.currencies()}
    return PointsOut(items=[views.balance(code, by_owner[owner]) for code, by_owner in sorted(found.items())])


@reads(router, "/households/{household_id}/points/lots", scope=P.POINTS_VIEW, response=LotList)
def list_pool_lots(request: ApiRequest, household_id: Path[UUID], choice: CurrencyQuery) -> LotList:
    """List the open lots of a household's pool: what came when, what is left, when it ends."""
    owner = _known(household_id).id
    found = queries.lots(owner, queries.currency(choice.currency).code, now=request.now)
    return LotList(items=[views.lot(one) for one in found])


@reads(router, "/households/{household_id}/points/statement", scope=P.POINTS_VIEW, response=StatementOut)
def get_pool_statement(
    request: ApiRequest, household_id: Path[UUID], choice: CurrencyQuery, paging: PagingQuery
) -> StatementOut:
    """Get the statement of a household's pool: every movement with its reason and the balance after it."""
    return views.statement(_known(household_id).id, choice.currency, limit=paging.limit, cursor=paging.cursor)


@reads(router, "/households/{household_id}/pool-rules", scope=P.POINTS_VIEW, response=PoolRuleList)
def list_pool_rules(request: ApiRequest, household_id: Path[UUID]) -> PoolRuleList:
    """List who may spend how much of a household's pools."""
    return PoolRuleList(items=[_rule(one, request.now) for one in queries.pool_members(_known(household_id).id)])


@writes(
    router,
    "PUT",
    "/households/{household_id}/pool-rules/{customer_id}",
    scope=P.POINTS_CONFIGURE,
    response=PoolRuleOut,
)
def set_pool_rule(
    request: ApiRequest, household_id: Path[UUID], customer_id: Path[UUID], rule: PoolRuleIn
) -> PoolRuleOut:
    """Say whether a member may spend from the household's pool of a currency, and how much in a calendar period."""
    household = _known(household_id)
    made = ledger.set_pool_member(
        actor=request.auth,
        now=request.now,
        household_id=household.id,
        member_id=_member(household, customer_id),
        currency=rule.currency,
        may_spend=rule.may_spend,
        limit=rule.limit,
        period=rule.period,
    )
    return _rule(made, request.now)


def _known(household_id: UUID) -> Household:
    household = customers.household_or_none(household_id)
    if household is None:
        raise HouseholdNotFoundError
    return household


def _member(household: Household, customer_id: UUID) -> UUID:
    """Return the canonical record of somebody who belongs to the household.

    Raises:
        HouseholdRefusedError: the customer does not belong to it.
    """
    canonical = customers.customer(customer_id).id
    belonging = customers.household_members([household.id])[household.id]
    if not any(person.id == canonical for person, _role in belonging):
        raise HouseholdRefusedError(
            _("This person does not belong to the household."), field="customer_id", value=str(customer_id)
        )
    return canonical


def _shown(household: Household, actor: Actor) -> HouseholdOut:
    belonging = customers.household_members([household.id])[household.id]
    roles: dict[str, HouseholdRole] = {role: role for role in get_args(HouseholdRole)}
    return HouseholdOut(
        id=household.id,
        name="" if customer_views.is_masked(actor) else household.name,
        members=[
            HouseholdPersonOut(customer_id=person.id, role=roles[place.role], joined_at=place.joined_at)
            for person, place in belonging
        ],
    )


def _rule(one: PoolMember, now: datetime) -> PoolRuleOut:
    return PoolRuleOut(
        customer_id=one.member_id,
        currency=one.currency.code,
        may_spend=one.may_spend,
        limit=one.limit,
        period=PoolPeriod(one.period),
        left=queries.pool_share(one.owner_id, one.member_id, one.currency.code, now=now),
    )
