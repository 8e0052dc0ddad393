"""What every page of the console knows: navigation, company, today, theme."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from troth.access.models import User
from troth.kit.clock import utc_now
from troth.staff import queries as staff
from troth.staff.models import Company

from . import navigation

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "troth_theme"


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the context of the frame; what costs a query waits until a template asks."""
    company = _company(request)
    groups: Any = SimpleLazyObject(lambda: _groups(request))
    return {
        "company": company,
        "today": company.today(utc_now()) if company else None,
        "theme": theme_of(request),
        "nav_groups": groups,
        "nav_fits": SimpleLazyObject(lambda: navigation.fits(groups)),
        "nav_here": SimpleLazyObject(lambda: navigation.here(groups)),
        "languages": settings.LANGUAGES,
    }


def theme_of(request: HttpRequest) -> str:
    """Return "auto", "light" or "dark": what the signed-in person chose, else what this browser remembers."""
    user = getattr(request, "user", None)
    chosen = user.theme if isinstance(user, User) else request.COOKIES.get(THEME_COOKIE, "auto")
    return chosen if chosen in THEMES else "auto"


def _company(request: HttpRequest) -> Company | None:
    """Return the company the middleware found; an error page that came before it asks anew."""
    found: Company | None = request.company if hasattr(request, "company") else staff.company_or_none()
    return found


def _groups(request: HttpRequest) -> list[navigation.NavGroup]:
    user = getattr(request, "user", None)
    return navigation.groups_for(user.actor, request.path) if isinstance(user, User) else []
