"""Reading the company, its stores and people."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from troth.kit.natural import natural_order

from .errors import CompanyMissingError, StaffNotFoundError
from .models import Company, StaffMember, Store


def company() -> Company:
    """Return the company.

    Raises:
        CompanyMissingError: nothing was set up yet.
    """
    found = Company.objects.first()
    if found is None:
        raise CompanyMissingError
    return found


def company_or_none() -> Company | None:
    """Return the company, or None before set-up."""
    return Company.objects.first()


def moment(now: datetime) -> datetime:
    """Return what counts as now: the day that a demonstration stands still on; `now` itself before set-up."""
    found = company_or_none()
    return found.moment(now) if found else now


def stores() -> QuerySet[Store]:
    """Return every store, by name; closed ones too, since old orders name them."""
    return Store.objects.order_by(*natural_order("name"), "code")


def people() -> QuerySet[StaffMember]:
    """Return everybody who works or worked here, by name."""
    return StaffMember.objects.order_by("name", "code")


def stores_with_people() -> QuerySet[Store]:
    """Return every store, the open ones first; `people_count` tells how many work there now."""
    present = Count("people", filter=Q(people__left_date=None))
    return Store.objects.annotate(people_count=present).order_by("-is_active", *natural_order("name"), "code")


def store(code: str) -> Store:
    """Return the store of the code.

    Raises:
        StaffNotFoundError: no such store.
    """
    found = Store.objects.filter(code=code).first()
    if found is None:
        raise StaffNotFoundError(code)
    return found


def member(code: str) -> StaffMember:
    """Return the member of staff of the staff number.

    Raises:
        StaffNotFoundError: nobody has it.
    """
    found = StaffMember.objects.select_related("store", "user").filter(code=code).first()
    if found is None:
        raise StaffNotFoundError(code)
    return found


def zones_of_people() -> dict[UUID, str]:
    """Return the time zone of the store of each member of staff, of those whose store has one of its own."""
    rows = StaffMember.objects.exclude(store=None).exclude(store__time_zone="")
    return dict(rows.values_list("id", "store__time_zone"))


def stores_by_code(codes: Iterable[str]) -> dict[str, int]:
    """Return the ids of those of the stores that exist."""
    return dict(Store.objects.filter(code__in=set(codes)).values_list("code", "id"))


def members_by_code(codes: Iterable[str]) -> dict[str, UUID]:
    """Return the ids of those of the staff numbers that exist."""
    return dict(StaffMember.objects.filter(code__in=set(codes)).values_list("code", "id"))
