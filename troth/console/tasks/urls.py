"""Addresses of tasks, teams, kinds, call scripts, plans of return visits and calendars."""

from django.urls import path

from . import feed_views, kind_views, list_views, plan_views, result_views, script_views, task_views, team_views

app_name = "tasks"

urlpatterns = [
    path("tasks/", list_views.index, name="index"),
    path("tasks/new/", list_views.new, name="new"),
    path("tasks/next/", task_views.take_next, name="next"),
    path("tasks/assign/", list_views.assign, name="assign"),
    path("tasks/reminders/", list_views.reminders, name="reminders"),
    path("tasks/customers/<uuid:customer_id>/", list_views.customer, name="customer"),
    path("tasks/results/", result_views.index, name="results"),
    path("tasks/results/file/", result_views.file, name="results_file"),
    path("tasks/teams/", team_views.index, name="teams"),
    path("tasks/teams/new/", team_views.edit, name="team_new"),
    path("tasks/teams/<slug:code>/", team_views.edit, name="team"),
    path("tasks/kinds/", kind_views.index, name="kinds"),
    path("tasks/kinds/new/", kind_views.edit, name="kind_new"),
    path("tasks/kinds/<slug:code>/", kind_views.edit, name="kind"),
    path("tasks/scripts/", script_views.index, name="scripts"),
    path("tasks/scripts/preview/", script_views.preview, name="script_preview"),
    path("tasks/scripts/new/", script_views.edit, name="script_new"),
    path("tasks/scripts/<slug:code>/", script_views.edit, name="script"),
    path("tasks/scripts/<slug:code>/move/", script_views.move, name="script_move"),
    path("tasks/plans/", plan_views.index, name="plans"),
    path("tasks/plans/new/", plan_views.edit, name="plan_new"),
    path("tasks/plans/<slug:code>/", plan_views.edit, name="plan"),
    path("tasks/plans/<slug:code>/due/", plan_views.due, name="plan_due"),
    path("tasks/plans/<slug:code>/run/", plan_views.run, name="plan_run"),
    path("tasks/calendar/", feed_views.index, name="calendar"),
    path("tasks/calendar/<str:secret>.ics", feed_views.read, name="feed"),
    path("tasks/<uuid:task_id>/", task_views.detail, name="task"),
    path("tasks/<uuid:task_id>/act/", task_views.act, name="act"),
    path("tasks/<uuid:task_id>/complete/", task_views.complete, name="complete"),
]
