"""Reading who may sign in."""

from uuid import UUID

from django.db.models import QuerySet

from .errors import UserNotFoundError
from .models import User


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
