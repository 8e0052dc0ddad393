"""What access refuses."""

from django.utils.translation import gettext_lazy as _

from troth.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, TrothError

from .permissions import Permission


class PermissionMissingError(ForbiddenError):
    """The actor's role or key does not hold the permission."""

    code = "permission_missing"

    def __init__(self, permission: Permission) -> None:
        text = _("This needs the permission “%(label)s” (%(code)s), which an administrator can give.")
        names = {"label": permission.label, "code": permission.value}
        super().__init__(text % names, permission=permission.value)


class KeyRefusedError(TrothError):
    """The API key is unknown, revoked or expired."""

    code = "key_refused"
    status = 401

    def __init__(self) -> None:
        super().__init__(_("The API key is unknown, revoked or expired. Make one under Settings, API keys."))


class KeyNotFoundError(NotFoundError):
    """No such API key."""

    code = "key_not_found"

    def __init__(self) -> None:
        super().__init__(_("There is no such API key."))


class KeyInvalidError(InvalidError):
    """The API key cannot be made this way."""

    code = "key_invalid"


class LinkRefusedError(TrothError):
    """The login link is forged, used, outdated, or its user may not sign in."""

    code = "link_refused"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("This login link was used already or is out of date. Sign in with your password."))


class IdempotencyConflictError(ConflictError):
    """The same idempotency key came with another payload."""

    code = "idempotency_conflict"

    def __init__(self, key: str) -> None:
        text = _("The idempotency key “%(key)s” named another request already. Send this one under a new key.")
        super().__init__(text % {"key": key}, field="Idempotency-Key", value=key)


class IdempotencyErasedError(ConflictError):
    """The answer under an idempotency key was erased with the data of a customer."""

    code = "idempotency_erased"

    def __init__(self, key: str) -> None:
        text = _("“%(key)s” was done, and its answer erased with a customer’s data. Send new things under new keys.")
        super().__init__(text % {"key": key}, field="Idempotency-Key", value=key)


class IdempotencyInProgressError(ConflictError):
    """The first request of this idempotency key is still being worked on."""

    code = "idempotency_in_progress"

    def __init__(self, key: str) -> None:
        text = _("The first request of the idempotency key “%(key)s” is not finished. Try again in seconds.")
        super().__init__(text % {"key": key}, field="Idempotency-Key", value=key, retry_after_seconds=2)


class UserRefusedError(InvalidError):
    """The user cannot be made or changed this way."""

    code = "user_refused"


class UserNotFoundError(NotFoundError):
    """No such user."""

    code = "user_not_found"

    def __init__(self) -> None:
        super().__init__(_("There is no such user."))
