"""What access refuses."""

from troth.kit.errors import ConflictError, ForbiddenError, InvalidError, TrothError


class PermissionMissingError(ForbiddenError):
    """The actor's role or key does not hold the permission."""

    code = "permission_missing"


class KeyRefusedError(TrothError):
    """The API key is unknown, revoked or expired."""

    code = "key_refused"
    status = 401


class IdempotencyConflictError(ConflictError):
    """The same idempotency key came with another payload."""

    code = "idempotency_conflict"


class UserRefusedError(InvalidError):
    """The user cannot be made or changed this way."""

    code = "user_refused"
