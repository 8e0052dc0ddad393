"""People who live, and may earn, together."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events

from ..errors import HouseholdRefusedError
from ..models import Household, HouseholdMember
from .records import locked_customer

ROLES = ("head", "member", "child")


@transaction.atomic
def make_household(*, actor: Actor, now: datetime, head_id: UUID, name: str = "") -> Household:
    """Make a household with its head.

    Raises:
        CustomerNotFoundError, CustomerErasedError: see `update_customer`.
        HouseholdRefusedError: the customer belongs to a household already.
    """
    household = Household.objects.create(name=name.strip()[:120], created_at=now)
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
    household = Household.objects.select_for_update().filter(id=household_id).first()
    if household is None:
        raise HouseholdRefusedError(_("There is no household %(id)s.") % {"id": household_id}, field="household")
    if role not in ROLES:
        message = _("“%(role)s” is not a role in a household; use one of: %(roles)s.")
        raise HouseholdRefusedError(message % {"role": role, "roles": ", ".join(ROLES)}, field="role", value=role)
    if HouseholdMember.objects.filter(owner_id=customer.id).exists():
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
    """Take a customer out of the household; an empty household is removed.

    Raises:
        CustomerNotFoundError, CustomerErasedError: see `update_customer`.
        HouseholdRefusedError: the customer is in none.
    """
    customer = locked_customer(customer_id)
    member = HouseholdMember.objects.filter(owner_id=customer.id).first()
    if member is None:
        raise HouseholdRefusedError(_("This customer belongs to no household."), field="household")
    member.delete()
    if not HouseholdMember.objects.filter(household_id=member.household_id).exists():
        Household.objects.filter(id=member.household_id).delete()
    data = {"household": str(member.household_id)}
    events.append("customers.household.left", actor=actor, now=now, customer_id=customer.id, data=data)
