"""Errors that know the field, the value, the limit and the way out."""

from typing import Any

from django.utils.functional import Promise


class TrothError(Exception):
    """A refusal with a reason. Subclasses state `code` and `status`; nothing was written when one is raised.

    Args:
        message: sentence for people, translated; names field, value and the way out.
        fields: machine-readable details, for example ``{"field": "phone", "value": "12", "limit": 5}``.
    """

    code = "error"
    status = 400

    def __init__(self, message: str | Promise, **fields: Any) -> None:
        super().__init__(str(message))
        self.message = message
        self.fields = fields

    def __str__(self) -> str:
        return str(self.message)


class InvalidError(TrothError):
    """A value breaks a stated rule."""

    code = "invalid"
    status = 422


class NotFoundError(TrothError):
    """What was asked for does not exist, or not for this actor."""

    code = "not_found"
    status = 404


class ConflictError(TrothError):
    """The request contradicts what is stored already."""

    code = "conflict"
    status = 409


class ForbiddenError(TrothError):
    """The actor lacks the permission."""

    code = "forbidden"
    status = 403
