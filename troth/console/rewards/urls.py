"""Addresses of rewards."""

from django.urls import path

from . import customer_views, redemption_views

app_name = "rewards"

urlpatterns = [
    path("customers/<uuid:customer_id>/rewards/", customer_views.customer, name="customer"),
    path("customers/<uuid:customer_id>/rewards/<slug:code>/redeem/", customer_views.redeem, name="redeem"),
    path("rewards/redemptions/", redemption_views.index, name="redemptions"),
    path("rewards/redemptions/<uuid:redemption_id>/advance/", redemption_views.advance, name="advance"),
    path("rewards/redemptions/<uuid:redemption_id>/cancel/", redemption_views.cancel, name="cancel"),
]
