"""People who may sign in, and keys by which programs come in.

Access lies below the event log, so nothing is appended here: `troth.staff.accounts` does these acts for
people and appends their events in the same transaction.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction
from django.utils.translation import gettext as _

from .actors import Actor
from .errors import (
    KeyInvalidError,
    KeyNotFoundError,
    KeyRefusedError,
    PermissionMissingError,
    UserNotFoundError,
    UserRefusedError,
)
from .models import ApiKey, User
from .permissions import KEY_PERMISSIONS, Permission, Role

KEY_MARK = "troth"
PREFIX_CHARACTERS = 8
USE_NOTED_EVERY = timedelta(minutes=10)
KEY_REMEMBERED_SECONDS = 1.0
KEY_ASKED_SECONDS = 0.2
KEYS_REMEMBERED = 1_000
_keys: dict[str, tuple[ApiKey, float]] = {}  # by the hash of their text, until when


def require(actor: Actor, permission: Permission) -> None:
    """Let the act pass if the actor holds the permission.

    Raises:
        PermissionMissingError: the actor does not hold it.
    """
    if not actor.may(permission):
        raise PermissionMissingError(permission)


@transaction.atomic
def create_user(
    *,
    email: str,
    role: Role,
    name: str = "",
    password: str | None = None,
    language: str = "",
    actor: Actor,
    now: datetime,
) -> User:
    """Make a person who may sign in; without a password only by a login link or another sign-in method.

    Raises:
        UserRefusedError: the address is taken or no address, or the password is too weak.
    """
    user = User(email=email.strip().lower(), name=name.strip(), role=role, language=language)
    if password is not None:
        _check_password(password, user)
    user.set_password(password)
    try:
        user.full_clean(exclude=["created_at"])
    except ValidationError as invalid:
        field, messages = next(iter(invalid.message_dict.items()))
        raise UserRefusedError(f"{email}: {messages[0]}", field=field, value=email) from invalid
    user.save(force_insert=True)
    return user


@transaction.atomic
def change_role(*, user_id: UUID, role: Role, actor: Actor, now: datetime) -> User:
    """Give the user another role.

    Raises:
        UserNotFoundError: no such user.
        UserRefusedError: it would leave nobody who can administer.
    """
    user = _locked(user_id)
    if role != Role.ADMIN:
        _keep_an_admin(user)
    user.role = role
    user.save(update_fields=["role"])
    return user


@transaction.atomic
def deactivate_user(*, user_id: UUID, actor: Actor, now: datetime) -> User:
    """Shut a user out at once; what they did stays theirs.

    Raises:
        UserNotFoundError: no such user.
        UserRefusedError: it is the actor, or it would leave nobody who can administer.
    """
    user = _locked(user_id)
    if actor.kind == "user" and actor.id == str(user.id):
        raise UserRefusedError(_("You cannot shut yourself out. Ask another administrator."), field="user_id")
    _keep_an_admin(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    return user


@transaction.atomic
def reactivate_user(*, user_id: UUID, actor: Actor, now: datetime) -> User:
    """Let a user in again.

    Raises:
        UserNotFoundError: no such user.
    """
    user = _locked(user_id)
    user.is_active = True
    user.save(update_fields=["is_active"])
    return user


def set_preferences(user: User, *, language: str | None = None, theme: str | None = None) -> None:
    """Keep the language and the theme a user chose for the screens; None leaves one as it is."""
    chosen = {"language": language, "theme": theme}
    changes = {field: value for field, value in chosen.items() if value is not None}
    if changes:
        User.objects.filter(id=user.id).update(**changes)


@transaction.atomic
def create_api_key(
    *,
    name: str,
    scopes: Iterable[Permission],
    expires_at: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> tuple[ApiKey, str]:
    """Make a key and return it with its secret text, which is shown once and stored nowhere (its SHA-256 is).

    Raises:
        KeyInvalidError: no name, no scope, a scope that keys never hold, or an expiry that is past.
        PermissionMissingError: a scope that the actor does not hold.
    """
    wanted = set(scopes)
    _check_key(name, wanted, expires_at, now)
    for scope in sorted(wanted):
        require(actor, scope)
    prefix, secret = _new_prefix(), secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        name=name.strip(),
        prefix=prefix,
        secret_hash=_hash(secret),
        scopes=sorted(wanted),
        created_by=actor.code,
        created_at=now,
        expires_at=expires_at,
    )
    return key, f"{KEY_MARK}_{prefix}_{secret}"


@transaction.atomic
def revoke_api_key(*, key_id: UUID, actor: Actor, now: datetime) -> ApiKey:
    """Shut a key out at once and for ever, in other processes within a second; revoking it again changes nothing.

    Raises:
        KeyNotFoundError: no such key.
    """
    key = ApiKey.objects.select_for_update().filter(id=key_id).first()
    if key is None:
        raise KeyNotFoundError
    if key.revoked_at is None:
        key.revoked_at = now
        key.save(update_fields=["revoked_at"])
        _keys.clear()
        transaction.on_commit(_keys.clear)  # another thread may have asked meanwhile
    return key


def authenticate_key(text: str, *, now: datetime) -> Actor:
    """Return the actor of an API key's text, with the key's scopes as its permissions.

    Raises:
        KeyRefusedError: the key is unknown, revoked or expired; it never says which.
    """
    key = _known_key(text)
    if key is None or not is_usable(key, now):
        raise KeyRefusedError
    _note_use(key, now)
    permissions = frozenset(Permission(scope) for scope in key.scopes if scope in KEY_PERMISSIONS)
    return Actor(kind="api_key", id=str(key.id), label=key.name, permissions=permissions)


def _known_key(text: str) -> ApiKey | None:
    """Return the key of a text, whatever became of it, None where there is none.

    Remembered for a moment, so that a thousand calls a second ask the database once; what this process changes of keys
    is known at once, what another one changes after `KEY_REMEMBERED_SECONDS`.
    """
    name = _hash(text)
    remembered = _keys.get(name)
    if remembered is not None and time.monotonic() < remembered[1]:
        return remembered[0]
    if remembered is not None and _keys.get(name) is remembered:
        # While this caller asks the database, the others go on with what was known.
        _keys[name] = (remembered[0], time.monotonic() + KEY_ASKED_SECONDS)
    mark, _separator, rest = text.partition("_")
    prefix, _separator, secret = rest.partition("_")
    key = ApiKey.objects.filter(prefix=prefix).first() if mark == KEY_MARK and _is_plain(prefix) else None
    if key is None or not hmac.compare_digest(key.secret_hash, _hash(secret)):
        _keys.pop(name, None)
        return None
    if len(_keys) >= KEYS_REMEMBERED:
        _keys.clear()
    _keys[name] = (key, time.monotonic() + KEY_REMEMBERED_SECONDS)
    return key


def is_usable(key: ApiKey, now: datetime) -> bool:
    """Tell whether the key opens anything at this moment."""
    return key.revoked_at is None and (key.expires_at is None or now < key.expires_at)


def _check_key(name: str, scopes: set[Permission], expires_at: datetime | None, now: datetime) -> None:
    if not 1 <= len(name.strip()) <= 100:
        text = _("Give the key a name of 1 to 100 characters, for example the program that uses it.")
        raise KeyInvalidError(text, field="name")
    if not scopes:
        raise KeyInvalidError(_("Choose at least one thing that the key may do."), field="scopes")
    if refused := sorted(scopes - KEY_PERMISSIONS):
        text = _("No key may hold “%(scope)s”: people do that in the console.")
        raise KeyInvalidError(text % {"scope": refused[0]}, field="scopes", value=refused)
    if expires_at is not None and expires_at <= now:
        text = _("The key would have expired already. Choose a later day, or none.")
        raise KeyInvalidError(text, field="expires_at")


def _note_use(key: ApiKey, now: datetime) -> None:
    """Keep when the key was last used, to ten minutes: a write per request would cost more than it tells."""
    if key.last_used_at is not None and now - key.last_used_at < USE_NOTED_EVERY:
        return
    try:
        with transaction.atomic():
            ApiKey.objects.filter(id=key.id).update(last_used_at=now)
        key.last_used_at = now
    except OperationalError:  # a busy SQLite file must not turn a read into a failure
        return


def _new_prefix() -> str:
    alphabet = "abcdefghijkmnpqrstuvwxyz23456789"  # nothing that looks like something else
    return "".join(secrets.choice(alphabet) for _ in range(PREFIX_CHARACTERS))


def _is_plain(prefix: str) -> bool:
    return len(prefix) == PREFIX_CHARACTERS and prefix.isascii() and prefix.isalnum()


def _hash(secret: str) -> str:
    """The secret has 256 random bits: its plain hash cannot be guessed back and needs no salt."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as invalid:
        raise UserRefusedError(" ".join(invalid.messages), field="password") from invalid


def _locked(user_id: UUID) -> User:
    """Lock the administrators with the user, so that two of them cannot remove each other at once."""
    ids = {*User.objects.filter(role=Role.ADMIN, is_active=True).values_list("id", flat=True), user_id}
    users = {user.id: user for user in User.objects.select_for_update().filter(id__in=ids).order_by("id")}
    if user_id not in users:
        raise UserNotFoundError
    return users[user_id]


def _keep_an_admin(user: User) -> None:
    others = User.objects.filter(role=Role.ADMIN, is_active=True).exclude(id=user.id)
    if user.role == Role.ADMIN and user.is_active and not others.exists():
        text = _("%(name)s is the only administrator. Make somebody else one first.")
        raise UserRefusedError(text % {"name": user}, field="role")
