"""People who sign in, keys that programs use, and what makes a repeated request harmless."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _

from troth.kit.ids import new_id
from troth.kit.tables import TableKind, classify

from .actors import Actor
from .permissions import ROLE_PERMISSIONS, Role


class UserManager(BaseUserManager["User"]):
    """Makes users known by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person of the company who signs in; the role says what for."""

    kind: ClassVar = TableKind.OPERATIONAL
    data_map: ClassVar = classify(
        business="id role language theme is_active is_staff is_superuser created_at last_login groups user_permissions",
        personal="email name",
        sensitive="password",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.MANAGER)
    language = models.CharField(_("language"), max_length=10, blank=True)
    theme = models.CharField(
        _("theme"),
        max_length=5,
        default="auto",
        choices=[("auto", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))],
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def actor(self) -> Actor:
        """Return the user as an actor with the permissions of the role; none if deactivated."""
        permissions = ROLE_PERMISSIONS[Role(self.role)] if self.is_active else frozenset()
        return Actor(kind="user", id=str(self.id), label=str(self), permissions=permissions)


class ApiKey(models.Model):
    """A program's way in. Only the hash of its secret is kept; the secret is shown once."""

    kind: ClassVar = TableKind.OPERATIONAL
    data_map: ClassVar = classify(
        business="id name prefix scopes created_by created_at expires_at revoked_at last_used_at",
        sensitive="secret_hash",
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(max_length=12, unique=True)
    secret_hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class IdempotencyRecord(models.Model):
    """The answer given to an operation that its caller named, so that the same call gets the same answer."""

    kind: ClassVar = TableKind.DIRECTORY
    data_map: ClassVar = classify(business="id actor key fingerprint status created_at", personal="response")

    actor = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    response = models.TextField(blank=True)  # JSON text, as it was sent
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="idempotency_actor_key")]

    def __str__(self) -> str:
        return f"{self.actor} {self.key}"


class SharedNote(models.Model):
    """What every web process must know at once and soon forgets: how often somebody tried or asked.

    key: keyed hash of what it is about, for that is often an address; value: JSON.
    """

    kind: ClassVar = TableKind.OPERATIONAL
    data_map: ClassVar = classify(business="key value expires_at")

    key = models.CharField(max_length=64, primary_key=True)
    value = models.TextField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key


class SavedView(models.Model):
    """A list as somebody likes to see it: filters, columns and order under a name."""

    kind: ClassVar = TableKind.OPERATIONAL
    data_map: ClassVar = classify(business="id user area name query is_shared created_at")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    area = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=80)
    query = models.JSONField(default=dict)
    is_shared = models.BooleanField(_("shared with everybody"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "area", "name"], name="saved_view_user_area_name")]

    def __str__(self) -> str:
        return self.name
