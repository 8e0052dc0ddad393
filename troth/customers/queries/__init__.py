"""Reading customers. Import as one thing: `from troth.customers import queries as customers`."""

from ..masking import mask_birthday, mask_email, mask_identity, mask_name, mask_phone
from .duplicates import open_duplicates, open_duplicates_of, suggestion
from .lists import CustomerFilter, customers_matching, saved_views
from .people import (
    canonical_ids,
    customer,
    customer_by_identity,
    customer_names,
    customer_or_none,
    record_ids,
    records_by_identity,
)
from .profile import (
    AttributeState,
    ConsentState,
    HouseholdPlace,
    all_tags,
    attribute_definitions,
    attributes_of,
    consent_acts_of,
    consents_of,
    household_of,
    identities_of,
    merges_of,
    primary_identities,
    tags_of,
    tags_of_many,
)
from .search import find, found_ids

__all__ = [
    "AttributeState",
    "ConsentState",
    "CustomerFilter",
    "HouseholdPlace",
    "all_tags",
    "attribute_definitions",
    "attributes_of",
    "canonical_ids",
    "consent_acts_of",
    "consents_of",
    "customer",
    "customer_by_identity",
    "customer_names",
    "customer_or_none",
    "customers_matching",
    "find",
    "found_ids",
    "household_of",
    "identities_of",
    "mask_birthday",
    "mask_email",
    "mask_identity",
    "mask_name",
    "mask_phone",
    "merges_of",
    "open_duplicates",
    "open_duplicates_of",
    "primary_identities",
    "record_ids",
    "saved_views",
    "records_by_identity",
    "suggestion",
    "tags_of",
    "tags_of_many",
]
