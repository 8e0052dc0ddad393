"""Opening the book of a batch: accounts locked in the order of their ids, then what the operations need of them."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections, router

from troth.access.actors import Actor
from troth.kit.among import array_of
from troth.kit.ids import new_id
from troth.kit.rows import insert_missing
from troth.kit.statements import Written, server_cursor

from .book import AccountState, Book, Debt, Group
from .drawing import draw
from .groups import groups_of
from .models import Account, Arrears, HoldLot, Lot, PointCurrency, Transaction
from .operations import Activate, Capture, Earn, Operation, Owner, Release, Reverse, Transfer
from .past import load_pasts
from .reading import read_lots

_ACCOUNT = (
    "id", "owner_kind", "owner_id", "currency_id", "balance", "held", "arrears", "usable", "usable_until",
    "earned", "last_activity_at",
)  # fmt: skip


_CURRENCY = [field.attname for field in PointCurrency._meta.concrete_fields]
_CURRENCIES = Written(lambda: PointCurrency.objects.order_by("code").values_list(*_CURRENCY))
_THERE = Written(
    lambda owners, wanted: Account.objects.filter(owner_id__among=owners, currency_id__among=wanted).values_list(
        "owner_id", "currency_id"
    )
)
_LOCKED = Written(
    lambda owners, wanted: (
        Account.objects.filter(owner_id__among=owners, currency_id__among=wanted)
        .select_for_update()
        .order_by("id")
        .values_list(*_ACCOUNT)
    )
)


def all_currencies() -> dict[str, PointCurrency]:
    """Return every currency by its code."""
    found = (PointCurrency.from_db("default", _CURRENCY, row) for row in _CURRENCIES.fetch())
    return {currency.code: currency for currency in found}


def open_book(
    operations: Sequence[Operation], currencies: dict[str, PointCurrency], *, actor: Actor, now: datetime
) -> Book:
    """Lock and load what these operations need, in the caller's transaction."""
    book = Book(now=now, actor_code=actor.code, currencies=currencies)
    together = groups_of(_owner_ids(operations))
    named = _named(operations, together)
    behind = _owners_behind(named) if named else set()
    together |= groups_of(behind - together.keys())
    book.created = _open_accounts(book, operations, together)
    _load_keys(book, operations)
    _load_lots(book, operations, behind)
    if named:
        load_pasts(book, named)
    return book


def _owner_ids(operations: Iterable[Operation]) -> set[UUID]:
    found = {operation.owner.id for operation in operations}
    found.update(operation.to.id for operation in operations if isinstance(operation, Transfer))
    return found


def _named(operations: Iterable[Operation], together: dict[UUID, tuple[UUID, ...]]) -> set[UUID]:
    """Return the ids of the stored transactions that operations refer to by `of`."""
    ids: set[UUID] = set()
    pairs: list[tuple[UUID, str]] = []
    for operation in operations:
        if isinstance(operation, Reverse | Capture | Release | Activate) and operation.of is not None:
            if isinstance(operation.of, UUID):
                ids.add(operation.of)
            else:
                pairs += [(owner_id, operation.of) for owner_id in together[operation.owner.id]]
    return ids | set(find_keys(pairs))


def _owners_behind(transaction_ids: set[UUID]) -> set[UUID]:
    """Return whose lots those transactions touched: they may be another owner's since an unmerge."""
    main = Transaction.objects.filter(id__among=transaction_ids).values_list("owner_id", flat=True)
    parts = Transaction.objects.filter(part_of_id__among=transaction_ids).values_list("owner_id", flat=True)
    held = HoldLot.objects.filter(hold_id__among=transaction_ids).values_list("owner_id", flat=True)
    linked = Transaction.objects.filter(id__among=transaction_ids, linked_id__isnull=False)
    holds = HoldLot.objects.filter(hold_id__among=list(linked.values_list("linked_id", flat=True)))
    return {*main, *parts, *held, *holds.values_list("owner_id", flat=True)}


def _open_accounts(
    book: Book, operations: Iterable[Operation], together: dict[UUID, tuple[UUID, ...]]
) -> dict[UUID, AccountState]:
    """Lock the accounts, make those that are missing, and join those of one owner; return the new ones."""
    by_id = {currency.pk: currency for currency in book.currencies.values()}
    wanted = {book.currencies[operation.currency].pk for operation in operations}
    owners = {record for records in together.values() for record in records}
    rows, made = _locked(book, operations, owners, wanted)
    created = {}
    for account_id, kind, owner_id, currency_id, *figures in rows:
        state = AccountState(account_id, Owner(kind, owner_id), by_id[currency_id], *figures)
        book.accounts[owner_id, currency_id] = state
        if account_id in made:
            created[account_id] = state
            state.is_loaded = True
    for records in together.values():
        for currency_id in wanted:
            if (records[0], currency_id) not in book.groups:
                _join(book, records, currency_id)
    return created


def _locked(
    book: Book, operations: Iterable[Operation], owners: set[UUID], wanted: set[int]
) -> tuple[Sequence[tuple[Any, ...]], set[UUID]]:
    """Return all accounts, locked in the order of their ids, and which of them were made for that.

    Making comes before locking, each in one order, so that two batches never wait for each other in a ring.
    """
    missing = _missing(book, operations, set(_THERE.fetch(owners, wanted)))
    made = [
        (new_id(), kind, owner_id, currency_id, 0, 0, 0, 0, None, 0, None, book.now)
        for (owner_id, currency_id), kind in sorted(missing.items())
    ]
    insert_missing(Account, (*_ACCOUNT, "created_at"), made)
    return _LOCKED.fetch(owners, wanted), {row[0] for row in made}


