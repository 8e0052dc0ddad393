"""Reading who may sign in, and by which keys programs come in."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

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


def is_same_person(code: str, other: str) -> bool:
    """Tell whether one person answers for what both actors do: a key acts for who made it."""
    return code == other or _who_answers(code) == _who_answers(other)


def _who_answers(code: str) -> str:
    kind, _colon, key_id = code.partition(":")
    if kind != "api_key":
        return code
    made_by = ApiKey.objects.filter(id=key_id).values_list("created_by", flat=True).first()
    return made_by or code


def working_keys_of(user: User, now: datetime) -> list[ApiKey]:
    """Return the keys that a user made and that still open something: shutting the user out leaves them alone."""
    made = ApiKey.objects.filter(created_by=f"user:{user.id}", revoked_at=None)
    return list(made.filter(Q(expires_at=None) | Q(expires_at__gt=now)).order_by("name"))


def api_keys() -> QuerySet[ApiKey]:
    """Return every API key, newest first; revoked and expired ones too."""
    return ApiKey.objects.order_by("-created_at")
