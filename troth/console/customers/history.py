"""What happened with a customer, newest first: orders, returns, visits and events in one line of time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from troth.access import queries as access
from troth.access.actors import Actor
from troth.access.permissions import Permission
from troth.activity import queries as activity
from troth.console import formats
from troth.console.components import TimelineItem, Tone
from troth.console.points.purse import currency_name
from troth.customers import queries as customers
from troth.customers.models import Consent, Customer, IdentityKind
from troth.events import queries as events
from troth.events.models import Event
from troth.ledger import queries as ledger
from troth.rewards import queries as rewards
from troth.staff import queries as staff

from .forms import attribute_label

PAGE_SIZE = 30
KINDS: dict[str, str | Promise] = {
    "orders": gettext_lazy("Orders"),
    "returns": gettext_lazy("Returns"),
    "visits": gettext_lazy("Visits"),
    "events": gettext_lazy("Changes and consent"),
}
FIELD_LABELS: dict[str, Any] = {
    name: getattr(Customer._meta.get_field(name), "verbose_name", name)
    for name in (
        "name",
        "birth_date",
        "gender",
        "city",
        "street",
        "region",
        "district",
        "postcode",
        "country",
    )
}
EVENT_TONES: dict[str, Tone] = {
    "customers.customer.created": "good",
    "customers.customer.imported": "good",
    "customers.customer.erased": "bad",
    "customers.consent.given": "good",
    "customers.consent.withdrawn": "warn",
    "customers.customer.merged": "info",
    "customers.customer.unmerged": "info",
}


@dataclass(frozen=True, slots=True)
class History:
    """A piece of the line of time; `older` is the moment from which it goes on, None at the end."""

    items: list[TimelineItem]
    older: datetime | None


def history_of(records: Sequence[UUID], actor: Actor, *, kind: str = "", before: datetime | None = None) -> History:
    """Return the newest things that happened to these records before a moment, of one kind or of all."""
    wanted = [kind] if kind in KINDS else list(KINDS)
    if not actor.may(Permission.ORDERS_VIEW):
        wanted = [name for name in wanted if name == "events"]
    sources = {"orders": _orders, "returns": _returns, "visits": _visits, "events": _events}
    found: list[TimelineItem] = []
    for name in wanted:
        found += sources[name](records, before)
    found.sort(key=lambda item: item.at, reverse=True)
    piece = found[:PAGE_SIZE]
    return History(items=piece, older=piece[-1].at if len(found) > PAGE_SIZE else None)


def _cut(rows: Any, before: datetime | None) -> list[Any]:
    """Return one row more than a page, so that the end of the line is known."""
    narrowed = rows.filter(occurred_at__lt=before) if before else rows
    return list(narrowed[: PAGE_SIZE + 1])


def _orders(records: Sequence[UUID], before: datetime | None) -> list[TimelineItem]:
    rows = _cut(activity.orders(records).select_related("store"), before)
    return [
        TimelineItem(
            at=order.occurred_at,
            title=_("Bought for %(amount)s") % {"amount": formats.money(order.net_amount, order.currency)},
            icon="shopping-bag",
            tone="brand",
            text=" · ".join(
                filter(None, [order.store.name if order.store else order.channel, _lines(order.line_count)])
            ),
            facts=_saved(order),
        )
        for order in rows
    ]


def _returns(records: Sequence[UUID], before: datetime | None) -> list[TimelineItem]:
    rows = _cut(activity.returns(records).select_related("store"), before)
    return [
        TimelineItem(
            at=row.occurred_at,
            title=_("Brought back goods for %(amount)s") % {"amount": formats.money(row.net_amount, row.currency)},
            icon="receipt-refund",
            tone="warn",
            text=" · ".join(filter(None, [row.store.name if row.store else "", row.reason])),
        )
        for row in rows
    ]


def _visits(records: Sequence[UUID], before: datetime | None) -> list[TimelineItem]:
    rows = _cut(activity.visits(records).select_related("store"), before)
    return [
        TimelineItem(
            at=row.occurred_at,
            title=row.get_visit_kind_display(),
            icon="door-enter",
            text=row.store.name if row.store else "",
        )
        for row in rows
    ]


def _events(records: Sequence[UUID], before: datetime | None) -> list[TimelineItem]:
    kinds = {kind.name: kind for kind in events.event_types()}
    shown = [kind.name for kind in kinds.values() if kind.on_timeline and not _is_shown_as_row(kind.name)]
    rows: list[Event] = _cut(events.of_customers(records, names=shown), before)
    actors = _actor_labels(event.actor for event in rows)
    said = _loyalty_texts(rows)
    return [
        TimelineItem(
            at=event.occurred_at,
            title=str(kinds[event.name].label),
            icon=kinds[event.name].icon,
            tone=EVENT_TONES.get(event.name, "neutral"),
            text=said.get(event.id) or _event_text(event),
            actor=actors[event.actor],
        )
        for event in rows
    ]


def _is_shown_as_row(name: str) -> bool:
    """Tell whether an event is about an order, a return or a visit, which stand in the line of time themselves."""
    return name.startswith("activity.")


def _event_text(event: Event) -> str:
    data = event.data
    match event.name:
        case "customers.customer.updated":
            return formats.listed(
                str(FIELD_LABELS.get(name, name.replace("_", " "))) for name in data.get("fields", [])
            )
        case "customers.consent.given" | "customers.consent.withdrawn":
            act = Consent(purpose=data.get("purpose", ""), channel=data.get("channel", ""))
            return f"{act.get_purpose_display()} · {act.get_channel_display()} ({data.get('source', '')})"
        case "customers.identity.added" | "customers.identity.removed":
            return identity_label(data.get("identity_kind", ""), data.get("source", ""))
        case "customers.attribute.set":
            labels = {row.code: attribute_label(row) for row in customers.attribute_definitions()}
            return formats.listed(labels.get(code, code) for code in data.get("attributes", []))
        case "customers.customer.created":
            # The actor below says who wrote it here; only another system is worth a word.
            return "" if data.get("source") == "console" else str(data.get("source", ""))
    is_own = event.name.startswith("custom.")
    return formats.listed(f"{code} {value}" for code, value in data.items()) if is_own else ""


def _loyalty_texts(rows: Iterable[Event]) -> dict[Any, str]:
    """Return how many points moved, and the name of the reward, of the events that tell of those."""
    moved = [event for event in rows if event.name.startswith(("ledger.points.", "ledger.adjustment."))]
    redeemed = [event for event in rows if event.name.startswith("rewards.redemption.")]
    found: dict[Any, str] = {}
    if moved:
        currencies = {currency.code: currency for currency in ledger.currencies()}
        for event in moved:
            currency = currencies.get(str(event.data.get("currency")))
            if currency is not None:
                amount = formats.units(int(event.data.get("amount", 0)), currency)
                found[event.id] = f"{amount} {currency_name(currency)}"
    if redeemed:
        codes = {str(event.data.get("reward")) for event in redeemed}
        names = {reward.code: str(reward) for reward in rewards.rewards().filter(code__in=codes)}
        for event in redeemed:
            found[event.id] = names.get(str(event.data.get("reward")), "")
    return found


def identity_label(kind: str, source: str) -> str:
    """Return the name of a kind of identity, with who issued it."""
    label = str(IdentityKind(kind).label) if kind in IdentityKind.values else kind
    return f"{label} ({source})" if source else label


def _lines(count: int) -> str:
    if not count:
        return ""
    return ngettext("%(count)s line", "%(count)s lines", count) % {"count": formats.count(count)}


def _saved(order: Any) -> list[tuple[str, str]]:
    saved = order.full_price_amount - order.net_amount
    return [(_("Saved"), formats.money(saved, order.currency))] if saved > 0 else []


def _actor_labels(codes: Iterable[str]) -> dict[str, str]:
    """Return who did it, in words: names of people, "by itself" for the system."""
    labels: dict[str, str] = {}
    users = {f"user:{user.id}": user.name or user.email for user in access.users()}
    for code in set(codes):
        kind, _sep, _name = code.partition(":")
        labels[code] = users.get(code) or {"system": _("Troth"), "api_key": _("API")}.get(kind, "")
    return labels


def staff_name(member_id: UUID | None) -> str:
    """Return the name of a member of staff, or "" for none."""
    member = staff.people().filter(id=member_id).first() if member_id else None
    return member.name if member else ""
