"""Which records are one owner: the ledger knows ids only, so the module that merges records tells it.

Accounts stay with the record that earned; what one may spend is counted over all records of the owner.
"""

from collections.abc import Callable, Collection, Mapping
from uuid import UUID

OwnerGroups = Callable[[Collection[UUID]], Mapping[UUID, tuple[UUID, ...]]]
"""Given owners, return all records (itself too, in one order for all of them) of each that has more than one."""

_resolvers: dict[str, OwnerGroups] = {}


def register_owner_groups(name: str, resolver: OwnerGroups) -> None:
    """Have the ledger ask this, too, which records are one owner; repeating a name replaces nothing.

    Raises:
        ValueError: another resolver has the name.
    """
    if _resolvers.get(name, resolver) != resolver:
        raise ValueError(f"an owner-group resolver named {name!r} is registered already")
    _resolvers[name] = resolver


def groups_of(owner_ids: Collection[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """Return the records of every owner, at least its own."""
    found: dict[UUID, tuple[UUID, ...]] = {owner_id: (owner_id,) for owner_id in owner_ids}
    for resolver in _resolvers.values():
        found.update(resolver(owner_ids))
    return found
