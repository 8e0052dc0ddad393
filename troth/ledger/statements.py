"""What moved on an owner's accounts and why: statements, lots, and where each point came from and went."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from .as_of import end_at, state_at
from .balances import last_activity
from .errors import TransactionUnknownError
from .groups import groups_of
from .models import Account, Allocation, Arrears, Entry, Lot, Transaction


@dataclass(frozen=True, slots=True)
class Line:
    """One transaction on a statement. moved: points in or out; balance: after it, in the order of occurrence."""

    transaction_id: UUID
    kind: str
    key: str
    reason: str
    reason_data: Mapping[str, Any] | None
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    amount: int
    moved: int
    balance: int
    arrears_made: int
    written_off: int
    reverses_id: UUID | None
    linked_id: UUID | None


@dataclass(frozen=True, slots=True)
class LotView:
    """A lot as people see it. state: "usable", "pending", "overdue" or "gone"; ends_at by rule or by inactivity."""

    id: UUID
    transaction_id: UUID
    amount: int
    remaining: int
    held: int
    state: str
    earned_at: datetime
    activates_at: datetime | None
    awaits_event: str
    ends_at: datetime | None
    rule: str
    reason: str
    reason_data: Mapping[str, Any] | None
    source: str


@dataclass(frozen=True, slots=True)
class Link:
    """Points that went from one lot to one transaction; negative where it gave them back.

    other: the transaction at the other end: what took them, or what earned them; fills_arrears: they filled what was
    owed.
    """

    lot_id: UUID
    amount: int
    other: Transaction
    rule: str
    occurred_at: datetime
    fills_arrears: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where a transaction's points came from (`sources`) and what became of those it gave (`uses`).

    remaining: what is left of its own lots; arrears: still owed because of it; reversals: what undid it.
    """

    transaction: Transaction
    sources: tuple[Link, ...]
    uses: tuple[Link, ...]
    remaining: int
    arrears: int
    reversals: tuple[Transaction, ...]


def statement(
    owner_id: UUID, currency: str, *, limit: int = 50, before: tuple[datetime, UUID] | None = None
) -> list[Line]:
    """Return what moved, newest first by occurrence, over all records of the owner.

    before: moment and id of the last line of the page before.
    """
    accounts = _accounts(owner_id, currency)
    own = _transactions(accounts)
    main = own.filter(id=OuterRef("part_of_id"))
    rows = own.filter(Q(part_of_id=None) | ~Exists(main))
    if before is not None:
        rows = rows.filter(Q(occurred_at__lt=before[0]) | Q(occurred_at=before[0], id__lt=before[1]))
    page = list(rows.order_by("-occurred_at", "-id")[:limit])
    if not page:
        return []
    moved = _moved(page, accounts)
    running = _sum_up_to(page[0], own, accounts)
    lines = []
    for row in page:
        lines.append(_line(row, moved.get(row.id, 0), running))
        running -= moved.get(row.id, 0)
    return lines


def lots(owner_id: UUID, currency: str, *, now: datetime, is_open: bool = True) -> list[LotView]:
    """Return the owner's lots, those that end soonest first; with is_open=False also the empty ones."""
    accounts = _accounts(owner_id, currency)
    if is_open:
        owners = [account.owner_id for account in accounts]
        rows = list(Lot.objects.filter(owner_id__in=owners, currency__code=currency, is_open=True))
    else:
        rows = list(Lot.objects.filter(transaction_id__in=_transactions(accounts).values("id")))
    active_at = max(
        (moment for moment in last_activity(accounts, groups_of({owner_id})).values() if moment), default=None
    )
    earned = Transaction.objects.in_bulk([row.transaction_id for row in rows])
    views = [_lot_view(row, earned[row.transaction_id], now, active_at) for row in rows]
    return sorted(views, key=lambda view: (view.ends_at is None, view.ends_at or now, view.earned_at, view.id.int))


def expiring(owner_id: UUID, currency: str, *, now: datetime) -> list[tuple[datetime, int]]:
    """Return when how many points end, the soonest first; pending and held ones too."""
    found: dict[datetime, int] = {}
    for lot in lots(owner_id, currency, now=now):
        if lot.ends_at is not None and lot.ends_at > now:
            found[lot.ends_at] = found.get(lot.ends_at, 0) + lot.remaining
    return sorted(found.items())


