"""Addresses of the reports on value."""

from django.urls import path

from . import market_views, outlook_views, people_views, progress_views, prospects, target_views, views

app_name = "value"

urlpatterns = [
    path("value/pyramid/", views.pyramid, name="pyramid"),
    path("value/rfm/", views.rfm_page, name="rfm"),
    path("value/cohorts/", views.cohorts_page, name="cohorts"),
    path("value/concentration/", views.concentration_page, name="concentration"),
    path("value/lifecycle/", views.lifecycle, name="lifecycle"),
    path("value/best/", views.best, name="best"),
    path("value/loyalty/", outlook_views.loyalty_page, name="loyalty"),
    path("value/expected/", outlook_views.expected_page, name="expected"),
    path("value/models/", outlook_views.models_page, name="models"),
    path("value/referrals/", outlook_views.referrals_page, name="referrals"),
    path("value/markets/", market_views.page, name="markets"),
    path("value/markets/define/", market_views.define, name="markets_define"),
    path("value/prospects/", prospects.page, name="prospects"),
    path("value/people/", people_views.people, name="people"),
    path("value/targets/", target_views.index, name="targets"),
    path("value/targets/<uuid:target_id>/review/", target_views.review, name="target_review"),
    path("value/targets/<uuid:target_id>/drop/", target_views.drop, name="target_drop"),
    path("value/analyse/", views.analyse, name="analyse"),
    path("value/progress/<uuid:job_id>/", progress_views.progress, name="progress"),
]
