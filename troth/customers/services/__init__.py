"""Writing customers. Import as one thing: `from troth.customers import services as customers`."""

from ..hooks import (
    ConsentStep,
    ErasureStep,
    ExportStep,
    MergeStep,
    register_consent_step,
    register_erasure_step,
    register_export_step,
    register_merge_step,
)
from ..identifying import NewIdentity, normalized
from .attributes import define_attribute, set_attribute_of_many, set_attributes
from .consents import record_consent
from .duplicates import dismiss_duplicate, search_duplicates, suggest_duplicate
from .households import join_household, leave_household, make_head, make_household, rename_household
from .identities import add_identity, remove_identity
from .merging import merge, unmerge
from .people import CustomerFields, create_customer, note_list_export, update_customer
from .privacy import erase_customer, export_customer
from .records import hold_customer, hold_customers, hold_for_words
from .tags import add_tag, add_tag_to_many, remove_tag, remove_tag_from_many
from .views import remove_view, save_view

__all__ = [
    "ConsentStep",
    "CustomerFields",
    "ErasureStep",
    "ExportStep",
    "MergeStep",
    "NewIdentity",
    "add_identity",
    "add_tag",
    "add_tag_to_many",
    "create_customer",
    "define_attribute",
    "dismiss_duplicate",
    "erase_customer",
    "export_customer",
    "hold_customer",
    "hold_customers",
    "hold_for_words",
    "join_household",
    "leave_household",
    "make_head",
    "make_household",
    "merge",
    "normalized",
    "note_list_export",
    "record_consent",
    "register_consent_step",
    "register_erasure_step",
    "register_export_step",
    "register_merge_step",
    "remove_identity",
    "remove_tag",
    "remove_tag_from_many",
    "remove_view",
    "rename_household",
    "save_view",
    "search_duplicates",
    "set_attribute_of_many",
    "set_attributes",
    "suggest_duplicate",
    "unmerge",
    "update_customer",
]
