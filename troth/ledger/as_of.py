"""What an owner had at a moment of the past: by what was true then, or by what was known then."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce

from .balances import Balance, ends_by
from .groups import groups_of
from .models import Account, Allocation, Arrears, Entry, ExpiryKind, Hold, HoldLot, Lot, Transaction


@dataclass(frozen=True, slots=True)
class LotThen:
    """What was left of a lot, and whether it could be spent: "usable", "pending" or "overdue"; when it was to end."""

    lot: Lot
    remaining: int
    held: int
    state: str
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Moment:
    """Everything up to here counts: by when it was true, or by when it was recorded."""

    at: datetime
    column: str

    def filter(self) -> dict[str, datetime]:
        return {f"{self.column}__lte": self.at}


def balance_as_of(
    owner_id: UUID, currency: str, *, occurred: datetime | None = None, recorded: datetime | None = None
) -> Balance:
    """Return what the owner had at a moment: by `occurred`, what was true, or by `recorded`, what we knew.

    Usable, pending and overdue are judged at that moment too.

    Raises:
        ValueError: none or both are named.
    """
    moment = _moment(occurred, recorded)
    accounts = _accounts(owner_id, currency)
    then = _lots(accounts, moment)
    balance = _sum(
        Entry.objects.filter(
            transaction_id__in=_transactions(accounts).values("id"),
            account_id__in=[account.id for account in accounts],
            **moment.filter(),
        )
    )
    states = dict.fromkeys(("usable", "pending", "overdue"), 0)
    for one in then:
        states[one.state] += one.remaining - one.held
    held = sum(one.held for one in then)
    arrears = _arrears(accounts, moment)
    return Balance(
        balance=balance,
        available=max(0, states["usable"] - arrears),
        pending=states["pending"],
        held=held,
        arrears=arrears,
        overdue=states["overdue"],
    )


def lots_as_of(
    owner_id: UUID, currency: str, *, occurred: datetime | None = None, recorded: datetime | None = None
) -> list[LotThen]:
    """Return the lots of which something was left at a moment (see `balance_as_of`), the oldest first."""
    return _lots(_accounts(owner_id, currency), _moment(occurred, recorded))


def _moment(occurred: datetime | None, recorded: datetime | None) -> _Moment:
    if occurred is not None and recorded is None:
        return _Moment(occurred, "occurred_at")
    if recorded is not None and occurred is None:
        return _Moment(recorded, "recorded_at")
    raise ValueError("name either occurred or recorded")


def _accounts(owner_id: UUID, currency: str) -> list[Account]:
    records = groups_of({owner_id})[owner_id]
    return list(Account.objects.filter(owner_id__in=records, currency__code=currency))


def _transactions(accounts: list[Account]) -> QuerySet[Transaction]:
    """Return the transactions of accounts, by the index that begins with the owner."""
    return Transaction.objects.filter(
        owner_id__in=[account.owner_id for account in accounts], account_id__in=[account.id for account in accounts]
    )


def _lots(accounts: list[Account], moment: _Moment) -> list[LotThen]:
    made = Lot.objects.filter(transaction_id__in=_transactions(accounts).values("id"), **moment.filter())
    lots = {lot.id: lot for lot in made.order_by("occurred_at", "id")}
    taken = _by(Allocation.objects.filter(lot_id__in=list(lots), **moment.filter()), "lot_id")
    held = _held(list(lots), moment)
    active_at = _active_at(accounts, moment)
    found = []
    for lot in lots.values():
        remaining = lot.amount - taken.get(lot.id, 0)
        if remaining:
            state, end = state_at(lot, moment.at, active_at), end_at(lot, active_at)
            found.append(LotThen(lot, remaining, held.get(lot.id, 0), state, end))
    return found


def _by(rows: QuerySet[Allocation], column: str) -> dict[UUID, int]:
    return dict(rows.values(column).annotate(sum=Sum("amount")).values_list(column, "sum"))


def _held(lot_ids: list[UUID], moment: _Moment) -> Mapping[UUID, int]:
    """Return what open holds had set aside of each lot."""
    rows = list(HoldLot.objects.filter(lot_id__in=lot_ids))
    began = Hold.objects.filter(id__in={row.hold_id for row in rows}, **moment.filter())
    closers = Transaction.objects.filter(linked_id__in=began.values("id"), **moment.filter())
    closed = set(closers.values_list("linked_id", flat=True))
    still = set(began.values_list("id", flat=True)) - closed
    found: dict[UUID, int] = {}
    for row in rows:
        if row.hold_id in still:
            found[row.lot_id] = found.get(row.lot_id, 0) + row.amount
    return found


def _arrears(accounts: list[Account], moment: _Moment) -> int:
    ids = [account.id for account in accounts]
    made = list(Arrears.objects.filter(account_id__in=ids, **moment.filter()))
    filled = Allocation.objects.filter(arrears_id__in=[debt.id for debt in made], **moment.filter())
    return sum(debt.amount for debt in made) - _sum(filled)


def _active_at(accounts: list[Account], moment: _Moment) -> datetime | None:
    active = ("earn", "spend", "hold", "capture", "transfer_out", "transfer_in")
    rows = _transactions(accounts).filter(transaction_kind__in=active, part_of_id=None, **moment.filter())
    return rows.order_by("-occurred_at").values_list("occurred_at", flat=True).first()


def _sum(rows: "QuerySet[Entry] | QuerySet[Allocation]") -> int:
    return int(rows.aggregate(sum=Coalesce(Sum("amount"), 0))["sum"])


def end_at(lot: Lot, active_at: datetime | None) -> datetime | None:
    """Return when a stored lot ends: see `LotState.end`; `active_at` is when its owner was last active."""
    if lot.activates_at is None:
        return min((one for one in (lot.awaits_until, lot.expires_at) if one is not None), default=None)
    if lot.expires_at is None and lot.expiry_kind == ExpiryKind.INACTIVITY:
        return ends_by(lot, active_at)
    return lot.expires_at


def state_at(lot: Lot, moment: datetime, active_at: datetime | None) -> str:
    """Return whether a stored lot is "usable", "pending" or "overdue" at the moment."""
    if lot.activates_at is None or lot.activates_at > moment:
        return "pending"
    end = end_at(lot, active_at)
    return "overdue" if end is not None and end <= moment else "usable"
