"""Reading the company, its stores and people."""

from .errors import CompanyMissingError
from .models import Company


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
