"""Addresses of complaints, causes and their settings."""

from django.urls import path

from . import act_views, board_views, case_views, cause_views, improvement_views, setting_views

app_name = "complaints"

urlpatterns = [
    path("complaints/", board_views.index, name="index"),
    path("complaints/new/", board_views.new, name="new"),
    path("complaints/remedies/", board_views.remedies, name="remedies"),
    path("complaints/remedies/<uuid:remedy_id>/<slug:answer>/", act_views.decide_remedy, name="decide_remedy"),
    path("complaints/photos/<uuid:photo_id>/", case_views.photo, name="photo"),
    path("complaints/causes/", cause_views.causes, name="causes"),
    path("complaints/recovery/", cause_views.recovery, name="recovery"),
    path("complaints/improvements/", improvement_views.index, name="improvements"),
    path("complaints/improvements/new/", improvement_views.edit, name="improvement_new"),
    path("complaints/improvements/<uuid:improvement_id>/", improvement_views.edit, name="improvement"),
    path("complaints/improvements/<uuid:improvement_id>/tell/", improvement_views.tell, name="improvement_tell"),
    path("complaints/settings/", setting_views.policy, name="policy"),
    path("complaints/settings/categories/", setting_views.categories, name="categories"),
    path("complaints/settings/calendars/", setting_views.calendars, name="calendars"),
    path("complaints/settings/calendars/<slug:code>/", setting_views.calendar, name="calendar"),
    path("complaints/<str:number>/", case_views.case, name="case"),
    path("complaints/<str:number>/<slug:act>/", act_views.act, name="act"),
]
