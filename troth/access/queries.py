"""Reading who may sign in, and by which keys programs come in."""

from uuid import UUID

from django.db.models import QuerySet

from .errors import UserNotFoundError
from .models import ApiKey, User


def users() -> QuerySet[User]:
    """Return everybody with a login, the open ones first, by name."""
    return User.objects.order_by("-is_active", "name", "email")


def user(user_id: UUID) -> User:
    """Return one user.

    Raises:
        UserNotFoundError: no such user.
    """
    found = User.objects.filter(id=user_id).first()
    if found is None:
        raise UserNotFoundError
    return found


def api_keys() -> QuerySet[ApiKey]:
    """Return every API key, newest first; revoked and expired ones too."""
    return ApiKey.objects.order_by("-created_at")