def _missing(book: Book, operations: Iterable[Operation], known: set[tuple[UUID, int]]) -> dict[tuple[UUID, int], str]:
    found: dict[tuple[UUID, int], str] = {}
    for operation in operations:
        currency_id = book.currencies[operation.currency].pk
        for owner in _parties(operation):
            if (owner.id, currency_id) not in known:
                found[owner.id, currency_id] = owner.kind
    return found


def _parties(operation: Operation) -> list[Owner]:
    """Return whose accounts the operation names; one that turns out to be refused leaves no account behind."""
    return [operation.owner, operation.to] if isinstance(operation, Transfer) else [operation.owner]


def _join(book: Book, records: tuple[UUID, ...], currency_id: int) -> None:
    group = Group()
    for owner_id in records:
        book.groups[owner_id, currency_id] = group
        account = book.accounts.get((owner_id, currency_id))
        if account is not None:
            account.group = group
            group.accounts[owner_id] = account


def find_keys(pairs: Sequence[tuple[UUID, str]]) -> list[UUID]:
    """Return the ids of transactions by owner and key; thousands of pairs go as two parameters."""
    if not pairs:
        return []
    connection = connections[router.db_for_read(Transaction)]
    table = Transaction._meta.db_table
    if connection.vendor == "postgresql":
        wanted = "unnest(%s::uuid[], %s::text[]) AS wanted(owner_id, operation_key)"
        params: list[Any] = [array_of([owner_id for owner_id, _key in pairs]), [key for _owner, key in pairs]]
    else:
        wanted = (
            "(SELECT json_extract(value, '$[0]') AS owner_id, json_extract(value, '$[1]') AS operation_key"
            " FROM json_each(%s)) AS wanted"
        )
        params = [json.dumps([(owner_id.hex, key) for owner_id, key in pairs])]
    statement = (
        f"SELECT found.id FROM {wanted} JOIN {table} AS found"  # noqa: S608  own names
        " ON found.owner_id = wanted.owner_id AND found.operation_key = wanted.operation_key"
    )
    if connection.vendor == "postgresql":
        with server_cursor(connection) as server:
            return [row[0] for row in server.execute(statement, params)]
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return [UUID(row[0]) for row in cursor.fetchall()]


def _load_keys(book: Book, operations: Iterable[Operation]) -> None:
    """Find what was posted under these keys before, by any record of the owner."""
    pairs = [
        (owner_id, operation.key)
        for operation in operations
        for owner_id in book.groups[operation.owner.id, book.currencies[operation.currency].pk].accounts
    ]
    found = find_keys(pairs)
    if found:
        for row in Transaction.objects.filter(id__among=found):
            book.keys[row.account_id, row.operation_key] = row


def _load_lots(book: Book, operations: Sequence[Operation], behind: set[UUID]) -> None:
    """Load open lots and arrears where an operation takes from them, or what is usable changed since it was written."""
    wanted: dict[UUID, AccountState] = {}
    for operation in operations:
        currency_id = book.currencies[operation.currency].pk
        group = book.groups[operation.owner.id, currency_id]
        _want(wanted, group, book.now, is_giving=isinstance(operation, Earn))
        if isinstance(operation, Transfer):
            _want(wanted, book.groups[operation.to.id, currency_id], book.now, is_giving=True)
    touched = {account.id: account for account in book.accounts.values() if account.owner.id in behind}
    wanted = {account_id: account for account_id, account in wanted.items() if not account.is_loaded}
    drawn = draw(book, operations, {key: account for key, account in wanted.items() if key not in touched})
    wanted |= {key: account for key, account in touched.items() if not account.is_loaded}
    load_lots(book, {key: account for key, account in wanted.items() if key not in drawn})


def load_lots(book: Book, accounts: dict[UUID, AccountState]) -> None:
    """Load the open lots and arrears of accounts."""
    if not accounts:
        return
    for account in accounts.values():
        account.is_loaded = True
    owners = {account.owner.id for account in accounts.values()}
    wanted = {account.currency.pk for account in accounts.values()}
    open_lots = Lot.objects.filter(owner_id__among=owners, currency_id__in=wanted, is_open=True)
    for lot in read_lots(book, open_lots, accounts):
        lot.account.lots.append(lot)
        if lot.end_for_good(book.now):
            book.changed_lots[lot.id] = lot
            book.moved_lots.add(lot.id)
    indebted = [account.id for account in accounts.values() if account.arrears]
    if indebted:
        for row in Arrears.objects.filter(account_id__among=indebted, is_open=True):
            account = accounts[row.account_id]
            debt = Debt(row.id, account, row.transaction_id, row.amount, row.remaining, row.occurred_at)
            account.debts.append(debt)


def _want(wanted: dict[UUID, AccountState], group: Group, now: datetime, *, is_giving: bool) -> None:
    """An earn needs no lots, but where arrears are to be filled or what is usable has changed by the clock."""
    for account in group.accounts.values():
        is_stale = account.usable_until is not None and account.usable_until <= now
        if not is_giving or is_stale or group.arrears:
            wanted[account.id] = account
