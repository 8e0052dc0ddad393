"""What the API says of customers. Personal fields are masked without the scope `customers.view_personal`."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from troth.customers.models import AttributeType, ConsentChannel, ConsentPurpose, CustomerKind, IdentityKind

from ..fields import (
    NO_NUL,
    NO_SLASH,
    Country,
    Day,
    Flag,
    Moment,
    MomentText,
    Request,
    Response,
    Text20,
    Text40,
    Text64,
    Text80,
    Text100,
    Text200,
    Text300,
    Whole,
    example,
)

Gender = Literal["female", "male", "other", ""]
IdentityValue = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NUL)]
IdentitySource = Annotated[str, StringConstraints(max_length=64, pattern=NO_SLASH)]
TagName = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=NO_NUL)]
AttributeCode = Annotated[str, StringConstraints(pattern=r"^[-a-zA-Z0-9_]{1,40}$")]
AttributeChoice = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=NO_NUL)]
AttributeInput = Flag | Whole | Text300 | None


class IdentityRef(Request):
    """By what a customer is recognised."""

    kind: IdentityKind = Field(description="What kind of thing it is.")
    value: IdentityValue = Field(description="Phones with the country code, or as written in the company's country.")
    source: IdentitySource = Field(
        "", description="The system that issued it: for cards, openids and external ids; without a slash."
    )


class CustomerFieldsIn(Request):
    """Fields of a customer; what is left out keeps its value."""

    model_config = example({"city": "上海", "language": "zh-hans"})

    customer_kind: CustomerKind = Field(CustomerKind.PERSON, description="A person or a company.")
    name: Text200 = Field("", description="The whole name; made from the parts where only those are given.")
    family_name: Text100 = Field("", description="Family name.")
    given_name: Text100 = Field("", description="Given name.")
    birth_date: Day | None = Field(None, description="Birthday, or null.")
    is_lunar_birthday: Flag = Field(False, description="True if the birthday is kept by the lunar calendar.")
    gender: Gender = Field("", description="Gender, or empty.")
    language: Text20 = Field("", description="Language tag such as zh-hans, or empty.", max_length=10)
    time_zone: Text64 = Field("", description="IANA name such as Asia/Shanghai, or empty.")
    country: Country = Field("", description="ISO 3166 code of two capitals, or empty.")
    region: Text80 = Field("", description="Province or state.")
    city: Text80 = Field("", description="City.")
    district: Text80 = Field("", description="District.")
    street: Text200 = Field("", description="Street address.")
    postcode: Text20 = Field("", description="Postcode.")
    joined_date: Day | None = Field(None, description="Customer since, or null.")
    source: Text64 = Field("", description="Where the customer came from: a code of yours.")


class CustomerIn(CustomerFieldsIn):
    """A new customer: at least a name or an identity."""

    model_config = example({"name": "林雨", "identities": [{"kind": "phone", "value": "+8613800138000"}]})

    identities: list[IdentityRef] = Field(
        default_factory=list, max_length=20, description="By what the customer is recognised."
    )


class CustomerChange(CustomerFieldsIn):
    """Changes of a customer: only the fields that are there change."""

    expected_revision: Annotated[Whole, Field(ge=1)] | None = Field(
        None, description="Refuse the change if the customer's revision is another one by now."
    )


class TagIn(Request):
    """A tag to put on a customer; a new name makes a new tag."""

    name: TagName = Field(description="The tag's name, 1 to 60 characters.")


class AttributesIn(Request):
    """Attributes to set; null removes one."""

    model_config = example({"values": {"shoe_size": "38"}})

    values: dict[AttributeCode, AttributeInput] = Field(
        min_length=1,
        max_length=100,
        description="Values by the attribute's code; numbers as text or whole numbers.",
    )


class AttributeDefinitionIn(Request):
    """What an attribute is called and what it holds."""

    model_config = example({"label": "Shoe size", "label_zh": "鞋码", "attribute_type": "number"})

    label: Annotated[Text80, StringConstraints(min_length=1)] = Field(description="Its name on screens.")
    label_zh: Text80 = Field("", description="Its name on Chinese screens, if it differs.")
    attribute_type: AttributeType = Field(description="What it holds; cannot change once customers have values.")
    choices: list[AttributeChoice] = Field(
        default_factory=list,
        max_length=200,
        description="What may be chosen, for choices; one that customers have cannot go.",
    )
    unit: Text20 = Field("", description="Unit of numbers, or empty.")
    is_personal: Flag = Field(True, description="True masks it without customers.view_personal.")
    is_active: Flag = Field(True, description="False takes it out of use; values stay.")


class ConsentIn(Request):
    """One act of giving or withdrawing consent."""

    purpose: ConsentPurpose = Field(description="What for.")
    channel: ConsentChannel = Field(ConsentChannel.ANY, description="By which way; any for all.")
    is_given: Flag = Field(description="True: agreed; false: refused or withdrawn.")
    source: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_NUL)] = Field(
        description="Where it was said: form, till, call."
    )
    proof: Text300 = Field("", description="Proof; needed when consent is given: form number, recording, wording.")
    wording_version: Text40 = Field("", description="Version of the words agreed to.")
    occurred_at: Moment | None = Field(None, description="When it was said; left out: now.")
    confirmed: Flag = Field(
        False,
        description="True where the customer has confirmed it, as by a link of yours, and the proof shows it. Without,"
        " a yes that the rules of sending want confirmed is refused.",
    )


class MergeIn(Request):
    """Another record of the same customer."""

    merged_id: UUID = Field(description="The record that becomes part of the customer in the address.")
    reason: Text40 = Field("decided", description="A code for why: decided, duplicate, …")


class IdentityOut(Response):
    """By what a customer is recognised."""

    id: int = Field(description="Number of the identity, to remove it by.")
    kind: IdentityKind = Field(description="What kind of thing it is.")
    source: str = Field(description="The system that issued it, or empty.")
    value: str = Field(description="In the form in which it is looked up, masked without customers.view_personal.")
    is_primary: bool = Field(description="True for the one to use first, of its kind.")
    verified_at: MomentText | None = Field(description="When it was proved to be the customer's, or null.")


class CustomerOut(Response):
    """A customer."""

    id: UUID = Field(description="The canonical record's id.")
    customer_kind: CustomerKind = Field(description="A person or a company.")
    name: str = Field(description="The whole name.")
    family_name: str = Field(description="Family name, where known.")
    given_name: str = Field(description="Given name, where known.")
    birth_date: date | None = Field(description="Birthday, or null.")
    is_lunar_birthday: bool = Field(description="True if the birthday is kept by the lunar calendar.")
    gender: Gender = Field(description="Gender, or empty.")
    language: str = Field(description="Language tag, or empty.")
    time_zone: str = Field(description="IANA name, or empty.")
    country: str = Field(description="ISO 3166 code, or empty.")
    region: str = Field(description="Province or state.")
    city: str = Field(description="City.")
    district: str = Field(description="District.")
    street: str = Field(description="Street address.")
    postcode: str = Field(description="Postcode.")
    joined_date: date | None = Field(description="Customer since, or null.")
    source: str = Field(description="Where the customer came from.")
    staff_owner_id: UUID | None = Field(description="The member of our staff who looks after the customer, or null.")
    phone: str | None = Field(description="The primary phone number, or null.")
    email: str | None = Field(description="The primary e-mail address, or null.")
    tags: list[str] = Field(description="Names of the customer's tags.")
    is_erased: bool = Field(description="True after personal data were erased on request.")
    is_masked: bool = Field(description="True if personal fields are masked for this key.")
    revision: int = Field(description="Rises with every change of these fields.")
    created_at: MomentText = Field(description="When the record was made.")
    updated_at: MomentText = Field(description="When it was last changed.")


class AttributeValueOut(Response):
    """An attribute's value."""

    code: str = Field(description="The attribute's code.")
    value: str | bool | None = Field(
        description="Numbers and days as text; null if it is personal and masked for this key."
    )


