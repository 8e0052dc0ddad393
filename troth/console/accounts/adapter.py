"""How django-allauth behaves here: nobody signs up by themselves, administrators invite."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


class ClosedAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Keeps the sign-up page shut."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the address in the letter. A stranger asks for it with any port beside our name: ours is known.

        And with any name, where the settings allow all (`*`, `.example.com`): only one that they write out is taken.
        """
        asked = urlsplit(super().get_reset_password_from_key_url(key))
        known = urlsplit(settings.PUBLIC_URL)
        is_named = asked.hostname in settings.ALLOWED_HOSTS and asked.hostname != known.hostname
        if settings.IS_PRODUCTION and not is_named:
            asked = asked._replace(scheme=known.scheme, netloc=known.netloc)
        return str(asked.geturl())

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Go on to the start: the page that asks for the present password has nothing left to ask."""
        return reverse("console:start")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count wrong passwords by login alone: allauth would count anew for every port in the Host header."""
        return str(credentials.get("email", "")).strip().lower()
