"""Addresses of customers."""

from django.urls import path

from . import duplicate_views, edit_views, household_views, list_views, profile_views

app_name = "customers"

urlpatterns = [
    path("customers/", list_views.index, name="index"),
    path("customers/export/", list_views.export, name="export"),
    path("customers/views/save/", list_views.save_view, name="save_view"),
    path("customers/views/<int:view_id>/remove/", list_views.remove_view, name="remove_view"),
    path("customers/new/", edit_views.add, name="new"),
    path("customers/merge/", duplicate_views.merge, name="merge"),
    path("customers/merges/<uuid:merge_id>/undo/", duplicate_views.unmerge, name="unmerge"),
    path("customers/duplicates/", duplicate_views.index, name="duplicates"),
    path("customers/duplicates/search/", duplicate_views.search, name="search_duplicates"),
    path("customers/duplicates/<int:suggestion_id>/dismiss/", duplicate_views.dismiss, name="dismiss_duplicate"),
    path("customers/households/", household_views.index, name="households"),
    path("customers/households/<uuid:household_id>/", household_views.household, name="household"),
    path("customers/households/<uuid:household_id>/rename/", household_views.rename, name="household_rename"),
    path(
        "customers/households/<uuid:household_id>/members/<uuid:customer_id>/join/",
        household_views.join,
        name="household_join",
    ),
    path(
        "customers/households/<uuid:household_id>/members/<uuid:customer_id>/head/",
        household_views.head,
        name="household_head",
    ),
    path(
        "customers/households/<uuid:household_id>/members/<uuid:customer_id>/leave/",
        household_views.leave,
        name="household_leave",
    ),
    path("customers/<uuid:customer_id>/household/", household_views.make, name="make_household"),
    path("customers/<uuid:customer_id>/", profile_views.customer, name="customer"),
    path("customers/<uuid:customer_id>/orders/", profile_views.orders, name="orders"),
    path("customers/<uuid:customer_id>/figures/", profile_views.figures, name="figures"),
    path("customers/<uuid:customer_id>/data/", profile_views.data, name="data"),
    path("customers/<uuid:customer_id>/records/", profile_views.merges, name="merges"),
    path("customers/<uuid:customer_id>/edit/", edit_views.edit, name="edit"),
    path("customers/<uuid:customer_id>/identities/", edit_views.add_identity, name="add_identity"),
    path(
        "customers/<uuid:customer_id>/identities/<int:identity_id>/remove/",
        edit_views.remove_identity,
        name="remove_identity",
    ),
    path(
        "customers/<uuid:customer_id>/costs/<uuid:cost_id>/cancel/",
        edit_views.cancel_cost,
        name="cancel_cost",
    ),
    path("customers/<uuid:customer_id>/consents/", edit_views.record_consent, name="record_consent"),
    path("customers/<uuid:customer_id>/attributes/", edit_views.set_attributes, name="set_attributes"),
    path("customers/<uuid:customer_id>/tags/", edit_views.add_tag, name="add_tag"),
    path("customers/<uuid:customer_id>/tags/<int:tag_id>/remove/", edit_views.remove_tag, name="remove_tag"),
    path("customers/<uuid:customer_id>/hand-out/", edit_views.hand_out, name="hand_out"),
    path("customers/<uuid:customer_id>/erase/", edit_views.erase, name="erase"),
]
