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


@dataclass(frozen=True, slots=True)
class PillarFace:
    """How a pillar is drawn."""

    label: Promise
    icon: str


FACES: dict[Pillar, PillarFace] = {
    Pillar.OVERVIEW: PillarFace(_("Overview"), "layout-dashboard"),
    Pillar.CUSTOMERS: PillarFace(_("Customers"), "users"),
    Pillar.VALUE: PillarFace(_("Loyalty & value"), "pyramid"),
    Pillar.PROGRAMMES: PillarFace(_("Programmes"), "stars"),
    Pillar.CARE: PillarFace(_("Care"), "heart-handshake"),
    Pillar.VOICE: PillarFace(_("Voice"), "message-circle"),
    Pillar.KEEP: PillarFace(_("Keep"), "shield-check"),
    Pillar.GROW: PillarFace(_("Grow"), "trending-up"),
    Pillar.RESULTS: PillarFace(_("Results"), "report-analytics"),
    Pillar.SETTINGS: PillarFace(_("Settings"), "settings"),
}

ROWS_IN_SIGHT = 21
"""So many rows fit a window of 900 pixels; a longer navigation opens one pillar at a time."""


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
    links: tuple[NavLink, ...]

    @property
    def label(self) -> Promise:
        return FACES[self.pillar].label

    @property
    def icon(self) -> str:
        return FACES[self.pillar].icon

    @property
    def is_active(self) -> bool:
        return any(link.is_active for link in self.links)

    @property
    def is_single(self) -> bool:
        """Whether the pillar is one page of its own name: drawn as a link, without a heading."""
        return len(self.links) == 1 and str(self.links[0].label) == str(self.label)

    @property
    def rows(self) -> int:
        return 1 if self.is_single else 1 + len(self.links)


_items: dict[str, NavItem] = {}


def register(*items: NavItem) -> None:
    """Add entries; an area's `nav.py` calls it when it is imported.

    Raises:
        ValueError: another entry leads to the same place.
    """
    for item in items:
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
            links=tuple(
                NavLink(label=item.label, url=item.url, icon=item.icon, is_active=item.url == active)
                for item in items
                if item.pillar == pillar
            ),
        )
        for pillar in Pillar
        if any(item.pillar == pillar for item in items)
    ]


def fits(groups: Sequence[NavGroup]) -> bool:
    """Return whether the whole navigation can be seen at once, every pillar open."""
    return sum(group.rows for group in groups) <= ROWS_IN_SIGHT


def _active_url(urls: Sequence[str], current_path: str) -> str | None:
    return max((url for url in urls if current_path.startswith(url)), key=len, default=None)


def here(groups: Sequence[NavGroup]) -> tuple[NavGroup, NavLink] | None:
    """Return the active entry with its group: the first steps of the way to the present page."""
    return next(((group, link) for group in groups for link in group.links if link.is_active), None)
