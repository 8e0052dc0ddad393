"""Setting up the company, its stores and people."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events
from troth.kit import clock

from . import queries
from .errors import CompanyRefusedError, StaffRefusedError
from .models import Company, StaffMember, Store

COMPANY_FIELDS = ("name", "currency", "time_zone", "country", "language", "as_of_date")


@transaction.atomic
def set_up_company(
    *,
    actor: Actor,
    now: datetime,
    name: str,
    currency: str = "CNY",
    time_zone: str = "Asia/Shanghai",
    country: str = "CN",
    language: str = "en",
    as_of_date: date | None = None,
    is_demo: bool = False,
) -> Company:
    """Make the company this installation serves; called again, it returns the one that is there, unchanged.

    Raises:
        CompanyRefusedError: a field breaks its rule.
    """
    if existing := queries.company_or_none():
        return existing
    company = Company(
        name=name,
        currency=currency,
        time_zone=time_zone,
        country=country,
        language=language,
        as_of_date=as_of_date,
        is_demo=is_demo,
    )
    _check_company(company)
    company.save(force_insert=True)
    data = {"currency": currency, "time_zone": time_zone, "country": country}
    events.append("staff.company.set_up", actor=actor, now=now, data=data)
    return company


@transaction.atomic
def change_company(*, actor: Actor, now: datetime, **changes: Any) -> Company:
    """Change fields of the company, named as in `COMPANY_FIELDS`; nothing happens if nothing differs.

    Raises:
        CompanyMissingError: nothing was set up yet.
        CompanyRefusedError: a field is unknown or breaks its rule.
    """
    if unknown := changes.keys() - set(COMPANY_FIELDS):
        names = ", ".join(sorted(unknown))
        raise CompanyRefusedError(
            _("The company has no setting “%(names)s”.") % {"names": names}, fields=sorted(unknown)
        )
    company = Company.objects.select_for_update().get(id=queries.company().id)
    changed = sorted(field for field, value in changes.items() if getattr(company, field) != value)
    if not changed:
        return company
    for field in changed:
        setattr(company, field, changes[field])
    _check_company(company)
    company.save()
    events.append("staff.company.changed", actor=actor, now=now, data={"fields": changed})
    return company


@transaction.atomic
def save_store(
    *, actor: Actor, now: datetime, code: str, name: str, city: str = "", time_zone: str = "", is_active: bool = True
) -> Store:
    """Add the store of this code, or change it.

    Raises:
        StaffRefusedError: a field breaks its rule.
    """
    store = Store.objects.filter(code=code).first() or Store(code=code)
    is_new = store.pk is None
    store.name, store.city, store.time_zone, store.is_active = name, city, time_zone, is_active
    if time_zone:
        _check_zone(time_zone, StaffRefusedError)
    _clean(store, StaffRefusedError)
    store.save()
    events.append("staff.store.saved", actor=actor, now=now, data={"store": code, "is_new": is_new})
    return store


@transaction.atomic
def save_member(
    *,
    actor: Actor,
    now: datetime,
    code: str,
    name: str,
    job_title: str = "",
    store: Store | None = None,
    user_id: UUID | None = None,
    left_date: date | None = None,
) -> StaffMember:
    """Add the member of staff of this staff number, or change them.

    Raises:
        StaffRefusedError: a field breaks its rule, or the login belongs to somebody else.
    """
    member = StaffMember.objects.filter(code=code).first() or StaffMember(code=code)
    is_new = member._state.adding
    member.name, member.job_title, member.store, member.left_date = name, job_title, store, left_date
    member.user_id = user_id
    _clean(member, StaffRefusedError)
    member.save()
    events.append("staff.member.saved", actor=actor, now=now, data={"member": str(member.id), "is_new": is_new})
    return member


def _check_company(company: Company) -> None:
    _check_zone(company.time_zone, CompanyRefusedError)
    _clean(company, CompanyRefusedError)


def _check_zone(zone: str, error: type[CompanyRefusedError | StaffRefusedError]) -> None:
    if zone not in clock.time_zones():
        message = _("“%(value)s” is not a time zone; use a name such as %(example)s.")
        raise error(message % {"value": zone, "example": "Asia/Shanghai"}, field="time_zone", value=zone)


def _clean(row: models.Model, error: type[CompanyRefusedError | StaffRefusedError]) -> None:
    """Run the model's own rules; on refusal name the first field and all of them."""
    try:
        row.full_clean()
    except ValidationError as invalid:
        field, messages = next(iter(invalid.message_dict.items()))
        raise error(f"{field}: {messages[0]}", field=field, errors=invalid.message_dict) from invalid
