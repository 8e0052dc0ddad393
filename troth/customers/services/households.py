"""People who live, and may earn, together."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events
from troth.ledger import queries as ledger_queries
from troth.ledger import services as ledger

from ..errors import HouseholdRefusedError
from ..models import Customer, Household, HouseholdMember
from ..visible import visible
from .records import locked_customer, record_ids

ROLES = ("head", "member", "child")


@transaction.atomic
def make_household(*, actor: Actor, now: datetime, head_id: UUID, name: str = "") -> Household:
    """Make a household with its head.

    Raises:
        CustomerNotFoundError, CustomerErasedError: see `update_customer`.
        HouseholdRefusedError: the customer belongs to a household already.
    """
    household = Household.objects.create(name=visible(name)[:120], created_at=now)
    join_household(actor=actor, now=now, customer_id=head_id, household_id=household.id, role="head")
    return household


@transaction.atomic
def join_household(
    *, actor: Actor, now: datetime, customer_id: UUID, household_id: UUID, role: str = "member"
) -> HouseholdMember:
    """Put a customer into a household; a customer is in one at most, a household has one head.

    Raises:
        CustomerNotFoundError, CustomerErasedError: see `update_customer`.
        HouseholdRefusedError: unknown household or role, in another household, or the head is there already.
    """
    customer = locked_customer(customer_id)
    _locked(household_id)
    if role not in ROLES:
        message = _("“%(role)s” is not a role in a household; use one of: %(roles)s.")
        raise HouseholdRefusedError(message % {"role": role, "roles": ", ".join(ROLES)}, field="role", value=role)
    if _place_of(customer) is not None:
        raise HouseholdRefusedError(
            _("This customer belongs to a household already; leave that one first."), field="household"
        )
    if role == "head" and HouseholdMember.objects.filter(household_id=household_id, role="head").exists():
        raise HouseholdRefusedError(_("The household has a head already."), field="role", value=role)
    member = HouseholdMember.objects.create(owner_id=customer.id, household_id=household_id, role=role, joined_at=now)
    data = {"household": str(household_id), "role": role}
    events.append("customers.household.joined", actor=actor, now=now, customer_id=customer.id, data=data)
    return member


@transaction.atomic
def leave_household(*, actor: Actor, now: datetime, customer_id: UUID) -> None:
    """Take a customer out of the household and of its pools; an empty one is removed, unless its pool was used.

    Raises:
        CustomerNotFoundError, CustomerErasedError: see `update_customer`.
        HouseholdRefusedError: the customer is in none.
    """
    customer = locked_customer(customer_id)
    member = _place_of(customer)
    if member is None:
        raise HouseholdRefusedError(_("This customer belongs to no household."), field="household")
    member.delete()
    ledger.leave_pools(actor=actor, now=now, member_ids=record_ids(customer.id), household_id=member.household_id)
    others = HouseholdMember.objects.filter(household_id=member.household_id)
    if not others.exists() and not ledger_queries.has_account(member.household_id):
        Household.objects.filter(id=member.household_id).delete()
    data = {"household": str(member.household_id)}
    events.append("customers.household.left", actor=actor, now=now, customer_id=customer.id, data=data)


@transaction.atomic
def rename_household(*, actor: Actor, now: datetime, household_id: UUID, name: str) -> Household:
    """Give a household another name, or none; the same name is no change.

    Raises:
        HouseholdRefusedError: there is no such household.
    """
    household = _locked(household_id)
    wanted = visible(name)[:120]
    if wanted != household.name:
        household.name = wanted
        household.save(update_fields=["name"])
        events.append("customers.household.renamed", actor=actor, now=now, data={"household": str(household_id)})
    return household


@transaction.atomic
def make_head(*, actor: Actor, now: datetime, customer_id: UUID) -> HouseholdMember:
    """Let a member be the head of the household; who was it becomes a member.

    Raises:
        CustomerNotFoundError, CustomerErasedError: see `update_customer`.
        HouseholdRefusedError: the customer is in none.
    """
    customer = locked_customer(customer_id)
    member = _place_of(customer)
    if member is None:
        raise HouseholdRefusedError(_("This customer belongs to no household."), field="household")
    _locked(member.household_id)
    if member.role != "head":
        heads = HouseholdMember.objects.filter(household_id=member.household_id, role="head")
        for former in heads:
            _set_role(former, "member", actor=actor, now=now)
        _set_role(member, "head", actor=actor, now=now)
    return member


def _place_of(customer: Customer) -> HouseholdMember | None:
    """Return the place of the customer, or of a record that was merged into it."""
    merged = Customer.objects.filter(canonical_id=customer.id).values_list("id", flat=True)
    places = HouseholdMember.objects.filter(owner_id__in=[customer.id, *merged])
    return min(places, key=lambda place: (place.owner_id != customer.id, place.pk), default=None)


def _set_role(member: HouseholdMember, role: str, *, actor: Actor, now: datetime) -> None:
    member.role = role
    member.save(update_fields=["role"])
    data = {"household": str(member.household_id), "role": role}
    events.append("customers.household.role_changed", actor=actor, now=now, customer_id=member.owner_id, data=data)


def _locked(household_id: UUID) -> Household:
    household = Household.objects.select_for_update().filter(id=household_id).first()
    if household is None:
        raise HouseholdRefusedError(_("There is no household %(id)s.") % {"id": household_id}, field="household")
    return household
