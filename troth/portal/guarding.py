"""Public forms guarded against programs without outside services: a signed token, a pace, a trap."""

import secrets
from dataclasses import dataclass

from django.core import signing
from django.http import HttpRequest
from django.utils.translation import gettext as _

from troth.access.notes import SharedLimiter
from troth.kit.errors import InvalidError
from troth.kit.rates import RateLimiter, asker

LONGEST_SECONDS = 12 * 3600
SHORTEST_SECONDS = 2
PER_MINUTE = 10
"""Forms that one address may send in a minute: a shop's own wireless network, no machine."""
TRAP = "website"


class FormRefusedError(InvalidError):
    """The form is not one that we showed just now, or a field of it breaks its rule."""

    code = "form_refused"


class FormFloodError(FormRefusedError):
    """Too many forms came from one address."""

    code = "form_flood"
    status = 429


@dataclass(frozen=True, slots=True)
class FormGuard:
    """The guard of one form. salt: a name of its own, so that no other form's token opens it."""

    salt: str
    given: RateLimiter | None = None

    @property
    def limiter(self) -> RateLimiter | SharedLimiter:
        """Return what counts the forms: all processes together, unless told otherwise."""
        return self.given or SharedLimiter(self.salt, PER_MINUTE)

    def token(self) -> str:
        """Return what the form carries in its hidden field."""
        return signing.dumps(secrets.token_urlsafe(12), salt=self.salt)

    def refuse_flood(self, request: HttpRequest) -> None:
        """Refuse what comes too often from one address.

        Raises:
            FormFloodError: it does.
        """
        if not self.limiter.take(asker(request.META.get("REMOTE_ADDR", ""))).is_granted:
            raise FormFloodError(_("Too many messages came from here. Try again in some minutes, or call us."))

    def key(self, request: HttpRequest) -> str:
        """Return by what this form is known: each showing has its own token, so that pressing twice is one.

        Raises:
            FormRefusedError: it was not our form, too old, or filled in faster than anybody can.
        """
        token = request.POST.get("token", "")
        try:
            nonce = str(signing.loads(token, salt=self.salt, max_age=LONGEST_SECONDS))
        except signing.BadSignature as error:
            text = _("This form was open for too long, or came from elsewhere. Send it again now.")
            raise FormRefusedError(text, field="token") from error
        try:
            signing.loads(token, salt=self.salt, max_age=SHORTEST_SECONDS)
        except signing.SignatureExpired:
            return f"form:{nonce}"
        raise FormRefusedError(_("That was very quick. Look at it once more and send it again."), field="token")

    def is_trapped(self, request: HttpRequest) -> bool:
        """Tell whether a program filled in what people do not see."""
        return bool(request.POST.get(TRAP))
