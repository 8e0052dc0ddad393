"""The ledger in memory for one batch: what was loaded, what changed, and the records to be written.

Every move of points goes through `Book.take`, `give`, `give_back` and `settle`; they keep accounts, lots and arrears
in step, and write down entries and allocations. Who calls them has judged before: they refuse nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from troth.kit.ids import new_id

from .models import ExpiryKind, Kind, PointCurrency, Purpose, Transaction
from .operations import LotMove, Owner

FOR_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True, eq=False)
class LotState:
    """A lot; `expired` is how much of it expired, known for lots that may be reversed."""

    id: UUID
    account: "AccountState"
    transaction_id: UUID
    amount: int
    remaining: int
    held: int
    activates_at: datetime | None
    awaits_event: str
    awaits_until: datetime | None
    expires_at: datetime | None
    first_expires_at: datetime | None
    expiry_kind: str
    expiry_count: int
    issuer_id: UUID | None
    thousand_cost: int | None
    cost_currency: str
    rule: str
    programme_version_id: UUID | None
    source: str
    from_lot_id: UUID | None
    occurred_at: datetime
    expired: int = 0
    is_new: bool = False

    @property
    def free(self) -> int:
        """Return what neither was taken nor is held."""
        return self.remaining - self.held

    def end(self) -> datetime | None:
        """Return when the lot ends: by itself, its owner being idle, or what it waits for not having come."""
        if self.activates_at is None:
            return min((one for one in (self.awaits_until, self.expires_at) if one is not None), default=None)
        if self.expires_at is None and self.expiry_kind == ExpiryKind.INACTIVITY:
            return self._idle_end(self.account.group.last_activity_at)
        return self.expires_at

    def _idle_end(self, active_at: datetime | None) -> datetime:
        """Return the end by inactivity; the days count from when the points became usable, at the earliest."""
        start = self.activates_at or self.occurred_at
        return max(active_at or start, start) + timedelta(days=self.expiry_count)

    def is_usable(self, moment: datetime) -> bool:
        """Tell whether its points may be spent at the moment."""
        if self.activates_at is None or self.activates_at > moment:
            return False
        end = self.end()
        return end is None or end > moment

    def turns_at(self, now: datetime) -> datetime | None:
        """Return until when nothing need be looked at again: when it becomes or ceases to be usable, or None.

        What lives only because its owner was active on another record is looked at every time: the two may part.
        """
        if self.activates_at is None:
            return None
        if self.activates_at > now:
            return self.activates_at
        end = self.end()
        if end is None or end <= now:
            return None
        if self.expires_at is not None:
            return end
        return max(now, self._idle_end(self.account.last_activity_at))

    def end_for_good(self, now: datetime) -> bool:
        """Tell whether it has ended by inactivity, and fix that end: no later activity brings the points back."""
        end = self.end() if self.expires_at is None and self.activates_at is not None else None
        if end is None or end > now:
            return False
        self.expires_at = end
        return True


@dataclass(slots=True, eq=False)
class Debt:
    """Arrears of an account."""

    id: UUID
    account: "AccountState"
    transaction_id: UUID
    amount: int
    remaining: int
    occurred_at: datetime
    is_new: bool = False


@dataclass(slots=True, eq=False)
class AccountState:
    """An account; lots are the open ones, all of them if `is_loaded`, those that spends need if `is_drawn`."""

    id: UUID
    owner: Owner
    currency: PointCurrency
    balance: int
    held: int
    arrears: int
    usable: int
    usable_until: datetime | None
    earned: int
    last_activity_at: datetime | None
    id_text: str = field(init=False)  # written on many rows
    owner_text: str = field(init=False)
    group: "Group" = field(init=False)
    is_loaded: bool = False
    is_drawn: bool = False
    is_reckoned: bool = False  # nothing changed since `usable` was worked out
    lots: list[LotState] = field(default_factory=list)
    debts: list[Debt] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.id_text, self.owner_text = str(self.id), str(self.owner.id)

    def reckon(self, now: datetime) -> None:
        """Work out anew what is usable, and until when that stays so, where the lots are known and have changed."""
        if not self.is_loaded or self.is_reckoned:
            return
        self.is_reckoned = True
        self.usable, until = 0, FOR_EVER
        for lot in self.lots:
            if lot.remaining:
                if lot.is_usable(now):
                    self.usable += lot.free
                turn = lot.turns_at(now)
                if turn is not None and turn < until:
                    until = turn
        self.usable_until = None if until is FOR_EVER else until

    def add(self, lot: LotState, now: datetime) -> None:
        """Take in a new lot, whether or not the others are known."""
        self.is_reckoned = False
        if self.is_loaded:
            self.lots.append(lot)
            return
        if lot.is_usable(now):
            self.usable += lot.amount
        turn = lot.turns_at(now)
        if turn is not None and (self.usable_until is None or turn < self.usable_until):
            self.usable_until = turn

    def lower(self, lot: LotState, amount: int, now: datetime) -> None:
        """Note that points left a lot; where not all lots are known, what is usable falls by as much."""
        lot.remaining -= amount
        if not self.is_loaded and lot.is_usable(now):
            self.usable -= amount


@dataclass(slots=True, eq=False)
class Group:
    """The accounts of one owner in one currency: one, or those of merged records."""

    accounts: dict[UUID, AccountState] = field(default_factory=dict)

    def only(self) -> AccountState | None:
        """Return the account if there is one alone, as there nearly always is."""
        if len(self.accounts) == 1:
            (account,) = self.accounts.values()
            return account
        return None

    @property
    def balance(self) -> int:
        only = self.only()
        if only is not None:
            return only.balance
        return sum(account.balance for account in self.accounts.values())

    @property
    def arrears(self) -> int:
        only = self.only()
        if only is not None:
            return only.arrears
        return sum(account.arrears for account in self.accounts.values())

    @property
    def last_activity_at(self) -> datetime | None:
        only = self.only()
        if only is not None:
            return only.last_activity_at
        known = [one.last_activity_at for one in self.accounts.values() if one.last_activity_at is not None]
        return max(known, default=None)

    def usable_lots(self, moment: datetime) -> list[LotState]:
        """Return lots with usable points, those that end soonest first, then the oldest."""
        found = [
            (lot.end() or FOR_EVER, lot.occurred_at, lot.id.int, lot)
            for account in self.accounts.values()
            for lot in account.lots
            if lot.free and lot.is_usable(moment)
        ]
        found.sort(key=lambda one: one[:3])
        return [one[3] for one in found]

    def debts(self) -> list[Debt]:
        """Return open arrears, the oldest first."""
        found = [debt for account in self.accounts.values() for debt in account.debts if debt.remaining]
        return sorted(found, key=lambda debt: (debt.occurred_at, debt.id.int))


@dataclass(slots=True, eq=False)
class Record:
    """A transaction in the making, with all that stands under it. turns: lots it took from → in which turn."""

    id: UUID
    account: AccountState
    kind: str
    key: str
    fingerprint: str
    amount: int
    reason: str
    reason_data: Any
    occurred_at: datetime
    spender_id: UUID | None = None
    reverses_id: UUID | None = None
    linked_id: UUID | None = None
    part_of_id: UUID | None = None
    arrears_made: int = 0
    written_off: int = 0
    from_own_lot: int = 0
    from_other_lots: int = 0
    already_expired: int = 0
    balance: int = 0
    available: int = 0
    arrears: int = 0
    entries: list[tuple[AccountState | None, str, UUID | None, int]] = field(default_factory=list)
    allocations: list[tuple[LotState | None, Debt | None, int]] = field(default_factory=list)
    lots: list[LotState] = field(default_factory=list)
    debts: list[Debt] = field(default_factory=list)
    parts: dict[tuple[UUID, str], "Record"] = field(default_factory=dict)
    turns: dict[UUID, int] = field(default_factory=dict)
    id_text: str = field(init=False)

    def __post_init__(self) -> None:
        self.id_text = str(self.id)

    def with_parts(self) -> Iterator["Record"]:
        """Yield the record and its parts on other records of the owner."""
        yield self
        yield from self.parts.values()

    def in_turn(self) -> "list[tuple[Record, LotState | None, Debt | None, int]]":
        """Return what it and its parts moved, each with the part: what filled arrears, then lots as they were taken."""
        found = [(one, lot, debt, amount) for one in self.with_parts() for lot, debt, amount in one.allocations]
        if self.parts:
            found.sort(key=lambda one: -1 if one[1] is None or one[2] is not None else self.turns.get(one[1].id, -1))
        return found

    def moves(self) -> tuple[LotMove, ...]:
        """Return how much came into which lot or was taken from it."""
        made = [LotMove(lot.id, lot.amount) for one in self.with_parts() for lot in one.lots]
        taken = [LotMove(lot.id, -amount) for _part, lot, _debt, amount in self.in_turn() if lot is not None]
        return (*made, *taken)


@dataclass(slots=True, eq=False)
class Past:
    """An operation posted before, as far as undoing it needs: what it took from which lots, in that order."""

    id: UUID
    account: AccountState
    kind: str
    amount: int
    taken: list[tuple[LotState, int, UUID]] = field(default_factory=list)  # lot, amount, transaction or part
    lots: list[LotState] = field(default_factory=list)
    reversed_amount: int = 0
    given_back: dict[tuple[UUID, UUID], int] = field(default_factory=dict)  # by lot and transaction
    expired_before: int = 0  # by earlier reversals: part of an earn that had expired


@dataclass(slots=True, eq=False)
class HoldState:
    """A hold and the lots it set aside."""

    id: UUID
    account: AccountState
    amount: int
    state: str
    expires_at: datetime
    spender_id: UUID | None
    lots: list[tuple[LotState, int]]
    captured_amount: int = 0
    closed_by_id: UUID | None = None
    closed_at: datetime | None = None
    occurred_at: datetime | None = None
    is_new: bool = False
    is_changed: bool = False


@dataclass(slots=True, eq=False)
class Book:
    """Everything a batch needs. Dictionaries by id; `keys` leads (account, key) to what was posted under it."""

    now: datetime
    actor_code: str
    currencies: dict[str, PointCurrency]
    accounts: dict[tuple[UUID, int], AccountState] = field(default_factory=dict)  # by owner and currency
    created: dict[UUID, AccountState] = field(default_factory=dict)
    lots: dict[UUID, LotState] = field(default_factory=dict)
    keys: dict[tuple[UUID, str], Transaction | Record] = field(default_factory=dict)
    pasts: dict[UUID, Past] = field(default_factory=dict)
    holds: dict[UUID, HoldState] = field(default_factory=dict)
    records: dict[UUID, Record] = field(default_factory=dict)
    groups: dict[tuple[UUID, int], Group] = field(default_factory=dict)  # by owner and currency
    changed_accounts: dict[UUID, AccountState] = field(default_factory=dict)
    changed_lots: dict[UUID, LotState] = field(default_factory=dict)
    moved_lots: set[UUID] = field(default_factory=set)  # whose beginning or end moved
    changed_debts: dict[UUID, Debt] = field(default_factory=dict)

    def begin(self, record: Record) -> Record:
        """Add a transaction to the batch."""
        # Lots of any account of the owner may move under it, and activity moves their ends.
        for account in record.account.group.accounts.values():
            account.is_reckoned = False
        self.records[record.id] = record
        self.keys[record.account.id, record.key] = record
        self.changed_accounts[record.account.id] = record.account
        return record

    def part(self, record: Record, account: AccountState, kind: str | None = None) -> Record:
        """Return the record itself, or its part on another record of the owner."""
        kind = kind or record.kind
        if account is record.account and kind == record.kind:
            return record
        found = record.parts.get((account.id, kind))
        if found is None:
            part_id = new_id()
            found = Record(
                id=part_id,
                account=account,
                kind=kind,
                key=f"part:{part_id}",
                fingerprint="",
                amount=0,
                reason=record.reason,
                reason_data=None,
                occurred_at=record.occurred_at,
                spender_id=record.spender_id,
                part_of_id=record.id,
            )
            record.parts[account.id, kind] = found
            self.begin(found)
        return found

    def take(self, record: Record, wanted: Iterable[tuple[LotState, int]], purpose: str) -> None:
        """Take points out of lots; the other side is the purpose, by issuer."""
        wanted = list(wanted)
        for lot, _amount in wanted:
            record.turns[lot.id] = len(record.turns)
        for account, taken in _by_account(wanted).items():
            part = self.part(record, account)
            sides: dict[UUID | None, int] = {}
            for lot, amount in taken:
                self._lower(lot, amount)
                part.allocations.append((lot, None, amount))
                sides[lot.issuer_id] = sides.get(lot.issuer_id, 0) + amount
            total = sum(sides.values())
            self._move(part, account, -total)
            part.entries += [(None, purpose, issuer, amount) for issuer, amount in sides.items()]
            if part is not record:
                part.amount += total

    def give(self, record: Record, lot: LotState, purpose: str) -> None:
        """Give points as a new lot."""
        record.lots.append(lot)
        self.lots[lot.id] = lot
        lot.end_for_good(self.now)
        lot.account.add(lot, self.now)
        self._move(record, lot.account, lot.amount)
        record.entries.append((None, purpose, lot.issuer_id, -lot.amount))

    def give_back(self, record: Record, lot: LotState, amount: int, purpose: str) -> Record:
        """Put points back into the lot they were taken from; return the part that says so."""
        part = self.part(record, lot.account)
        lot.remaining += amount
        self.changed_lots[lot.id] = lot
        if lot.account.is_loaded and lot not in lot.account.lots:
            lot.account.lots.append(lot)
        part.allocations.append((lot, None, -amount))
        self._move(part, lot.account, amount)
        part.entries.append((None, purpose, lot.issuer_id, -amount))
        if part is not record:
            part.amount += amount
        return part

    def owe(self, record: Record, amount: int) -> None:
        """Let the account owe points that it does not have."""
        debt = Debt(new_id(), record.account, record.id, amount, amount, record.occurred_at, is_new=True)
        record.debts.append(debt)
        record.arrears_made += amount
        record.account.debts.append(debt)
        record.account.arrears += amount
        self._move(record, record.account, -amount)

    def settle(self, record: Record, lots: Iterable[LotState]) -> None:
        """Fill arrears of the owner from these lots, the oldest arrears first."""
        debts = record.account.group.debts()
        for lot in lots:
            while debts and lot.free:
                debt = debts[0]
                amount = min(lot.free, debt.remaining)
                self._fill(record, lot, debt, amount)
                if not debt.remaining:
                    debts.pop(0)

    def _fill(self, record: Record, lot: LotState, debt: Debt, amount: int) -> None:
        self._lower(lot, amount)
        debt.remaining -= amount
        debt.account.arrears -= amount
        self.changed_debts[debt.id] = debt
        if lot.account is debt.account:
            kind = record.kind if lot.account is record.account else Kind.SETTLE
            self.part(record, lot.account, kind).allocations.append((lot, debt, amount))
            return
        # Points of one record fill what another owes: out of the one and into the other, through clearing.
        source, target = (self.part(record, account, Kind.SETTLE) for account in (lot.account, debt.account))
        source.allocations.append((lot, None, amount))
        target.allocations.append((None, debt, amount))
        for part, account, signed in ((source, lot.account, -amount), (target, debt.account, amount)):
            self._move(part, account, signed)
            part.entries.append((None, Purpose.CLEARING, None, -signed))
            part.amount += amount

    def _lower(self, lot: LotState, amount: int) -> None:
        lot.account.lower(lot, amount, self.now)
        self.changed_lots[lot.id] = lot

    def _move(self, record: Record, account: AccountState, amount: int) -> None:
        """Enter points on an account; several moves of one record are one entry."""
        account.balance += amount
        self.changed_accounts[account.id] = account
        for place, (known, purpose, issuer_id, before) in enumerate(record.entries):
            if known is account:
                record.entries[place] = (known, purpose, issuer_id, before + amount)
                return
        record.entries.append((account, "", None, amount))

    def available(self, group: Group) -> int:
        """Return what the owner may spend now."""
        usable = 0
        for account in group.accounts.values():
            account.reckon(self.now)
            usable += account.usable
        return max(0, usable - group.arrears)


def _by_account(wanted: Iterable[tuple[LotState, int]]) -> dict[AccountState, list[tuple[LotState, int]]]:
    found: dict[AccountState, list[tuple[LotState, int]]] = {}
    for lot, amount in wanted:
        if amount:
            found.setdefault(lot.account, []).append((lot, amount))
    return found


def portions(lots: Iterable[LotState], amount: int) -> list[tuple[LotState, int]]:
    """Return how much to take from each lot in turn, up to the amount."""
    found = []
    for lot in lots:
        if not amount:
            break
        part = min(lot.free, amount)
        if part:
            found.append((lot, part))
            amount -= part
    return found
