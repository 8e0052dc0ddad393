"""Addresses of journeys."""

from django.urls import path

from . import detail_views, edit_views, effect_views, hand_views, list_views, publish_views, rehearsal_views

app_name = "journeys"

_ONE = "journeys/<uuid:journey_id>/"

urlpatterns = [
    path("journeys/", list_views.index, name="index"),
    path("journeys/new/", list_views.new, name="new"),
    path(_ONE, detail_views.detail, name="detail"),
    path(f"{_ONE}people/", detail_views.people, name="people"),
    path(f"{_ONE}people/add/", hand_views.put_in, name="put_in"),
    path(f"{_ONE}people/again/", hand_views.try_again, name="try_again"),
    path(f"{_ONE}people/<uuid:run_id>/out/", hand_views.take_out, name="take_out"),
    path(f"{_ONE}people/<uuid:run_id>/", detail_views.path, name="path"),
    path(f"{_ONE}versions/", detail_views.versions, name="versions"),
    path(f"{_ONE}versions/<int:number>/", detail_views.version, name="version"),
    path(f"{_ONE}versions/<int:number>/move/", hand_views.move, name="move_people"),
    path(f"{_ONE}review/", publish_views.review, name="review"),
    path(f"{_ONE}discard/", publish_views.discard, name="discard"),
    path(f"{_ONE}rehearsals/", rehearsal_views.index, name="rehearsals"),
    path(f"{_ONE}rehearsals/<uuid:rehearsal_id>/", rehearsal_views.detail, name="rehearsal"),
    path(f"{_ONE}rehearsals/<uuid:rehearsal_id>/progress/", rehearsal_views.progress, name="rehearsal_progress"),
    path(f"{_ONE}rehearsals/<uuid:rehearsal_id>/csv/", rehearsal_views.download, name="rehearsal_csv"),
    path(f"{_ONE}effect/", effect_views.effect, name="effect"),
    path(f"{_ONE}effect/progress/", effect_views.progress, name="effect_progress"),
    path(f"{_ONE}pause/", detail_views.pause, name="pause"),
    path(f"{_ONE}resume/", detail_views.resume, name="resume"),
    path(f"{_ONE}stop/", detail_views.stop, name="stop"),
    path(f"{_ONE}edit/", edit_views.edit, name="edit"),
    path(f"{_ONE}edit/text/", edit_views.text, name="text"),
    path(f"{_ONE}edit/part/<slug:place>/", edit_views.part, name="part"),
    path(f"{_ONE}edit/part/<slug:place>/move/", edit_views.shift, name="move"),
    path(f"{_ONE}edit/part/<slug:place>/remove/", edit_views.remove, name="remove"),
    path(f"{_ONE}edit/part/<slug:place>/way/", edit_views.add_way, name="add_way"),
    path(f"{_ONE}edit/add/<slug:listed>/<int:index>/", edit_views.add, name="add"),
]
