"""Logins and API keys as acts of a person: `access` does them, the event log keeps them, both or neither."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from troth.access import services as access
from troth.access.actors import Actor
from troth.access.models import ApiKey, User
from troth.access.permissions import Permission, Role
from troth.events import services as events
from troth.jobs import services as jobs

from .tasks import FORGET_ANSWERS

FORGET_EVERY = timedelta(days=1)


@transaction.atomic
def add_user(
    *,
    email: str,
    role: Role,
    name: str = "",
    password: str | None = None,
    language: str = "",
    actor: Actor,
    now: datetime,
) -> User:
    """Give somebody a login.

    Raises:
        UserRefusedError: the address is taken or no address, or the password is too weak.
    """
    user = access.create_user(
        email=email, role=role, name=name, password=password, language=language, actor=actor, now=now
    )
    events.append("staff.user.added", actor=actor, now=now, data={"user": str(user.id), "role": str(role)})
    return user


@transaction.atomic
def change_role(*, user_id: UUID, role: Role, actor: Actor, now: datetime) -> User:
    """Give a user another role.

    Raises:
        UserNotFoundError: no such user.
        UserRefusedError: it would leave nobody who can administer.
    """
    user = access.change_role(user_id=user_id, role=role, actor=actor, now=now)
    return _noted("staff.user.role_changed", user, actor=actor, now=now, role=str(role))


@transaction.atomic
def deactivate_user(*, user_id: UUID, actor: Actor, now: datetime) -> User:
    """Shut a user out at once.

    Raises:
        UserNotFoundError: no such user.
        UserRefusedError: it is the actor, or it would leave nobody who can administer.
    """
    user = access.deactivate_user(user_id=user_id, actor=actor, now=now)
    return _noted("staff.user.deactivated", user, actor=actor, now=now)


@transaction.atomic
def reactivate_user(*, user_id: UUID, actor: Actor, now: datetime) -> User:
    """Let a user in again.

    Raises:
        UserNotFoundError: no such user.
    """
    user = access.reactivate_user(user_id=user_id, actor=actor, now=now)
    return _noted("staff.user.reactivated", user, actor=actor, now=now)


@transaction.atomic
def create_api_key(
    *,
    name: str,
    scopes: Iterable[Permission],
    expires_at: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> tuple[ApiKey, str]:
    """Make an API key and return it with the text that is shown once; from the first on, answers age out daily.

    Raises:
        KeyInvalidError: no name, no scope, a scope that keys never hold, or an expiry that is past.
        PermissionMissingError: a scope that the actor does not hold.
    """
    key, text = access.create_api_key(name=name, scopes=scopes, expires_at=expires_at, actor=actor, now=now)
    data = {"key": str(key.id), "scopes": key.scopes}
    events.append("staff.api_key.created", actor=actor, now=now, data=data)
    jobs.schedule(FORGET_ANSWERS, every=FORGET_EVERY, first_at=now + FORGET_EVERY)
    return key, text


@transaction.atomic
def revoke_api_key(*, key_id: UUID, actor: Actor, now: datetime) -> ApiKey:
    """Shut an API key out at once and for ever; revoking it again changes nothing.

    Raises:
        KeyNotFoundError: no such key.
    """
    key = access.revoke_api_key(key_id=key_id, actor=actor, now=now)
    if key.revoked_at == now:
        events.append("staff.api_key.revoked", actor=actor, now=now, data={"key": str(key.id)})
    return key


def _noted(name: str, user: User, *, actor: Actor, now: datetime, **data: Any) -> User:
    events.append(name, actor=actor, now=now, data={"user": str(user.id), **data})
    return user
