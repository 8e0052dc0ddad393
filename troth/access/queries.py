"""Reading who may sign in, and by which keys programs come in."""

from uuid import UUID

from django.db.models import QuerySet

from .errors import UserNotFoundError
from .models import ApiKey, User
from .permissions import Role


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


def user_by_email(email: str) -> User | None:
    """Return the user of an address, None if nobody has it."""
    return User.objects.filter(email=email.strip().lower()).first()


def has_administrator() -> bool:
    """Tell whether anybody who can administer may sign in."""
    return User.objects.filter(role=Role.ADMIN, is_active=True).exists()


def api_keys() -> QuerySet[ApiKey]:
    """Return every API key, newest first; revoked and expired ones too."""
    return ApiKey.objects.order_by("-created_at")
