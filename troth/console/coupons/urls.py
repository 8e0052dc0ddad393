"""Addresses of coupons."""

from django.urls import path

from . import code_views, detail_views, effect_views, list_views

app_name = "coupons"

urlpatterns = [
    path("coupons/", list_views.index, name="index"),
    path("coupons/new/", list_views.new, name="new"),
    path("coupons/preview/", list_views.preview, name="preview"),
    path("coupons/suggest/", list_views.suggest, name="suggest"),
    path("coupons/codes/", code_views.look_up, name="look_up"),
    path("coupons/codes/use/", code_views.use, name="use"),
    path("coupons/codes/uses/<uuid:use_id>/undo/", code_views.undo, name="undo"),
    path("coupons/codes/coupons/<uuid:coupon_id>/revoke/", code_views.revoke, name="revoke"),
    path("coupons/campaigns/<slug:code>/", detail_views.detail, name="detail"),
    path("coupons/campaigns/<slug:code>/edit/", list_views.edit, name="edit"),
    path("coupons/campaigns/<slug:code>/effect/", effect_views.effect, name="effect"),
    path("coupons/campaigns/<slug:code>/effect/progress/", effect_views.effect_progress, name="effect_progress"),
    path("coupons/campaigns/<slug:code>/move/", detail_views.move, name="move"),
    path("coupons/campaigns/<slug:code>/assign/", detail_views.assign, name="assign"),
    path("coupons/campaigns/<slug:code>/issue/", detail_views.issue, name="issue"),
    path("coupons/campaigns/<slug:code>/codes/<int:batch_id>/", detail_views.codes, name="codes"),
]
