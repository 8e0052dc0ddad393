"""Customers: list, find, add, change; what identifies and describes them; merges."""

from typing import Annotated
from uuid import UUID

from ninja import Path, Query, Router
from pydantic import BaseModel, Field, StringConstraints

from troth.access.permissions import Permission
from troth.customers import queries, services
from troth.customers.errors import CustomerNotFoundError
from troth.customers.models import CustomerKind, Identity, IdentityKind
from troth.customers.queries import CustomerFilter
from troth.customers.services import CustomerFields, NewIdentity
from troth.messaging import services as messaging
from troth.segments import queries as segments

from ..fields import NO_NUL, Country, Day, Moment, Text64, Text80, Text100
from ..keys import ApiRequest
from ..operations import Reply, reads, writes
from ..paging import PagingQuery, page
from . import customer_views as views
from .customer_schemas import (
    AttributeCode,
    AttributeDefinitionIn,
    AttributeDefinitionOut,
    AttributeDefinitions,
    AttributesIn,
    AttributeValues,
    ConsentActOut,
    ConsentHistory,
    ConsentIn,
    CustomerChange,
    CustomerDetail,
    CustomerFieldsIn,
    CustomerIn,
    CustomerPage,
    IdentityOut,
    IdentityRef,
    MergeIn,
    MergeList,
    MergeOut,
    TagIn,
    TagName,
    TagNames,
)

router = Router(tags=["Customers"])
MAX_ACTS = 500

SourcePart = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_NUL)]
ExternalIdPart = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NUL)]


class CustomerNarrowing(BaseModel):
    """What a list of customers is narrowed to."""

    text: Text100 = Field("", description="Name, pinyin, phone or its last digits, e-mail, card or external id.")
    customer_kind: CustomerKind | None = Field(None, description="Persons or companies only.")
    country: Country = Field("", description="ISO 3166 code.")
    city: Text80 = Field("", description="City, as stored.")
    source: Text64 = Field("", description="Where the customers came from.")
    tag: Text64 = Field("", description="Name of a tag.")
    segment_id: UUID | None = Field(None, description="Stored members of this segment.")
    joined_from: Day | None = Field(None, description="Customer since this day or later.")
    joined_to: Day | None = Field(None, description="Customer since this day or earlier.")
    updated_from: Moment | None = Field(None, description="Changed at this moment or later: for keeping a copy.")
    has_phone: bool | None = Field(None, description="With or without a phone number.")
    has_email: bool | None = Field(None, description="With or without an e-mail address.")


@reads(router, "/customers", scope=Permission.CUSTOMERS_VIEW, response=CustomerPage)
def list_customers(
    request: ApiRequest, narrowing: Annotated[CustomerNarrowing, Query(...)], paging: PagingQuery
) -> CustomerPage:
    """List customers.

    In the order in which they were added; merged and erased ones are left out. An unknown tag finds nobody.
    Without customers.view_personal, `text` finds people by a whole identity or the last four digits only, and
    `city` is refused.
    """
    found = queries.customers_matching(_filter(narrowing, sees_personal=not views.is_masked(request.auth)))
    if narrowing.tag and not _tag_ids(narrowing.tag):
        found = found.none()
    if narrowing.updated_from:
        found = found.filter(updated_at__gte=narrowing.updated_from)
    rows, cursor = page(found, paging, keys=("id",))
    return CustomerPage(items=views.many(rows, request.auth), next_cursor=cursor)


@reads(router, "/customers/find", method="POST", scope=Permission.CUSTOMERS_VIEW, response=CustomerDetail)
def find_customer(request: ApiRequest, identity: IdentityRef) -> CustomerDetail:
    """Find the customer whom a phone, e-mail, card, openid or external id belongs to.

    The identity stands in the body, so that no phone number gets into anybody's access log. Nothing changes.
    """
    found = queries.customer_by_identity(identity.kind, identity.value, source=identity.source)
    if found is None:
        raise CustomerNotFoundError(identity.kind)
    return views.detail(found, request.auth)


@reads(router, "/customers/{customer_id}", scope=Permission.CUSTOMERS_VIEW, response=CustomerDetail)
def get_customer(request: ApiRequest, customer_id: Path[UUID]) -> CustomerDetail:
    """Get a customer.

    The id of a merged record leads to the canonical one.
    """
    return views.detail(queries.customer(customer_id), request.auth)


@writes(router, "POST", "/customers", scope=Permission.CUSTOMERS_EDIT, response=CustomerDetail, status=201)
def create_customer(request: ApiRequest, customer: CustomerIn) -> CustomerDetail:
    """Add a customer.

    Refused with 409 if another customer holds one of the identities; the problem's fields name that customer.
    """
    identities = [NewIdentity(one.kind, one.value, one.source) for one in customer.identities]
    made = services.create_customer(actor=request.auth, now=request.now, identities=identities, **_given(customer))
    return views.detail(made, request.auth)


