"""Addresses of points."""

from django.urls import path

from . import (
    acting_views,
    area_views,
    currency_views,
    customer_views,
    giving_views,
    list_views,
    pool_views,
    return_views,
    statement_views,
)

app_name = "points"

_one = "customers/<uuid:customer_id>/points/"

urlpatterns = [
    path("points/", area_views.index, name="index"),
    path("points/people/", list_views.people, name="people"),
    path("points/movements/", list_views.movements, name="movements"),
    path("points/currencies/new/", currency_views.new, name="new_currency"),
    path("points/currencies/<slug:code>/", currency_views.edit, name="edit_currency"),
    path("points/currencies/<slug:code>/expiry/", currency_views.expiry, name="expiry"),
    path("points/expiry-changes/<uuid:change_id>/", currency_views.decide, name="decide_expiry"),
    path("points/requests/", area_views.requests, name="requests"),
    path("points/requests/<uuid:request_id>/", area_views.decide, name="decide"),
    path("points/holds/", area_views.holds, name="holds"),
    path("points/proof/", area_views.proof, name="proof"),
    path("points/proof/run/", area_views.prove, name="prove"),
    path("points/households/<uuid:household_id>/", pool_views.pool, name="pool"),
    path("points/households/<uuid:household_id>/<slug:code>/spend/", pool_views.spend, name="pool_spend"),
    path(
        "points/households/<uuid:household_id>/<slug:code>/members/<uuid:customer_id>/",
        pool_views.set_member,
        name="pool_member",
    ),
    path(_one, customer_views.points, name="customer"),
    path(f"{_one}lots/", customer_views.lots, name="lots"),
    path(f"{_one}lines/<uuid:transaction_id>/", customer_views.line, name="line"),
    path(f"{_one}<slug:code>/give/", giving_views.give, name="give"),
    path(f"{_one}<slug:code>/statement.csv", statement_views.statement, name="statement"),
    path(f"{_one}<slug:code>/adjust/", acting_views.adjust, name="adjust"),
    path(f"{_one}<slug:code>/spend/", acting_views.spend, name="spend"),
    path(f"{_one}<slug:code>/hold/", acting_views.hold, name="hold"),
    path(f"{_one}<slug:code>/holds/<uuid:hold_id>/", acting_views.close_hold, name="close_hold"),
    path("customers/<uuid:customer_id>/orders/<uuid:order_id>/return/", return_views.order_return, name="return"),
    path("customers/<uuid:customer_id>/tiers/<uuid:programme_id>/grant/", acting_views.grant, name="grant"),
]