class ConsentOut(Response):
    """What holds for one purpose and channel, and the act that decided it."""

    purpose: ConsentPurpose = Field(description="What for.")
    channel: ConsentChannel = Field(description="By which way.")
    is_given: bool = Field(description="True: agreed.")
    source: str = Field(description="Where it was said.")
    occurred_at: MomentText = Field(description="When it was said.")


class CustomerDetail(CustomerOut):
    """A customer with everything known of the person or company itself."""

    record_ids: list[UUID] = Field(description="All records of the customer: the canonical one and those merged in.")
    identities: list[IdentityOut] = Field(description="By what the customer is recognised.")
    attributes: list[AttributeValueOut] = Field(description="Values of the company's own attributes.")
    consents: list[ConsentOut] = Field(description="What holds now, per purpose and channel.")


class CustomerPage(Response):
    """A page of customers."""

    items: list[CustomerOut] = Field(description="In the order in which they were added.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")


class ConsentActOut(ConsentOut):
    """One act of giving or withdrawing consent."""

    id: UUID = Field(description="The act's id.")
    proof: str | None = Field(description="Proof; null if masked for this key.")
    wording_version: str = Field(description="Version of the words agreed to.")
    recorded_at: MomentText = Field(description="When we learnt of it.")


class ConsentHistory(Response):
    """Consents of a customer."""

    now: list[ConsentOut] = Field(description="What holds now, per purpose and channel.")
    acts: list[ConsentActOut] = Field(description="Every act, newest first, at most 500.")


class AttributeDefinitionOut(Response):
    """An attribute that the company keeps of its customers."""

    code: str = Field(description="The code to set it by.")
    label: str = Field(description="Its name on screens.")
    label_zh: str = Field(description="Its name on Chinese screens, or empty.")
    attribute_type: AttributeType = Field(description="What it holds.")
    choices: list[str] = Field(description="What may be chosen, for choices.")
    unit: str = Field(description="Unit of numbers, or empty.")
    is_personal: bool = Field(description="True if it is masked without customers.view_personal.")
    is_active: bool = Field(description="False if it is no longer shown, imported or asked for; values stay.")


class AttributeDefinitions(Response):
    """The attributes in use."""

    items: list[AttributeDefinitionOut] = Field(description="By label.")


class AttributeValues(Response):
    """Attributes of a customer."""

    items: list[AttributeValueOut] = Field(description="By the attributes' labels.")


class TagNames(Response):
    """Tags of a customer."""

    items: list[str] = Field(description="Names, sorted.")


class MergeOut(Response):
    """One merge: a link from a record to the canonical one."""

    id: UUID = Field(description="The merge's id, to undo it by.")
    canonical_id: UUID = Field(description="The record that stands for both.")
    merged_id: UUID = Field(description="The record that was linked to it.")
    reason: str = Field(description="A code for why.")
    merged_at: MomentText = Field(description="When.")
    unmerged_at: MomentText | None = Field(description="When it was undone, or null.")


class MergeList(Response):
    """The merges that a customer's records took part in."""

    items: list[MergeOut] = Field(description="Newest first, undone ones too.")