@writes(router, "PATCH", "/customers/{customer_id}", scope=Permission.CUSTOMERS_EDIT, response=CustomerDetail)
def update_customer(request: ApiRequest, customer_id: Path[UUID], change: CustomerChange) -> CustomerDetail:
    """Change fields of a customer.

    Only the fields that are there change. With expected_revision, a change made from an outdated copy is
    refused with 409.
    """
    changed = services.update_customer(
        actor=request.auth,
        now=request.now,
        customer_id=customer_id,
        expected_revision=change.expected_revision,
        **_given(change),
    )
    return views.detail(changed, request.auth)


@writes(
    router,
    "PUT",
    "/customers/external/{source}/{path:external_id}",
    scope=Permission.CUSTOMERS_EDIT,
    response=CustomerDetail,
    other_statuses=(201,),
)
def upsert_customer(
    request: ApiRequest,
    source: Path[SourcePart],
    external_id: Path[ExternalIdPart],
    customer: CustomerFieldsIn,
) -> Reply:
    """Add or change the customer of an external id.

    The customer that `source` calls so is changed, only in the fields that are there; if there is none, it is
    added (201).
    """
    existing = queries.customer_by_identity(IdentityKind.EXTERNAL, external_id, source=source)
    if existing is not None:
        changed = services.update_customer(
            actor=request.auth, now=request.now, customer_id=existing.id, **_given(customer)
        )
        return Reply(200, views.detail(changed, request.auth))
    identity = NewIdentity(IdentityKind.EXTERNAL, external_id, source)
    made = services.create_customer(actor=request.auth, now=request.now, identities=[identity], **_given(customer))
    return Reply(201, views.detail(made, request.auth))


@writes(
    router,
    "POST",
    "/customers/{customer_id}/identities",
    scope=Permission.CUSTOMERS_EDIT,
    response=IdentityOut,
    status=201,
)
def add_identity(request: ApiRequest, customer_id: Path[UUID], identity: IdentityRef) -> IdentityOut:
    """Let a customer be recognised by one more thing.

    What is there already is given back. Refused with 409 if another customer holds it.
    """
    added: Identity = services.add_identity(
        actor=request.auth,
        now=request.now,
        customer_id=customer_id,
        kind=identity.kind,
        value=identity.value,
        source=identity.source,
    )
    return views.identity(added, request.auth)


@writes(
    router,
    "DELETE",
    "/customers/{customer_id}/identities/{identity_id}",
    scope=Permission.CUSTOMERS_EDIT,
    status=204,
)
def remove_identity(
    request: ApiRequest, customer_id: Path[UUID], identity_id: Annotated[int, Path(ge=1, le=2**63 - 1)]
) -> None:
    """Stop recognising a customer by an identity; it is free for another one then."""
    services.remove_identity(actor=request.auth, now=request.now, customer_id=customer_id, identity_id=identity_id)


@writes(router, "POST", "/customers/{customer_id}/tags", scope=Permission.CUSTOMERS_EDIT, response=TagNames)
def add_tag(request: ApiRequest, customer_id: Path[UUID], tag: TagIn) -> TagNames:
    """Put a tag on a customer.

    A new name makes a new tag. The answer lists all tags of the customer.
    """
    services.add_tag(actor=request.auth, now=request.now, customer_id=customer_id, name=tag.name)
    return TagNames(items=views.tag_names(customer_id))


@writes(
    router,
    "DELETE",
    "/customers/{customer_id}/tags/{name}",
    scope=Permission.CUSTOMERS_EDIT,
    response=TagNames,
)
def remove_tag(request: ApiRequest, customer_id: Path[UUID], name: Path[TagName]) -> TagNames:
    """Take a tag off a customer.

    Nothing happens if it is not on the customer. The answer lists the tags that stay.
    """
    queries.customer(customer_id)
    for tag_id in _tag_ids(name):
        services.remove_tag(actor=request.auth, now=request.now, customer_id=customer_id, tag_id=tag_id)
    return TagNames(items=views.tag_names(customer_id))


@reads(router, "/attributes", scope=Permission.CUSTOMERS_VIEW, response=AttributeDefinitions)
def list_attributes(request: ApiRequest) -> AttributeDefinitions:
    """List the attributes that the company keeps of its customers."""
    return AttributeDefinitions(items=[views.attribute_definition(row) for row in queries.attribute_definitions()])


@writes(router, "PUT", "/attributes/{code}", scope=Permission.CUSTOMERS_CONFIGURE, response=AttributeDefinitionOut)
def define_attribute(
    request: ApiRequest, code: Path[AttributeCode], definition: AttributeDefinitionIn
) -> AttributeDefinitionOut:
    """Define an attribute that the company keeps of its customers, or change it.

    The type of one that customers have cannot change, nor can a choice go that somebody has.
    """
    row = services.define_attribute(actor=request.auth, now=request.now, code=code, **definition.model_dump())
    return views.attribute_definition(row)


