"""Reading the company, its stores and people."""

from django.db.models import QuerySet

from .errors import CompanyMissingError
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


def stores() -> QuerySet[Store]:
    """Return every store, by name; closed ones too, since old orders name them."""
    return Store.objects.order_by("name", "code")


def people() -> QuerySet[StaffMember]:
    """Return everybody who works or worked here, by name."""
    return StaffMember.objects.order_by("name", "code")
