"""The left navigation: areas register their items, a person sees those that they may open."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from troth.access.actors import Actor
from troth.access.permissions import Permission


class Pillar(IntEnum):
    """The groups of the navigation, in their order from top to bottom."""

    OVERVIEW = 1
    CUSTOMERS = 2
    VALUE = 3
    PROGRAMMES = 4
    CARE = 5
    VOICE = 6
    KEEP = 7
    GROW = 8
    RESULTS = 9
    SETTINGS = 10


PILLAR_LABELS: dict[Pillar, Promise] = {
    Pillar.OVERVIEW: _("Overview"),
    Pillar.CUSTOMERS: _("Customers"),
    Pillar.VALUE: _("Loyalty & value"),
    Pillar.PROGRAMMES: _("Programmes"),
    Pillar.CARE: _("Care"),
    Pillar.VOICE: _("Voice"),
    Pillar.KEEP: _("Keep"),
    Pillar.GROW: _("Grow"),
    Pillar.RESULTS: _("Results"),
    Pillar.SETTINGS: _("Settings"),
}


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry: where it leads and who may go there (`permission=None`: everyone who is signed in).

    order: small numbers stand first within the pillar.
    """

    pillar: Pillar
    label: str | Promise
    url_name: str
    icon: str
    permission: Permission | None = None
    order: int = 50

    @property
    def url(self) -> str:
        return reverse(self.url_name)


@dataclass(frozen=True, slots=True)
class NavLink:
    """An item as it is drawn for one request."""

    label: str | Promise
    url: str
    icon: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class NavGroup:
    """A pillar with the links that one person sees in it."""

    pillar: Pillar
    label: Promise
    links: tuple[NavLink, ...]


_items: dict[str, NavItem] = {}


def register(item: NavItem) -> None:
    """Add an entry.

    Raises:
        ValueError: another entry leads to the same place.
    """
    if item.url_name in _items and _items[item.url_name] != item:
        raise ValueError(f"navigation has an entry for {item.url_name} already")
    _items[item.url_name] = item


def items_for(actor: Actor) -> list[NavItem]:
    """Return the entries that the actor may open, in the order of the screen."""
    allowed = (item for item in _items.values() if item.permission is None or actor.may(item.permission))
    return sorted(allowed, key=lambda item: (item.pillar, item.order, item.url_name))


def groups_for(actor: Actor, current_path: str) -> list[NavGroup]:
    """Return the navigation of one request; the entry whose address is the longest prefix of the path is
    active.
    """
    items = items_for(actor)
    active = _active_url([item.url for item in items], current_path)
    return [
        NavGroup(
            pillar=pillar,
            label=PILLAR_LABELS[pillar],
            links=tuple(
                NavLink(label=item.label, url=item.url, icon=item.icon, is_active=item.url == active)
                for item in items
                if item.pillar == pillar
            ),
        )
        for pillar in Pillar
        if any(item.pillar == pillar for item in items)
    ]


def _active_url(urls: Sequence[str], current_path: str) -> str | None:
    return max((url for url in urls if current_path.startswith(url)), key=len, default=None)


def here(groups: Sequence[NavGroup]) -> tuple[NavGroup, NavLink] | None:
    """Return the active entry with its group: the first steps of the way to the present page."""
    return next(((group, link) for group in groups for link in group.links if link.is_active), None)
