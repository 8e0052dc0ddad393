"""Who asks: the API key in the Authorization header becomes the actor of the request."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer

from troth.access import services as access
from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.kit import clock
from troth.kit.rates import Allowance, RateLimiter

from .problems import RateLimitedError

limiter = RateLimiter(per_minute=settings.API_REQUESTS_PER_MINUTE)


class ApiRequest(HttpRequest):
    """A request with a key: who asks, when, how much of the key's allowance is left; the body as values, if read."""

    auth: Actor
    now: datetime
    allowance: Allowance
    parsed_body: Any


class ApiKeyBearer(HttpBearer):
    """Bearer authentication with an API key; counts the request against the key's rate limit.

    scope: what the key must hold; asked here, before anything of the request is read, so that who may not call an
    address learns nothing of what it takes.
    """

    def __init__(self, scope: Permission | None = None) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """Return the key's actor.

        Raises:
            KeyRefusedError: the key is unknown, revoked or expired.
            RateLimitedError: the key asked too often.
            PermissionMissingError: the key does not hold the scope.
        """
        now = clock.utc_now()
        actor = access.authenticate_key(token.strip(), now=now)
        allowance = limiter.take(actor.id)
        request.now, request.allowance = now, allowance  # type: ignore[attr-defined]  # as ApiRequest states
        if not allowance.is_granted:
            raise RateLimitedError(allowance.wait_seconds, limiter.per_minute)
        if self.scope is not None:
            access.require(actor, self.scope)
        return actor
