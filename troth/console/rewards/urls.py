"""Addresses of rewards."""

from django.urls import path

from . import audience_views, customer_views, gift_people_views, gift_views, list_views, redemption_views

app_name = "rewards"

urlpatterns = [
    path("customers/<uuid:customer_id>/rewards/", customer_views.customer, name="customer"),
    path("customers/<uuid:customer_id>/rewards/<slug:code>/redeem/", customer_views.redeem, name="redeem"),
    path("rewards/", list_views.index, name="index"),
    path("rewards/new/", list_views.new, name="new"),
    path("rewards/audience/preview/", audience_views.preview, name="preview"),
    path("rewards/audience/suggest/", audience_views.suggest, name="suggest"),
    path("rewards/birthdays/", gift_views.index, name="gifts"),
    path("rewards/birthdays/new/", gift_views.new, name="new_gift"),
    path("rewards/birthdays/gifts/<slug:code>/", gift_views.detail, name="gift"),
    path("rewards/birthdays/gifts/<slug:code>/edit/", gift_views.edit, name="edit_gift"),
    path("rewards/birthdays/gifts/<slug:code>/move/", gift_views.move, name="move_gift"),
    path("rewards/birthdays/gifts/<slug:code>/people/", gift_people_views.people, name="gift_people"),
    path("rewards/birthdays/gifts/<slug:code>/people/csv/", gift_people_views.download, name="gift_people_csv"),
    path("rewards/catalogue/<slug:code>/", list_views.detail, name="detail"),
    path("rewards/catalogue/<slug:code>/edit/", list_views.edit, name="edit"),
    path("rewards/catalogue/<slug:code>/move/", list_views.move, name="move"),
    path("rewards/catalogue/<slug:code>/stock/", list_views.stock, name="stock"),
    path("rewards/redemptions/", redemption_views.index, name="redemptions"),
    path("rewards/redemptions/<uuid:redemption_id>/advance/", redemption_views.advance, name="advance"),
    path("rewards/redemptions/<uuid:redemption_id>/cancel/", redemption_views.cancel, name="cancel"),
]
