"""Addresses: the API under /api/, public pages under /p/, everything else is the console."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("troth.api.urls")),
    path("p/", include("troth.portal.urls")),
    path("", include("troth.console.urls")),
]

handler400 = "troth.console.errors.bad_request"
handler403 = "troth.console.errors.forbidden"
handler404 = "troth.console.errors.not_found"
handler500 = "troth.console.errors.server_error"