@writes(
    router,
    "PATCH",
    "/customers/{customer_id}/attributes",
    scope=Permission.CUSTOMERS_EDIT,
    response=AttributeValues,
)
def set_attributes(request: ApiRequest, customer_id: Path[UUID], attributes: AttributesIn) -> AttributeValues:
    """Set attributes of a customer.

    Each value must fit the attribute's type; null removes one. If one is refused, none is set.
    """
    services.set_attributes(
        actor=request.auth, now=request.now, customer_id=customer_id, values=dict(attributes.values)
    )
    return AttributeValues(items=views.attributes(customer_id, request.auth))


@reads(router, "/customers/{customer_id}/consents", scope=Permission.CUSTOMERS_VIEW, response=ConsentHistory)
def list_consents(request: ApiRequest, customer_id: Path[UUID]) -> ConsentHistory:
    """List what a customer agreed to and withdrew."""
    acts = queries.consent_acts_of(customer_id)[:MAX_ACTS]
    return ConsentHistory(
        now=[views.consent(state) for state in queries.consents_of(customer_id)],
        acts=[views.consent_act(row, request.auth) for row in acts],
    )


@writes(
    router,
    "POST",
    "/customers/{customer_id}/consents",
    scope=Permission.CUSTOMERS_EDIT,
    response=ConsentActOut,
    status=201,
)
def record_consent(request: ApiRequest, customer_id: Path[UUID], consent: ConsentIn) -> ConsentActOut:
    """Record that a customer gave or withdrew consent.

    Acts are only ever added; the newest counts. Giving needs proof, withdrawing does not. What the rules of sending
    want confirmed by a link (double opt-in) is asked for with consent-requests instead, or said to be confirmed.
    """
    said = consent.model_dump()
    if not said.pop("confirmed") and consent.is_given:
        messaging.refuse_unconfirmed(
            customer_id=customer_id, purpose=consent.purpose.value, channel=consent.channel.value
        )
    act = services.record_consent(actor=request.auth, now=request.now, customer_id=customer_id, **said)
    return views.consent_act(act, request.auth)


@reads(router, "/customers/{customer_id}/merges", scope=Permission.CUSTOMERS_VIEW, response=MergeList)
def list_merges(request: ApiRequest, customer_id: Path[UUID]) -> MergeList:
    """List the merges that a customer's records took part in."""
    return MergeList(items=[views.merge(row) for row in queries.merges_of(customer_id)])


@writes(
    router,
    "POST",
    "/customers/{customer_id}/merges",
    scope=Permission.CUSTOMERS_MERGE,
    response=MergeOut,
    status=201,
)
def merge_customers(request: ApiRequest, customer_id: Path[UUID], merge: MergeIn) -> MergeOut:
    """Make two records one customer.

    The record in the address stays canonical, the other links to it. Nothing is rewritten, it can be undone.
    """
    row = services.merge(
        actor=request.auth,
        now=request.now,
        canonical_id=customer_id,
        merged_id=merge.merged_id,
        reason=merge.reason,
    )
    return views.merge(row)


@writes(router, "POST", "/merges/{merge_id}/undo", scope=Permission.CUSTOMERS_MERGE, response=MergeOut)
def undo_merge(request: ApiRequest, merge_id: Path[UUID]) -> MergeOut:
    """Undo a merge.

    Both records are customers again, each with what was its own.
    """
    return views.merge(services.unmerge(actor=request.auth, now=request.now, merge_id=merge_id))


def _filter(narrowing: CustomerNarrowing, *, sees_personal: bool) -> CustomerFilter:
    tag_ids = _tag_ids(narrowing.tag) if narrowing.tag else []
    among = None
    if narrowing.segment_id is not None:
        among = segments.member_ids(segments.segment(narrowing.segment_id).id)
    return CustomerFilter(
        text=narrowing.text,
        customer_kind=narrowing.customer_kind or "",
        country=narrowing.country,
        city=narrowing.city,
        source=narrowing.source,
        tag_id=tag_ids[0] if tag_ids else None,
        joined_from=narrowing.joined_from,
        joined_to=narrowing.joined_to,
        has_phone=narrowing.has_phone,
        has_email=narrowing.has_email,
        among=among,
        sees_personal=sees_personal,
    )


def _tag_ids(name: str) -> list[int]:
    return [tag.pk for tag in queries.all_tags().filter(name=" ".join(name.split()))]


def _given(body: CustomerFieldsIn) -> CustomerFields:
    """Return the customer's fields that the caller sent."""
    sent = body.model_dump(exclude_unset=True, include=set(CustomerFieldsIn.model_fields))
    fields: CustomerFields = {**sent}  # type: ignore[typeddict-item]  # the schema names the same fields
    return fields
