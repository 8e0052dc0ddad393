"""Addresses of segments."""

from django.urls import path

from . import compare_views, detail_views, edit_views, list_views, why_views

app_name = "segments"

urlpatterns = [
    path("segments/", list_views.index, name="index"),
    path("segments/compare/", compare_views.compare, name="compare"),
    path("segments/new/", edit_views.new, name="new"),
    path("segments/preview/", edit_views.preview, name="preview"),
    path("segments/suggest/", edit_views.suggest, name="suggest"),
    path("segments/<uuid:segment_id>/", detail_views.detail, name="detail"),
    path("segments/<uuid:segment_id>/members/", detail_views.members, name="members"),
    path("segments/why/<uuid:customer_id>/", why_views.choose, name="choose"),
    path("segments/<uuid:segment_id>/why/<uuid:customer_id>/", why_views.why, name="why"),
    path("segments/<uuid:segment_id>/versions/", detail_views.versions, name="versions"),
    path("segments/<uuid:segment_id>/status/", detail_views.status, name="status"),
    path("segments/<uuid:segment_id>/edit/", edit_views.edit, name="edit"),
    path("segments/<uuid:segment_id>/review/", edit_views.review, name="review"),
    path("segments/<uuid:segment_id>/discard/", edit_views.discard, name="discard"),
    path("segments/<uuid:segment_id>/refresh/", detail_views.refresh, name="refresh"),
    path("segments/<uuid:segment_id>/archive/", detail_views.archive, name="archive"),
    path("segments/<uuid:segment_id>/restore/", detail_views.restore, name="restore"),
]
