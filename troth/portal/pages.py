"""How every public page is made: in the reader's language, in the company's look, stored by nobody on the way.

@public
def answer(request: HttpRequest, token: str) -> HttpResponse:
    return page(request, "portal/surveys/answer.html", {...}, language=customer.language)
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache

from troth.kit.errors import TrothError
from troth.messaging import brand

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
View = Callable[..., HttpResponse]


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    language: str = "",
    status: int = 200,
) -> HttpResponse:
    """Return a public page in the language that was asked for, else the customer's, else the browser's."""
    chosen = language_of(request, language)
    with translation.override(chosen):
        frame = {"brand": brand.brand(), "language_links": _other_languages(request)}
        answer = render(request, template, {**(context or {}), **frame}, status=status)
    answer.headers["Content-Language"] = chosen
    return answer


def language_of(request: HttpRequest, language: str = "") -> str:
    """Return the language of a public page: `?lang=`, else the customer's, else what the browser asks for."""
    for wanted in (request.GET.get("lang", ""), language):
        if wanted.lower() in LANGUAGES:
            return wanted.lower()
    return translation.get_language_from_request(request)


def public(view: View) -> View:
    """Make a view a public one: not cached, its address told to no other site, refusals said in the company's look."""

    @never_cache
    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with translation.override(language_of(request)):
            try:
                answer = view(request, *args, **kwargs)
            except TrothError as refusal:
                answer = page(request, "portal/refused.html", {"text": str(refusal)}, status=refusal.status)
        answer.headers["Referrer-Policy"] = "same-origin"
        return answer

    return shown


def _other_languages(request: HttpRequest) -> list[tuple[str, str, str]]:
    """Return code, name and address of this page in each language that is not the present one."""
    present = translation.get_language()
    links = []
    for code, name in settings.LANGUAGES:
        if code != present:
            query = request.GET.copy()
            query["lang"] = code
            links.append((code, name, f"{request.path}?{query.urlencode()}"))
    return links
