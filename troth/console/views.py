"""The frame's own pages: where to start, search, preferences, the living page of components."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from troth.access import services as access
from troth.access.models import User
from troth.access.permissions import Permission
from troth.kit.clock import utc_now

from . import navigation, samples, search
from .context import THEME_COOKIE, THEMES
from .guard import ConsoleRequest, requires

YEAR_SECONDS = 365 * 24 * 3600
QUERY_LIMIT = 200


@require_safe
@requires()
def start(request: ConsoleRequest) -> HttpResponse:
    """Lead to the first page of the navigation that the person may open."""
    items = navigation.items_for(request.actor)
    return redirect(items[0].url) if items else render(request, "console/nothing.html")


@require_safe
@requires()
def search_results(request: ConsoleRequest) -> HttpResponse:
    """Answer the palette with what was found."""
    query = request.GET.get("q", "").strip()[:QUERY_LIMIT].replace("\0", "")
    context = {"groups": search.find(query, request.actor), "query": query}
    return render(request, "console/search_results.html", context)


@require_POST
def preferences(request: HttpRequest) -> HttpResponseBase:
    """Keep the language and theme: with the person who is signed in, and in this browser for the sign-in
    page.
    """
    is_htmx = "HX-Request" in request.headers
    response: HttpResponseBase = HttpResponse(status=204) if is_htmx else redirect(_next(request))
    language, theme = request.POST.get("language", ""), request.POST.get("theme", "")
    chosen: dict[str, str] = {}
    if language in dict(settings.LANGUAGES):
        chosen["language"] = language
        _remember(response, settings.LANGUAGE_COOKIE_NAME, language)
    if theme in THEMES:
        chosen["theme"] = theme
        _remember(response, THEME_COOKIE, theme)
    if chosen and isinstance(request.user, User):
        access.set_preferences(request.user, **chosen)
    return response


@require_safe
@requires(Permission.SETTINGS_EDIT)
def living_page(request: ConsoleRequest) -> HttpResponse:
    """Show all components with made-up data, for those who build screens."""
    return render(request, "console/living_page.html", samples.context(utc_now()))


def _remember(response: HttpResponseBase, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=YEAR_SECONDS,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
    )


def _next(request: HttpRequest) -> str:
    url = request.POST.get("next", "/")
    return url if url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure()) else "/"
