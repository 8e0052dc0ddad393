"""Which lots a spend needs: those that end soonest, as far as they cover it. Of many open lots it takes one or two.

Only where that is all there is to judge: one account, nothing owed, nothing that becomes or ceases to be usable between
the moments of the batch and now, nothing that ends by inactivity. Everywhere else all open lots are loaded.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connections, router

from troth.kit.among import array_of

from .book import AccountState, Book
from .models import Lot
from .operations import Operation, Spend, Transfer
from .reading import read_lots

# Lots are drawn in the order of `Group.usable_lots`; `before` is what those ahead of a lot give.
_NEEDED = """
SELECT id, account_id, is_turning FROM (
    SELECT lot.id, lot.account_id, wanted.need, lot.remaining - lot.held AS free,
        lot.activates_at <= %s AND (lot.expires_at IS NULL OR lot.expires_at > %s) AS is_usable,
        MAX(CASE WHEN (lot.expires_at IS NULL AND lot.expiry_kind = 'inactivity')
            OR (lot.activates_at > %s AND lot.activates_at <= %s) OR (lot.expires_at > %s AND lot.expires_at <= %s)
            THEN 1 ELSE 0 END) OVER (PARTITION BY lot.account_id) AS is_turning,
        SUM(CASE WHEN lot.activates_at <= %s AND (lot.expires_at IS NULL OR lot.expires_at > %s)
            THEN lot.remaining - lot.held ELSE 0 END) OVER (
                PARTITION BY lot.account_id ORDER BY lot.expires_at IS NULL, lot.expires_at, lot.occurred_at, lot.id
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
    FROM {wanted} JOIN {table} AS lot ON lot.owner_id = wanted.owner_id AND lot.account_id = wanted.account_id
    WHERE lot.is_open
) AS drawn
WHERE is_turning = 1 OR (is_usable AND free > 0 AND COALESCE(before, 0) < need)
"""
_WANTED = {
    "postgresql": "unnest(%s::uuid[], %s::uuid[], %s::bigint[]) AS wanted(owner_id, account_id, need)",
    "sqlite": (
        "(SELECT json_extract(value, '$[0]') AS owner_id, json_extract(value, '$[1]') AS account_id,"
        " json_extract(value, '$[2]') AS need FROM json_each(%s)) AS wanted"
    ),
}


def draw(book: Book, operations: Iterable[Operation], wanted: Mapping[UUID, AccountState]) -> set[UUID]:
    """Load of these accounts what their spends need; return those for which that is enough."""
    needs, moments = _spends(book, operations)
    few = {account_id: need for account_id, need in needs.items() if _is_plain(book, wanted.get(account_id))}
    if not few:
        return set()
    found, turning = _needed(wanted, few, min(*moments, book.now), max(*moments, book.now))
    accounts = {account_id: wanted[account_id] for account_id in few if account_id not in turning}
    for account in accounts.values():
        account.is_drawn = True
    for lot in read_lots(book, Lot.objects.filter(id__among=found), accounts):
        lot.account.lots.append(lot)
    return set(accounts)


def _spends(book: Book, operations: Iterable[Operation]) -> tuple[dict[UUID, int], set[datetime]]:
    """Return what is to be spent of accounts of which nothing else is asked, and when."""
    needs: dict[UUID, int] = {}
    moments: set[datetime] = set()
    others: set[UUID] = set()
    for operation in operations:
        currency_id = book.currencies[operation.currency].pk
        account_id = book.accounts[operation.owner.id, currency_id].id
        if isinstance(operation, Spend):
            needs[account_id] = needs.get(account_id, 0) + operation.amount
            moments.add(operation.occurred_at)
        else:
            others.add(account_id)
        if isinstance(operation, Transfer):
            others.add(book.accounts[operation.to.id, currency_id].id)
    return {account_id: need for account_id, need in needs.items() if account_id not in others}, moments


def _is_plain(book: Book, account: AccountState | None) -> bool:
    if account is None or account.arrears or account.group.only() is None:
        return False
    return account.usable_until is None or account.usable_until > book.now


def _needed(
    wanted: Mapping[UUID, AccountState], needs: Mapping[UUID, int], earliest: datetime, latest: datetime
) -> tuple[list[UUID], set[UUID]]:
    """Return the lots that cover the needs, and the accounts of which all must be known."""
    connection = connections[router.db_for_read(Lot)]
    asked = [(wanted[account_id].owner.id, account_id, need) for account_id, need in needs.items()]
    low: Any = earliest
    high: Any = latest
    if connection.vendor == "postgresql":
        params: list[Any] = [array_of(list(column)) for column in zip(*asked, strict=True)]
    else:
        low, high = (str(moment.astimezone(UTC).replace(tzinfo=None)) for moment in (earliest, latest))
        params = [json.dumps([(owner_id.hex, account_id.hex, need) for owner_id, account_id, need in asked])]
    statement = _NEEDED.format(wanted=_WANTED[connection.vendor], table=Lot._meta.db_table)
    lots, turning = [], set()
    with connection.cursor() as cursor:
        cursor.execute(statement, [low, high, low, high, low, high, low, high, *params])
        for lot_id, account_id, is_turning in cursor.fetchall():
            if is_turning:
                turning.add(_id(account_id))
            else:
                lots.append(_id(lot_id))
    return lots, turning


def _id(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
