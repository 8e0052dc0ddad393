"""What every page of one customer shows: the head and the tabs. Other areas add a tab, or a card to the first page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from troth.access.permissions import Permission
from troth.console.components import Tab
from troth.console.guard import ConsoleRequest
from troth.customers import queries as customers
from troth.customers.errors import CustomerNotFoundError
from troth.kit.clock import utc_now
from troth.staff import queries as staff

from . import profile

P = Permission


@dataclass(frozen=True, slots=True)
class CustomerTab:
    """A tab of the customer's page. url_name: takes the customer's id; permission: None for everybody."""

    code: str
    label: Promise
    url_name: str
    permission: Permission | None
    order: int


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """A card beside the customer's history. build: returns the template's values, None where it has nothing to show."""

    template: str
    permission: Permission
    build: Callable[[ConsoleRequest, profile.Profile], Mapping[str, Any] | None]
    order: int


_tabs: dict[str, CustomerTab] = {}
_cards: dict[str, CustomerCard] = {}


def register(*parts: CustomerTab | CustomerCard) -> None:
    """Add tabs and cards; registering the same again changes nothing."""
    for part in parts:
        if isinstance(part, CustomerTab):
            _tabs[part.code] = part
        else:
            _cards[part.template] = part


register(
    CustomerTab("customer", _("At a glance"), "customers:customer", None, 10),
    CustomerTab("orders", _("Orders"), "customers:orders", P.ORDERS_VIEW, 20),
    CustomerTab("figures", _("Figures & reasons"), "customers:figures", P.INSIGHTS_VIEW, 60),
    CustomerTab("data", _("Data & consent"), "customers:data", None, 70),
    CustomerTab("merges", _("Records"), "customers:merges", None, 80),
)


def profile_of(request: ConsoleRequest, customer_id: UUID) -> profile.Profile:
    """Return the customer as this person may see them, or answer 404."""
    company = staff.company_or_none()
    try:
        return profile.profile_of(customer_id, request.actor, company.currency if company else "CNY")
    except CustomerNotFoundError as missing:
        raise Http404(str(missing)) from missing


def context_of(request: ConsoleRequest, shown: profile.Profile, tab: str) -> dict[str, Any]:
    """Return the context of `console/customers/frame.html`; tab: the code of the one that is open."""
    may = request.actor.may
    return {
        "profile": shown,
        "customer": shown.customer,
        "score": shown.score,
        "since": shown.customer.joined_date or (shown.score.first_purchase_date if shown.score else None),
        "currency": shown.currency,
        "tabs": _tabs_of(request, shown, tab),
        "tags": customers.tags_of(shown.customer.id),
        "may_edit": may(P.CUSTOMERS_EDIT) and shown.customer.erased_at is None,
        "may_merge": may(P.CUSTOMERS_MERGE) and shown.customer.erased_at is None,
        "may_export": may(P.CUSTOMERS_EXPORT) and may(P.CUSTOMERS_VIEW_PERSONAL),
        "now": utc_now(),
    }


def cards_of(request: ConsoleRequest, shown: profile.Profile) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the registered cards that this person may see: template and values."""
    found = []
    for card in sorted(_cards.values(), key=lambda one: one.order):
        values = card.build(request, shown) if request.actor.may(card.permission) else None
        if values is not None:
            found.append((card.template, values))
    return found


def _tabs_of(request: ConsoleRequest, shown: profile.Profile, active: str) -> list[Tab]:
    merged = len(shown.records) - 1
    return [
        Tab(
            label=tab.label,
            url=reverse(tab.url_name, args=[shown.customer.id]),
            is_active=tab.code == active,
            count=str(merged + 1) if tab.code == "merges" and merged else "",
        )
        for tab in sorted(_tabs.values(), key=lambda one: one.order)
        if tab.permission is None or request.actor.may(tab.permission)
    ]
