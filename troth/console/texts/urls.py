"""Addresses of templates, channels and deliverability."""

from django.urls import path

from . import channel_views, edit_views, list_views, version_views

app_name = "texts"

urlpatterns = [
    path("texts/", list_views.index, name="index"),
    path("texts/starters/", list_views.install, name="install"),
    path("texts/new/", edit_views.new, name="new"),
    path("texts/channels/", channel_views.channels, name="channels"),
    path("texts/channels/<slug:code>/", channel_views.channel, name="channel"),
    path("texts/channels/<slug:code>/check/", channel_views.check, name="check"),
    path("texts/arrivals/", channel_views.arrivals, name="arrivals"),
    path("texts/t/<slug:code>/", edit_views.edit, name="edit"),
    path("texts/t/<slug:code>/preview/", edit_views.preview, name="preview"),
    path("texts/t/<slug:code>/mail/", edit_views.mail, name="mail"),
    path("texts/t/<slug:code>/test/", edit_views.test, name="test"),
    path("texts/t/<slug:code>/archive/", version_views.archive, name="archive"),
    path("texts/t/<slug:code>/versions/", version_views.versions, name="versions"),
    path("texts/t/<slug:code>/versions/<int:number>/restore/", version_views.restore, name="restore"),
]
