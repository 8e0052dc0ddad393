"""Addresses of staff, roles and stores."""

from django.urls import path

from . import people_views, store_views, views

app_name = "staff"

urlpatterns = [
    path("settings/staff/", views.users, name="users"),
    path("settings/staff/invite/", views.invite, name="invite"),
    path("settings/staff/roles/", views.roles, name="roles"),
    path("settings/staff/logins/<uuid:user_id>/", views.user, name="user"),
    path("settings/staff/logins/<uuid:user_id>/link/", views.new_link, name="link"),
    path("settings/staff/logins/<uuid:user_id>/shut/", views.deactivate, name="deactivate"),
    path("settings/staff/logins/<uuid:user_id>/open/", views.reactivate, name="reactivate"),
    path("settings/staff/people/", people_views.people, name="people"),
    path("settings/staff/people/new/", people_views.edit, name="person_new"),
    path("settings/staff/people/<path:code>/", people_views.edit, name="person"),
    path("settings/staff/stores/", store_views.stores, name="stores"),
    path("settings/staff/stores/new/", store_views.edit, name="store_new"),
    path("settings/staff/stores/<path:code>/", store_views.edit, name="store"),
]
