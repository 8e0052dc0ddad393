"""Reading the company, its stores and people."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from troth.kit.natural import natural_order
from troth.kit.statements import Written

from .errors import CompanyMissingError, StaffNotFoundError
from .models import Company, StaffMember, Store

_COMPANY = [field.attname for field in Company._meta.concrete_fields]
_COMPANIES = Written(lambda: Company.objects.order_by("id").values_list(*_COMPANY))
_STORE_IDS = Written(lambda codes: Store.objects.filter(code__among=codes).values_list("code", "id"))
_MEMBER_IDS = Written(lambda codes: StaffMember.objects.filter(code__among=codes).values_list("code", "id"))
_PLACES = Written(lambda: Store.objects.order_by().values_list("id", "time_zone", "city"))


def company() -> Company:
    """Return the company.

    Raises:
        CompanyMissingError: nothing was set up yet.
    """
    found = company_or_none()
    if found is None:
        raise CompanyMissingError
    return found


def company_or_none() -> Company | None:
    """Return the company, or None before set-up."""
    rows = _COMPANIES.fetch()
    return Company.from_db("default", _COMPANY, rows[0]) if rows else None


def moment(now: datetime) -> datetime:
    """Return what counts as now: the day that a demonstration stands still on; `now` itself before set-up."""
    found = company_or_none()
    return found.moment(now) if found else now


def stores() -> QuerySet[Store]:
    """Return every store, by name; closed ones too, since old orders name them."""
    return Store.objects.order_by(*natural_order("name"), "code")


def places() -> dict[int, tuple[str, str]]:
    """Return time zone and city of every store, by its id; each "" where it is not known."""
    return {store_id: (time_zone, city) for store_id, time_zone, city in _PLACES.fetch()}


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


def local_text(moment: datetime) -> str:
    """Return a moment as sentences of refusals name it: by the company's clock, such as 2026-03-01 18:00."""
    company = company_or_none()
    return f"{moment.astimezone(ZoneInfo(company.time_zone if company else 'UTC')):%Y-%m-%d %H:%M}"


def zones_of_people() -> dict[UUID, str]:
    """Return the time zone of the store of each member of staff, of those whose store has one of its own."""
    rows = StaffMember.objects.exclude(store=None).exclude(store__time_zone="")
    return dict(rows.values_list("id", "store__time_zone"))


def stores_by_code(codes: Iterable[str]) -> dict[str, int]:
    """Return the ids of those of the stores that exist."""
    wanted = set(codes)
    return dict(_STORE_IDS.fetch(wanted)) if wanted else {}


def members_by_code(codes: Iterable[str]) -> dict[str, UUID]:
    """Return the ids of those of the staff numbers that exist."""
    wanted = set(codes)
    return dict(_MEMBER_IDS.fetch(wanted)) if wanted else {}
