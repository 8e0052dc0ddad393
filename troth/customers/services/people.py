"""Adding and changing people and companies."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal, TypedDict, Unpack
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events
from troth.kit import clock
from troth.kit.ids import new_id

from .. import search_terms
from ..errors import CustomerChangedError, CustomerRefusedError
from ..identifying import NewIdentity
from ..matching.names import has_han, split_han
from ..models import Customer, CustomerKind
from ..visible import visible
from .duplicates import suggest_duplicate
from .identities import attach, company_country, normalized_all, taken_by_others
from .records import locked_customer

OnTaken = Literal["refuse", "suggest"]
OLDEST_YEARS = 130


class CustomerFields(TypedDict, total=False):
    """The fields of a customer that may be given; what is left out keeps its value."""

    customer_kind: str
    name: str
    family_name: str
    given_name: str
    birth_date: date | None
    is_lunar_birthday: bool
    gender: str
    language: str
    time_zone: str
    country: str
    region: str
    city: str
    district: str
    street: str
    postcode: str
    joined_date: date | None
    source: str
    staff_owner_id: UUID | None
    is_made_up: bool


@transaction.atomic
def create_customer(
    *,
    actor: Actor,
    now: datetime,
    identities: Sequence[NewIdentity] = (),
    on_taken: OnTaken = "refuse",
    customer_id: UUID | None = None,
    **fields: Unpack[CustomerFields],
) -> Customer:
    """Add a customer with what identifies it.

    on_taken: what to do when another customer holds one of the identities. "refuse" adds nothing;
    "suggest" adds the customer without that identity and lists the two as a suspected duplicate, for a
    person to decide.

    Raises:
        CustomerRefusedError: a field breaks its rule, or there is neither a name nor an identity.
        IdentityRefusedError: an identity cannot be read.
        IdentityTakenError: another customer holds an identity, and on_taken is "refuse".
    """
    customer = Customer(id=customer_id or new_id(), created_at=now, updated_at=now)
    apply_fields(customer, fields)
    wanted = normalized_all(identities, country=customer.country or company_country())
    if not customer.name and not wanted:
        raise CustomerRefusedError(
            _("Give at least a name, a phone number, an e-mail address or a card."), field="name"
        )
    _check(customer, now)
    taken = taken_by_others(wanted, customer_id=customer.id)
    free = [identity for identity in wanted if identity not in taken]
    if taken and on_taken == "refuse":
        free = wanted  # `attach` refuses, naming the holder
    customer.save(force_insert=True)
    search_terms.replace(customer)
    attach(free, customer_id=customer.id, now=now)
    events.append(
        "customers.customer.created",
        actor=actor,
        now=now,
        customer_id=customer.id,
        data={"source": customer.source},
    )
    for identity, holder in taken.items():
        suggest_duplicate(customer.id, holder, identity_kind=identity.kind, now=now)
    return customer


@transaction.atomic
def update_customer(
    *,
    actor: Actor,
    now: datetime,
    customer_id: UUID,
    expected_revision: int | None = None,
    **fields: Unpack[CustomerFields],
) -> Customer:
    """Change fields of a customer; nothing happens if nothing differs.

    expected_revision: the revision the change was made from; left out, the last one wins.

    Raises:
        CustomerNotFoundError: no such customer.
        CustomerErasedError: its data were erased.
        CustomerChangedError: somebody else changed it meanwhile.
        CustomerRefusedError: a field breaks its rule.
    """
    customer = locked_customer(customer_id)
    if expected_revision is not None and customer.revision != expected_revision:
        message = _("Somebody else changed this customer meanwhile. Look at the new data, then change them again.")
        raise CustomerChangedError(message, expected=expected_revision, revision=customer.revision)
    before = {field: getattr(customer, field) for field in CustomerFields.__annotations__}
    apply_fields(customer, fields)
    changed = sorted(field for field, value in before.items() if getattr(customer, field) != value)
    if not changed:
        return customer
    _check(customer, now)
    customer.revision += 1
    customer.updated_at = now
    customer.save()
    search_terms.replace(customer)
    _append_change(customer, changed, actor=actor, now=now)
    return customer


@transaction.atomic
def note_list_export(*, actor: Actor, now: datetime, rows: int, columns: Iterable[str], filters: Iterable[str]) -> None:
    """Keep in the log who took a list of customers out, how many and which columns."""
    data = {"rows": rows, "columns": sorted(columns), "filters": sorted(filters)}
    events.append("customers.list.exported", actor=actor, now=now, data=data)


def _append_change(customer: Customer, changed: list[str], *, actor: Actor, now: datetime) -> None:
    data: dict[str, Any] = {"fields": changed}
    events.append("customers.customer.updated", actor=actor, now=now, customer_id=customer.id, data=data)
    if "staff_owner_id" in changed:
        data = {"staff_member": str(customer.staff_owner_id or "")}
        events.append("customers.owner.changed", actor=actor, now=now, customer_id=customer.id, data=data)


def apply_fields(customer: Customer, fields: CustomerFields) -> None:
    for field, value in fields.items():
        if field not in CustomerFields.__annotations__:
            raise CustomerRefusedError(_("A customer has no field “%(field)s”.") % {"field": field}, field=field)
        setattr(customer, field, visible(value) if isinstance(value, str) else value)
    _complete_name(
        customer,
        given_whole="name" in fields,
        given_parts=bool({"family_name", "given_name"} & fields.keys()),
    )
    customer.country = customer.country.upper()
    customer.search_key = search_terms.sort_key(customer)


def _complete_name(customer: Customer, *, given_whole: bool, given_parts: bool) -> None:
    """Fill the whole name from its parts; the parts from a whole Chinese name, where the order is known."""
    family, given = customer.family_name, customer.given_name
    if given_parts and not given_whole and (family or given):
        customer.name = f"{family}{given}" if has_han(family + given) else f"{given} {family}".strip()
    elif given_whole and not given_parts and customer.customer_kind == CustomerKind.PERSON:
        is_split = has_han(customer.name) and " " not in customer.name and len(customer.name) <= 5
        customer.family_name, customer.given_name = split_han(customer.name) if is_split else ("", "")


def _check(customer: Customer, now: datetime) -> None:
    if customer.country and not re.fullmatch(r"[A-Z]{2}", customer.country):
        message = _("“%(value)s” is not a country; use two letters, for example CN.") % {"value": customer.country}
        raise CustomerRefusedError(message, field="country", value=customer.country)
    if customer.time_zone and customer.time_zone not in clock.time_zones():
        message = _("“%(value)s” is not a time zone; use a name such as Asia/Shanghai.") % {"value": customer.time_zone}
        raise CustomerRefusedError(message, field="time_zone", value=customer.time_zone)
    _check_birthday(customer.birth_date, now)
    try:
        customer.clean_fields()
    except ValidationError as invalid:
        field, messages = next(iter(invalid.message_dict.items()))
        raise CustomerRefusedError(f"{field}: {messages[0]}", field=field, errors=invalid.message_dict) from invalid


def _check_birthday(birth_date: date | None, now: datetime) -> None:
    latest = now.date() + timedelta(days=1)  # tomorrow in UTC is today somewhere
    if (birth_date and not latest.year - OLDEST_YEARS <= birth_date.year <= latest.year) or (
        birth_date and birth_date > latest
    ):
        message = _("Birthday %(value)s: it lies in the future or more than %(limit)s years back.")
        raise CustomerRefusedError(
            message % {"value": birth_date.isoformat(), "limit": OLDEST_YEARS},
            field="birth_date",
            limit=OLDEST_YEARS,
        )
