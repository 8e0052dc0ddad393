"""Writing a book: new rows set-wise, changed ones by one statement a table, and the events."""

from datetime import datetime
from typing import Any

from django.db import connections, router

from troth.access.actors import Actor
from troth.events import services as events
from troth.kit import rows
from troth.kit.json_text import json_text
from troth.kit.updates import update

from .book import Book, Record
from .models import Account, Allocation, Arrears, Entry, Hold, HoldLot, Kind, Lot, OwnerKind, Purpose, Transaction

_TRANSACTION = (
    "id", "owner_id", "account_id", "currency_id", "transaction_kind", "operation_key", "fingerprint", "amount",
    "reason", "reason_data", "balance", "available", "arrears", "arrears_made", "written_off", "occurred_at",
    "recorded_at", "actor", "spender_id", "reverses_id", "linked_id", "part_of_id",
)  # fmt: skip
_ENTRY = (
    "owner_id", "transaction_id", "account_id", "purpose", "issuer_id", "currency_id", "amount", "occurred_at",
    "recorded_at",
)  # fmt: skip
_LOT = (
    "id", "owner_id", "account_id", "transaction_id", "currency_id", "amount", "remaining", "held", "is_open",
    "activates_at", "awaits_event", "awaits_until", "expires_at", "first_expires_at", "expiry_kind", "expiry_count",
    "issuer_id", "thousand_cost", "cost_currency", "rule", "programme_version_id", "source", "from_lot_id",
    "occurred_at", "recorded_at",
)  # fmt: skip
_ALLOCATION = ("owner_id", "transaction_id", "lot_id", "arrears_id", "amount", "occurred_at", "recorded_at")
_ARREARS = (
    "id", "owner_id", "account_id", "transaction_id", "amount", "remaining", "is_open", "occurred_at", "recorded_at",
)  # fmt: skip
_HOLD = (
    "id", "owner_id", "account_id", "currency_id", "amount", "captured_amount", "state", "expires_at", "closed_at",
    "closed_by_id", "occurred_at", "recorded_at",
)  # fmt: skip

_EVENTS = {
    Kind.EARN: "ledger.points.earned",
    Kind.SPEND: "ledger.points.spent",
    Kind.HOLD: "ledger.points.held",
    Kind.CAPTURE: "ledger.points.spent",
    Kind.RELEASE: "ledger.points.released",
    Kind.EXPIRE: "ledger.points.expired",
    Kind.ADJUST: "ledger.points.adjusted",
    Kind.TRANSFER_OUT: "ledger.points.given",
    Kind.TRANSFER_IN: "ledger.points.received",
    Kind.REVERSE: "ledger.points.reversed",
    Kind.ACTIVATE: "ledger.points.activated",
}


class _Moments(dict[datetime | None, Any]):
    """Moments as the database takes them: the few of a batch stand on thousands of rows, each is put into text once."""

    def __init__(self) -> None:
        super().__init__({None: None})
        self._is_text = connections[router.db_for_write(Entry)].vendor == "postgresql"

    def __missing__(self, moment: datetime | None) -> Any:
        self[moment] = told = str(moment) if self._is_text else moment
        return told


def write(book: Book, *, actor: Actor) -> None:
    """Store everything that the batch made or changed."""
    unused = [account.id for account in book.created.values() if account.id not in book.changed_accounts]
    if unused:
        Account.objects.filter(id__in=unused).delete()
    if not book.records:
        return
    made = book.records.values()
    moments = _Moments()
    rows.insert(Transaction, _TRANSACTION, [_transaction(book, record, moments) for record in made])
    rows.insert(Entry, _ENTRY, _entries(book, moments))
    _write_lots(book, moments)
    allocations = _allocations(book, moments)
    if allocations:
        rows.insert(Allocation, _ALLOCATION, allocations)
    _write_arrears(book)
    _write_holds(book)
    _write_accounts(book)
    events.append_many(
        [_event(record) for record in made if record.kind in _EVENTS and record.part_of_id is None],
        actor=actor,
        now=book.now,
    )


def _transaction(book: Book, record: Record, moments: _Moments) -> tuple[Any, ...]:
    account = record.account
    return (
        record.id_text, account.owner_text, account.id_text, account.currency.pk, record.kind, record.key,
        record.fingerprint, record.amount, record.reason, _json(record.reason_data), record.balance, record.available,
        record.arrears, record.arrears_made, record.written_off, moments[record.occurred_at], moments[book.now],
        book.actor_code, record.spender_id, record.reverses_id, record.linked_id, record.part_of_id,
    )  # fmt: skip


def _json(value: Any) -> str | None:
    return None if value is None else json_text(dict(value))


def _entries(book: Book, moments: _Moments) -> list[tuple[Any, ...]]:
    recorded_at = moments[book.now]
    return [
        (
            record.account.owner_text,
            record.id_text,
            account.id_text if account is not None else None,
            purpose,
            issuer_id,
            record.account.currency.pk,
            amount,
            occurred_at,
            recorded_at,
        )
        for record in book.records.values()
        for occurred_at in (moments[record.occurred_at],)
        for account, purpose, issuer_id, amount in record.entries
        if amount
    ]


