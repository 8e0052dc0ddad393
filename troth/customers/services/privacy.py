"""Handing a customer all data kept of them, and erasing them on request."""

from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from django.db import models, transaction

from troth.access.actors import Actor
from troth.events import services as events
from troth.jobs import services as jobs
from troth.kit.deadlocks import again_after_deadlock
from troth.kit.tables import DataClass

from .. import hooks, search_terms
from ..models import (
    Consent,
    Customer,
    CustomerAttribute,
    CustomerTag,
    DuplicateSuggestion,
    HouseholdMember,
    Identity,
    Merge,
)
from .records import locked_customer, record_ids

FORGET_ANSWERS = "customers.forget_answers"


@transaction.atomic
def export_customer(*, actor: Actor, now: datetime, customer_id: UUID) -> dict[str, Any]:
    """Return everything kept of a customer, by section, as plain values that JSON can hold.

    Raises:
        CustomerNotFoundError, CustomerErasedError: see `update_customer`.
    """
    customer = locked_customer(customer_id)
    records = record_ids(customer.id)
    owned: dict[str, models.QuerySet[Any]] = {
        "records": Customer.objects.filter(id__in=records),
        "identities": Identity.objects.filter(owner_id__in=records),
        "attributes": CustomerAttribute.objects.filter(owner_id__in=records),
        "tags": CustomerTag.objects.filter(owner_id__in=records),
        "consents": Consent.objects.filter(owner_id__in=records),
        "household": HouseholdMember.objects.filter(owner_id__in=records),
    }
    sections: dict[str, Any] = {name: [_plain(row) for row in rows] for name, rows in owned.items()}
    sections |= {step.name: step.export(records) for step in hooks.export_steps()}
    data = {"sections": sorted(sections)}
    events.append("customers.customer.data_exported", actor=actor, now=now, customer_id=customer.id, data=data)
    return sections


def erase_customer(*, actor: Actor, now: datetime, customer_id: UUID) -> Customer:
    """Erase the personal data of a customer and of the records merged into it; orders and totals stay,
    nameless.

    The acts of consent stay as proof that they happened, without their words. It cannot be undone.

    Raises:
        CustomerNotFoundError, CustomerErasedError: see `update_customer`.
    """
    return again_after_deadlock(partial(_erase, actor, now, customer_id))


@transaction.atomic
def _erase(actor: Actor, now: datetime, customer_id: UUID) -> Customer:
    customer = locked_customer(customer_id)
    records = record_ids(customer.id)
    Customer.objects.filter(id__in=records).update(**_blank(Customer), erased_at=now, updated_at=now)
    Identity.objects.filter(owner_id__in=records).delete()
    CustomerAttribute.objects.filter(owner_id__in=records).delete()
    CustomerTag.objects.filter(owner_id__in=records).delete()
    HouseholdMember.objects.filter(owner_id__in=records).delete()
    Consent.objects.filter(owner_id__in=records).update(**_blank(Consent))
    Merge.objects.filter(owner_id__in=records).update(journal={})
    DuplicateSuggestion.objects.filter(left_id__in=records).delete()
    DuplicateSuggestion.objects.filter(right_id__in=records).delete()
    search_terms.remove(records)
    for step in hooks.erasure_steps():
        step.erase(records, actor, now)
    data = {"records": [str(record) for record in records]}
    jobs.enqueue(FORGET_ANSWERS, actor=actor, now=now, payload=data)  # nothing finds those answers but reading them all
    events.append("customers.customer.erased", actor=actor, now=now, customer_id=customer.id, data=data)
    customer.refresh_from_db()
    return customer


def _blank(model: type[Customer | Consent]) -> dict[str, Any]:
    """Return the empty value of each field that the model's map calls personal or sensitive."""
    private = [name for name, data_class in model.data_map.items() if data_class != DataClass.BUSINESS]
    return {name: _empty(model._meta.get_field(name)) for name in private}


def _empty(field: Any) -> Any:
    if field.null:
        return None
    return False if isinstance(field, models.BooleanField) else ""


def _plain(row: models.Model) -> dict[str, Any]:
    return {field.attname: _json_value(getattr(row, field.attname)) for field in row._meta.concrete_fields}


def _json_value(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID | Decimal) else value
