"""Addresses below /api/."""

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from . import docs, problems
from .v1 import api


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """Answer what no other address below /api/ does."""
    return problems.of_status(404)


urlpatterns = [
    path("v1/", nothing_here),  # before the API's own root, which is not exempt from CSRF checks
    path("v1/openapi.json", docs.openapi, name="api-openapi"),
    path("v1/docs", docs.page, name="api-docs"),
    path("v1/", api.urls),
    re_path("", nothing_here),
]