def _write_lots(book: Book, moments: _Moments) -> None:
    new = [
        (
            lot.id, lot.account.owner_text, lot.account.id_text, lot.transaction_id, lot.account.currency.pk,
            lot.amount, lot.remaining, lot.held, lot.remaining > 0, moments[lot.activates_at], lot.awaits_event,
            moments[lot.awaits_until], moments[lot.expires_at], moments[lot.first_expires_at], lot.expiry_kind,
            lot.expiry_count, lot.issuer_id, lot.thousand_cost, lot.cost_currency, lot.rule, lot.programme_version_id,
            lot.source, lot.from_lot_id, moments[lot.occurred_at], moments[book.now],
        )
        for record in book.records.values()
        for lot in record.lots
    ]  # fmt: skip
    if new:
        rows.insert(Lot, _LOT, new)
    changed = [lot for lot in book.changed_lots.values() if not lot.is_new and lot.account.id in book.changed_accounts]
    figures = [(lot.id, lot.remaining, lot.held, lot.remaining > 0) for lot in changed]
    update(Lot, ("id", "remaining", "held", "is_open"), figures)
    moved = [
        (lot.id, lot.activates_at, lot.expires_at, lot.first_expires_at) for lot in changed if lot.id in book.moved_lots
    ]
    update(Lot, ("id", "activates_at", "expires_at", "first_expires_at"), moved)


def _allocations(book: Book, moments: _Moments) -> list[tuple[Any, ...]]:
    return [
        (
            record.account.owner_text,
            record.id_text,
            lot.id if lot is not None else None,
            debt.id if debt is not None else None,
            amount,
            moments[record.occurred_at],
            moments[book.now],
        )
        for main in book.records.values()
        if main.part_of_id is None
        for record, lot, debt, amount in main.in_turn()
    ]


def _write_arrears(book: Book) -> None:
    new = [
        (
            debt.id, debt.account.owner.id, debt.account.id, debt.transaction_id, debt.amount, debt.remaining,
            debt.remaining > 0, debt.occurred_at, book.now,
        )
        for record in book.records.values()
        for debt in record.debts
    ]  # fmt: skip
    if new:
        rows.insert(Arrears, _ARREARS, new)
    changed = [(debt.id, debt.remaining, debt.remaining > 0) for debt in book.changed_debts.values() if not debt.is_new]
    update(Arrears, ("id", "remaining", "is_open"), changed)


def _write_holds(book: Book) -> None:
    new = [held for held in book.holds.values() if held.is_new]
    if new:
        rows.insert(
            Hold,
            _HOLD,
            [
                (
                    held.id, held.account.owner.id, held.account.id, held.account.currency.pk, held.amount,
                    held.captured_amount, held.state, held.expires_at, held.closed_at, held.closed_by_id,
                    held.occurred_at, book.now,
                )
                for held in new
            ],
        )  # fmt: skip
        aside = [(lot.account.owner.id, held.id, lot.id, amount) for held in new for lot, amount in held.lots]
        rows.insert(HoldLot, ("owner_id", "hold_id", "lot_id", "amount"), aside)
    changed = [
        (held.id, held.state, held.captured_amount, held.closed_at, held.closed_by_id)
        for held in book.holds.values()
        if held.is_changed and not held.is_new
    ]
    update(Hold, ("id", "state", "captured_amount", "closed_at", "closed_by_id"), changed)


def _write_accounts(book: Book) -> None:
    for record in book.records.values():
        for _account, purpose, _issuer, amount in record.entries:
            if purpose == Purpose.ISSUED:
                record.account.earned -= amount
    changed = book.changed_accounts.values()
    for account in changed:
        account.reckon(book.now)
    columns = ("id", "balance", "held", "arrears", "usable", "usable_until", "earned", "last_activity_at")
    update(
        Account,
        columns,
        [
            (
                one.id,
                one.balance,
                one.held,
                one.arrears,
                one.usable,
                one.usable_until,
                one.earned,
                one.last_activity_at,
            )
            for one in changed
        ],
    )


def _event(record: Record) -> events.NewEvent:
    data: dict[str, Any] = {
        "transaction": record.id_text,
        "currency": record.account.currency.code,
        "amount": record.amount,
        "balance": record.balance,
        "reason": record.reason,
    }
    if record.account.owner.kind != OwnerKind.CUSTOMER:
        data["owner_kind"] = record.account.owner.kind
    for name, value in (("arrears_made", record.arrears_made), ("written_off", record.written_off)):
        if value:
            data[name] = value
    return events.NewEvent(
        name=_EVENTS[Kind(record.kind)],
        customer_id=record.account.owner.id,
        data=data,
        occurred_at=record.occurred_at,
    )