def explain(owner_id: UUID, transaction_id: UUID) -> Explanation:
    """Return where the points of a transaction came from and went.

    Raises:
        TransactionUnknownError: it is none of this owner's.
    """
    records = groups_of({owner_id})[owner_id]
    found = Transaction.objects.filter(id=transaction_id, owner_id__in=records).first()
    if found is None:
        raise TransactionUnknownError(transaction_id)
    ids = [found.id, *Transaction.objects.filter(part_of_id=found.id).values_list("id", flat=True)]
    made = list(Lot.objects.filter(transaction_id__in=ids))
    taken = list(Allocation.objects.filter(transaction_id__in=ids, lot_id__isnull=False).order_by("id"))
    used = list(Allocation.objects.filter(lot_id__in=[lot.id for lot in made]).order_by("id"))
    owed = Arrears.objects.filter(transaction_id__in=ids).aggregate(sum=Sum("remaining"))["sum"]
    reversals = Transaction.objects.filter(reverses_id=found.id, part_of_id=None).order_by("occurred_at", "id")
    return Explanation(
        transaction=found,
        sources=tuple(_sources(taken)),
        uses=tuple(_uses(used, made)),
        remaining=sum(lot.remaining for lot in made),
        arrears=int(owed or 0),
        reversals=tuple(reversals),
    )


def _accounts(owner_id: UUID, currency: str) -> list[Account]:
    records = groups_of({owner_id})[owner_id]
    return list(Account.objects.filter(owner_id__in=records, currency__code=currency))


def _transactions(accounts: Iterable[Account]) -> QuerySet[Transaction]:
    found = list(accounts)
    return Transaction.objects.filter(
        owner_id__in=[account.owner_id for account in found], account_id__in=[account.id for account in found]
    )


def _moved(page: list[Transaction], accounts: list[Account]) -> dict[UUID, int]:
    """Return what each transaction moved on the owner's accounts, its parts included."""
    ids = [row.id for row in page]
    part_of = dict(Transaction.objects.filter(part_of_id__in=ids).values_list("id", "part_of_id"))
    entries = Entry.objects.filter(
        transaction_id__in=[*ids, *part_of], account_id__in=[account.id for account in accounts]
    )
    found: dict[UUID, int] = {}
    for transaction_id, amount in entries.values_list("transaction_id", "amount"):
        main = part_of.get(transaction_id) or transaction_id
        found[main] = found.get(main, 0) + amount
    return found


def _sum_up_to(newest: Transaction, own: QuerySet[Transaction], accounts: list[Account]) -> int:
    """Return the balance after a transaction, in the order of occurrence."""
    until = Q(occurred_at__lt=newest.occurred_at) | Q(occurred_at=newest.occurred_at, id__lte=newest.id)
    parts = Q(part_of_id=newest.id)
    entries = Entry.objects.filter(
        transaction_id__in=own.filter(until | parts).values("id"), account_id__in=[account.id for account in accounts]
    )
    return int(entries.aggregate(sum=Sum("amount"))["sum"] or 0)


def _line(row: Transaction, moved: int, balance: int) -> Line:
    return Line(
        transaction_id=row.id,
        kind=row.transaction_kind,
        key=row.operation_key,
        reason=row.reason,
        reason_data=row.reason_data,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        actor=row.actor,
        amount=row.amount,
        moved=moved,
        balance=balance,
        arrears_made=row.arrears_made,
        written_off=row.written_off,
        reverses_id=row.reverses_id,
        linked_id=row.linked_id,
    )


def _lot_view(row: Lot, earned: Transaction, now: datetime, active_at: datetime | None) -> LotView:
    return LotView(
        id=row.id,
        transaction_id=row.transaction_id,
        amount=row.amount,
        remaining=row.remaining,
        held=row.held,
        state=state_at(row, now, active_at) if row.remaining else "gone",
        earned_at=row.occurred_at,
        activates_at=row.activates_at,
        awaits_event=row.awaits_event,
        ends_at=end_at(row, active_at),
        rule=row.rule,
        reason=earned.reason,
        reason_data=earned.reason_data,
        source=row.source,
    )


def _sources(taken: list[Allocation]) -> Iterable[Link]:
    origins = Lot.objects.in_bulk([row.lot_id for row in taken if row.lot_id is not None])
    earned = Transaction.objects.in_bulk([lot.transaction_id for lot in origins.values()])
    for row in taken:
        if row.lot_id is not None:
            lot = origins[row.lot_id]
            yield Link(
                lot.id, row.amount, earned[lot.transaction_id], lot.rule, row.occurred_at, row.arrears_id is not None
            )


def _uses(used: list[Allocation], made: list[Lot]) -> Iterable[Link]:
    takers = Transaction.objects.in_bulk([row.transaction_id for row in used])
    rules = {lot.id: lot.rule for lot in made}
    for row in used:
        if row.lot_id is not None:
            other = takers[row.transaction_id]
            yield Link(row.lot_id, row.amount, other, rules[row.lot_id], row.occurred_at, row.arrears_id is not None)
