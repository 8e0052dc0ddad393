"""Addresses of surveys."""

from django.urls import path

from . import (
    answer_views,
    customer_views,
    delivered_views,
    edit_views,
    list_views,
    preview_views,
    result_views,
    send_views,
    setting_views,
    silent_views,
)

app_name = "surveys"

urlpatterns = [
    path("surveys/", list_views.index, name="index"),
    path("value/delivered/", delivered_views.delivered, name="delivered"),
    path("surveys/new/", list_views.new, name="new"),
    path("surveys/rules/", setting_views.rules, name="rules"),
    path("surveys/<uuid:survey_id>/", result_views.results, name="results"),
    path("surveys/<uuid:survey_id>/needs/", result_views.needs, name="needs"),
    path("surveys/<uuid:survey_id>/words/", result_views.words, name="words"),
    path("surveys/<uuid:survey_id>/answers/", answer_views.answers, name="answers"),
    path("surveys/<uuid:survey_id>/silent/", silent_views.silent, name="silent"),
    path("surveys/<uuid:survey_id>/edit/", edit_views.edit, name="edit"),
    path("surveys/<uuid:survey_id>/edit/act/", edit_views.act, name="act"),
    path("surveys/<uuid:survey_id>/edit/page/<str:code>/", edit_views.page, name="page"),
    path("surveys/<uuid:survey_id>/edit/question/<str:code>/", edit_views.question, name="question"),
    path("surveys/<uuid:survey_id>/preview/", preview_views.preview, name="preview"),
    path("surveys/<uuid:survey_id>/publish/", setting_views.publish, name="publish"),
    path("surveys/<uuid:survey_id>/state/", setting_views.state, name="state"),
    path("surveys/<uuid:survey_id>/settings/", setting_views.settings, name="settings"),
    path("surveys/<uuid:survey_id>/code.svg", setting_views.code, name="code"),
    path("surveys/<uuid:survey_id>/send/", send_views.send, name="send"),
    path("surveys/sheets/<uuid:sheet_id>/", answer_views.sheet, name="sheet"),
    path("surveys/sheets/<uuid:sheet_id>/tag/", answer_views.tag, name="tag"),
    path("customers/<uuid:customer_id>/voice/", customer_views.customer, name="customer"),
]
