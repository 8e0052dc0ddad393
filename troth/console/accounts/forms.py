"""The code of the second step, which counts once."""

import unicodedata
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms
from django.conf import settings
from django.core.cache import cache

PERIOD_SECONDS = 30
"""RFC 6238: how long each code is shown."""
VALID_SECONDS = PERIOD_SECONDS * (2 * settings.MFA_TOTP_TOLERANCE + 1)


class _OneTimeForm(forms.BaseAuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """Takes each code once for as long as it is valid: allauth remembers it for one period, and takes three."""

    user: Any
    authenticator: Any

    def clean_code(self) -> str:
        """Return the code. Of two requests with the same one at the same moment, one is refused."""
        code = str(super().clean_code())
        plain = "".join(sign for sign in unicodedata.normalize("NFKC", code).casefold() if sign.isalnum())
        if not cache.add(f"troth.mfa.used?user={self.user.pk}&code={plain}", 1, timeout=VALID_SECONDS):
            self._emit_authentication_failed(self.authenticator)
            raise get_adapter().validation_error("incorrect_code")
        return code


class AuthenticateForm(_OneTimeForm, forms.AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """Asked for at sign-in."""


class ReauthenticateForm(_OneTimeForm, forms.ReauthenticateForm):  # type: ignore[misc]  # as above
    """Asked for before something that needs certainty who sits there."""
