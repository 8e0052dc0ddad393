"""Customers as the API shows them, masked for keys that may not see personal data."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.customers import queries as customers
from troth.customers.models import (
    AttributeDefinition,
    AttributeType,
    Consent,
    ConsentChannel,
    ConsentPurpose,
    Customer,
    Identity,
    IdentityKind,
    Merge,
)
from troth.customers.queries import AttributeState, ConsentState

from ..fields import number_text
from .customer_schemas import (
    AttributeDefinitionOut,
    AttributeValueOut,
    ConsentActOut,
    ConsentOut,
    CustomerDetail,
    CustomerOut,
    IdentityOut,
    MergeOut,
)

OPEN_FIELDS = (
    "id",
    "customer_kind",
    "is_lunar_birthday",
    "language",
    "time_zone",
    "country",
    "joined_date",
    "source",
    "staff_owner_id",
    "revision",
    "created_at",
    "updated_at",
)
EMPTIED_FIELDS = ("gender", "region", "city", "district", "street", "postcode")


def is_masked(actor: Actor) -> bool:
    """Tell whether personal data are masked for the actor."""
    return not actor.may(Permission.CUSTOMERS_VIEW_PERSONAL)


def many(rows: Sequence[Customer], actor: Actor) -> list[CustomerOut]:
    """Return customers with their primary phone and e-mail and their tags, in a fixed number of queries."""
    ids = [row.id for row in rows]
    identities = customers.primary_identities(ids, ["phone", "email"])
    tags = customers.tags_of_many(ids)
    return [
        CustomerOut(
            **_fields(row, actor),
            **_reached_by(identities.get(row.id, {}), actor),
            tags=[tag.name for tag in tags.get(row.id, [])],
        )
        for row in rows
    ]


def detail(customer: Customer, actor: Actor) -> CustomerDetail:
    """Return everything known of a customer itself."""
    primary = customers.primary_identities([customer.id], ["phone", "email"])
    return CustomerDetail(
        **_fields(customer, actor),
        **_reached_by(primary.get(customer.id, {}), actor),
        tags=tag_names(customer.id),
        record_ids=customers.record_ids(customer.id),
        identities=[identity(row, actor) for row in customers.identities_of(customer.id)],
        attributes=attributes(customer.id, actor),
        consents=[consent(state) for state in customers.consents_of(customer.id)],
    )


def tag_names(customer_id: UUID) -> list[str]:
    """Return the names of the customer's tags."""
    return [tag.name for tag in customers.tags_of(customer_id)]


def attributes(customer_id: UUID, actor: Actor) -> list[AttributeValueOut]:
    """Return the customer's attributes; the values of personal ones only to whom may see them."""
    return [_attribute(state, actor) for state in customers.attributes_of(customer_id)]


def identity(row: Identity, actor: Actor) -> IdentityOut:
    """Return one identity."""
    masked = is_masked(actor)
    return IdentityOut(
        id=row.pk,
        kind=IdentityKind(row.identity_kind),
        source=row.source,
        value=customers.mask_identity(row.identity_kind, row.value) if masked else row.value,
        is_primary=row.is_primary,
        verified_at=row.verified_at,
    )


def consent(state: ConsentState) -> ConsentOut:
    """Return what holds for one purpose and channel."""
    return ConsentOut(
        purpose=state.purpose,
        channel=state.channel,
        is_given=state.is_given,
        source=state.act.source,
        occurred_at=state.act.occurred_at,
    )


def consent_act(row: Consent, actor: Actor) -> ConsentActOut:
    """Return one act with its proof."""
    return ConsentActOut(
        id=row.id,
        purpose=ConsentPurpose(row.purpose),
        channel=ConsentChannel(row.channel),
        is_given=row.is_given,
        source=row.source,
        proof=None if is_masked(actor) else row.proof,
        wording_version=row.wording_version,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
    )


def merge(row: Merge) -> MergeOut:
    """Return one merge."""
    return MergeOut(
        id=row.id,
        canonical_id=row.owner_id,
        merged_id=row.merged_id,
        reason=row.reason,
        merged_at=row.merged_at,
        unmerged_at=row.unmerged_at,
    )


def _fields(row: Customer, actor: Actor) -> dict[str, Any]:
    masked = is_masked(actor)
    fields: dict[str, Any] = {name: getattr(row, name) for name in OPEN_FIELDS}
    fields |= {name: "" if masked else getattr(row, name) for name in EMPTIED_FIELDS}
    for name in ("name", "family_name", "given_name"):
        value = getattr(row, name)
        fields[name] = customers.mask_name(value) if masked and value else value
    fields["birth_date"] = None if masked else row.birth_date
    return fields | {"is_erased": row.erased_at is not None, "is_masked": masked}


def _reached_by(primary: dict[str, str], actor: Actor) -> dict[str, Any]:
    masked = is_masked(actor)
    return {
        kind: customers.mask_identity(kind, value) if masked and (value := primary.get(kind)) else primary.get(kind)
        for kind in ("phone", "email")
    }


def _attribute(state: AttributeState, actor: Actor) -> AttributeValueOut:
    value = state.value
    if state.definition.is_personal and is_masked(actor):
        shown: str | bool | None = None
    elif isinstance(value, Decimal):
        shown = number_text(value)
    elif value is None or isinstance(value, bool | str):
        shown = value
    else:
        shown = str(value)
    return AttributeValueOut(code=state.definition.code, value=shown)


def attribute_definition(row: AttributeDefinition) -> AttributeDefinitionOut:
    """Return what an attribute is called and what it holds."""
    return AttributeDefinitionOut(
        code=row.code,
        label=row.label,
        label_zh=row.label_zh,
        attribute_type=AttributeType(row.attribute_type),
        choices=[str(choice) for choice in row.choices],
        unit=row.unit,
        is_personal=row.is_personal,
        is_active=row.is_active,
    )
