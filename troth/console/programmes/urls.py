"""Addresses of programmes."""

from django.urls import path

from . import (
    cost_views,
    detail_views,
    edit_views,
    example_views,
    history_views,
    list_views,
    part_views,
    rehearsal_views,
    review_views,
    tier_views,
)

app_name = "programmes"

urlpatterns = [
    path("programmes/", list_views.index, name="index"),
    path("programmes/new/", list_views.new, name="new"),
    path("programmes/<uuid:programme_id>/", detail_views.detail, name="detail"),
    path("programmes/<uuid:programme_id>/versions/", detail_views.versions, name="versions"),
    path("programmes/<uuid:programme_id>/versions/<int:number>/", detail_views.version, name="version"),
    path("programmes/<uuid:programme_id>/edit/", edit_views.edit, name="edit"),
    path("programmes/award/", history_views.index, name="history"),
    path("programmes/award/<uuid:award_id>/progress/", history_views.progress, name="history_progress"),
    path("programmes/award/<uuid:award_id>/decide/", history_views.decide, name="history_decide"),
    path("programmes/award/<uuid:award_id>/cancel/", history_views.cancel, name="history_cancel"),
    path("programmes/suggest/", part_views.suggest, name="suggest"),
    path("programmes/<uuid:programme_id>/edit/facts/", part_views.facts, name="facts"),
    path("programmes/<uuid:programme_id>/edit/<slug:kind>/<slug:place>/", part_views.part, name="part"),
    path("programmes/<uuid:programme_id>/edit/<slug:kind>/<slug:place>/remove/", part_views.remove, name="remove_part"),
    path(
        "programmes/<uuid:programme_id>/edit/<slug:kind>/<slug:place>/preview/", part_views.preview, name="part_preview"
    ),
    path("programmes/<uuid:programme_id>/edit/<slug:kind>/<slug:place>/move/", part_views.shift, name="move_part"),
    path("programmes/<uuid:programme_id>/check/", edit_views.check, name="check"),
    path("programmes/<uuid:programme_id>/example/", example_views.example, name="example"),
    path("programmes/<uuid:programme_id>/example/orders/", example_views.orders, name="orders"),
    path("programmes/<uuid:programme_id>/review/", review_views.review, name="review"),
    path("programmes/<uuid:programme_id>/review/cost/", cost_views.cost, name="cost"),
    path("programmes/<uuid:programme_id>/review/rehearse/", cost_views.rehearse, name="review_rehearse"),
    path("programmes/<uuid:programme_id>/submit/", review_views.submit, name="submit"),
    path("programmes/<uuid:programme_id>/decide/", review_views.decide, name="decide"),
    path("programmes/<uuid:programme_id>/publish/", review_views.publish, name="publish"),
    path("programmes/<uuid:programme_id>/effect/", review_views.effect, name="effect"),
    path("programmes/<uuid:programme_id>/discard/", review_views.discard, name="discard"),
    path("programmes/<uuid:programme_id>/archive/", review_views.archive, name="archive"),
    path("programmes/<uuid:programme_id>/rehearsals/", rehearsal_views.index, name="rehearsals"),
    path("programmes/<uuid:programme_id>/rehearsals/compare/", rehearsal_views.compare, name="rehearsal_compare"),
    path("programmes/<uuid:programme_id>/rehearsals/<uuid:rehearsal_id>/", rehearsal_views.detail, name="rehearsal"),
    path(
        "programmes/<uuid:programme_id>/rehearsals/<uuid:rehearsal_id>/progress/",
        rehearsal_views.progress,
        name="rehearsal_progress",
    ),
    path(
        "programmes/<uuid:programme_id>/rehearsals/<uuid:rehearsal_id>/cancel/",
        rehearsal_views.cancel,
        name="rehearsal_cancel",
    ),
    path(
        "programmes/<uuid:programme_id>/rehearsals/<uuid:rehearsal_id>/csv/",
        rehearsal_views.download,
        name="rehearsal_csv",
    ),
    path("programmes/<uuid:programme_id>/tiers/", tier_views.ladder, name="tiers"),
    path("programmes/<uuid:programme_id>/tiers/near/", tier_views.find_near, name="find_near"),
    path("programmes/<uuid:programme_id>/tiers/people/", tier_views.people, name="tier_people"),
    path("programmes/<uuid:programme_id>/tiers/member/<uuid:customer_id>/", tier_views.member, name="tier_member"),
    path("programmes/<uuid:programme_id>/tiers/member/<uuid:customer_id>/grant/", tier_views.grant, name="grant"),
    path("programmes/<uuid:programme_id>/tiers/member/<uuid:customer_id>/revoke/", tier_views.revoke, name="revoke"),
]
