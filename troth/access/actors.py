"""Who acts: every write names one, every event keeps it."""

from dataclasses import dataclass, field

from .permissions import ALL_PERMISSIONS, Permission


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a key or the system, with what it may do.

    kind: "user", "api_key", "system" or "member"; id: stable identifier within the kind; label: for screens.
    """

    kind: str
    id: str
    label: str
    permissions: frozenset[Permission] = field(default_factory=frozenset)

    def may(self, permission: Permission) -> bool:
        """Tell whether the actor holds the permission."""
        return permission in self.permissions

    @property
    def code(self) -> str:
        """Return "kind:id", the form that events store."""
        return f"{self.kind}:{self.id}"


def system_actor(name: str) -> Actor:
    """Return the actor of work that nobody asked for in person: schedules, commands, migrations."""
    return Actor(kind="system", id=name, label=name, permissions=ALL_PERMISSIONS)
