"""The ledger again, as plainly as it can be said: lists and loops, one operation at a time, no database.

Written from the rules of the module's README, not from its code, to be held against it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any


class Refused(Exception):
    """The operation is refused; the argument is the code of the error."""


@dataclass(eq=False)
class PlainLot:
    owner: str
    amount: int
    left: int
    start: datetime | None
    end: datetime | None
    idle_days: int | None
    occurred_at: datetime
    held: int = 0
    expired: int = 0


@dataclass(eq=False)
class Done:
    """An operation that was posted: by whom, how much, from which lots in turn, what it made."""

    kind: str
    owner: str
    amount: int
    answer: dict[str, Any] = field(default_factory=dict)
    content: Any = None
    taken: list[tuple[PlainLot, int]] = field(default_factory=list)
    given_back: list[tuple[PlainLot, int]] = field(default_factory=list)
    made: list[PlainLot] = field(default_factory=list)
    undone: int = 0
    undone_expired: int = 0
    is_open: bool = False


@dataclass
class PlainLedger:
    shortfall: str
    limit: int | None
    takes_other_lots: bool
    grace_days: int
    idle_days: int | None
    lasts_days: int | None
    lots: list[PlainLot] = field(default_factory=list)
    owed: dict[str, list[int]] = field(default_factory=dict)
    owed_since: dict[str, list[list[Any]]] = field(default_factory=dict)
    active_at: dict[str, datetime] = field(default_factory=dict)
    done: dict[tuple[str, str], Done] = field(default_factory=dict)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)

    # --- what is there

    def group(self, owner: str) -> tuple[str, ...]:
        return self.groups.get(owner, (owner,))

    def own(self, owner: str) -> list[PlainLot]:
        return [lot for lot in self.lots if lot.owner in self.group(owner)]

    def arrears(self, owner: str) -> int:
        return sum(sum(self.owed.get(one, [])) for one in self.group(owner))

    def balance(self, owner: str) -> int:
        return sum(lot.left for lot in self.own(owner)) - self.arrears(owner)

    def end(self, lot: PlainLot) -> datetime | None:
        if lot.start is None:
            return lot.end
        if lot.end is None and lot.idle_days is not None:
            moments = [self.active_at[one] for one in self.group(lot.owner) if one in self.active_at]
            return max([*moments, lot.start or lot.occurred_at]) + timedelta(days=lot.idle_days)
        return lot.end

    def is_usable(self, lot: PlainLot, at: datetime) -> bool:
        end = self.end(lot)
        return lot.start is not None and lot.start <= at and (end is None or end > at)

    def usable(self, owner: str, at: datetime) -> list[PlainLot]:
        far = datetime.max.replace(tzinfo=at.tzinfo)
        found = [lot for lot in self.own(owner) if lot.left > lot.held and self.is_usable(lot, at)]
        return sorted(found, key=lambda lot: (self.end(lot) or far, lot.occurred_at, self.lots.index(lot)))

    def available(self, owner: str, at: datetime) -> int:
        return max(0, sum(lot.left - lot.held for lot in self.usable(owner, at)) - self.arrears(owner))

    def state(self, owner: str, at: datetime) -> dict[str, int]:
        """Return what `queries.balances` should."""
        free = {"usable": 0, "pending": 0, "overdue": 0}
        for lot in self.own(owner):
            if lot.start is None or lot.start > at:
                free["pending"] += lot.left - lot.held
            else:
                free["usable" if self.is_usable(lot, at) else "overdue"] += lot.left - lot.held
        return {
            "balance": self.balance(owner),
            "available": self.available(owner, at),
            "pending": free["pending"],
            "held": sum(lot.held for lot in self.own(owner)),
            "arrears": self.arrears(owner),
            "overdue": free["overdue"],
        }

    # --- operations

    def begin(self, owners: list[str], now: datetime) -> None:
        """Fix, for a batch, the end of what ended by inactivity: later activity does not bring it back."""
        self.changed: set[str] = set()
        self.now = now
        self.fixed: list[PlainLot] = []
        for lot in self.lots:
            if any(lot.owner in self.group(one) for one in owners) and lot.left and self.fix(lot):
                self.fixed.append(lot)

    def fix(self, lot: PlainLot) -> bool:
        end = self.end(lot) if lot.end is None and lot.start is not None else None
        if end is None or end > self.now:
            return False
        lot.end = end
        return True

    def finish(self) -> None:
        """Forget what was fixed on accounts that the batch left as they were."""
        for lot in self.fixed:
            if lot.owner not in self.changed:
                lot.end = None

    def post(self, kind: str, owner: str, key: str, at: datetime, now: datetime, **values: Any) -> dict[str, Any]:
        """Return the answer, or raise Refused having changed nothing."""
        content = (kind, values)
        before = {lot: (lot.left, lot.held) for lot in self.lots}
        owed = {one: sum(debts) for one, debts in self.owed.items()}
        for one in self.group(owner):
            if (one, key) in self.done:
                known = self.done[one, key]
                if known.content != content:
                    raise Refused("operation_conflict")
                return known.answer | {"outcome": "repeated"}
        done = getattr(self, f"_{kind}")(owner, at, **values)
        answer = {
            "outcome": "posted",
            "amount": done.amount,
            "balance": self.balance(owner),
            "available": self.available(owner, now),
            "arrears": self.arrears(owner),
            "arrears_made": 0,
            "written_off": 0,
            "from_own_lot": 0,
            "from_other_lots": 0,
            "already_expired": 0,
        }
        found: dict[str, Any] = answer | done.answer
        done.answer, done.content = found, content
        self.done[done.owner, key] = done
        self.changed |= {done.owner, *([values["to"]] if kind == "transfer" else [])}
        self.changed |= {lot.owner for lot, figures in before.items() if figures != (lot.left, lot.held)}
        self.changed |= {one for one, debts in self.owed.items() if sum(debts) != owed.get(one, 0)}
        return found

    def _find(self, owner: str, of: str) -> Done:
        for one in self.group(owner):
            if (one, of) in self.done:
                return self.done[one, of]
        raise Refused("transaction_unknown")

    def _touch(self, owner: str, at: datetime) -> None:
        self.active_at[owner] = max(at, self.active_at.get(owner, at))

    def _new(self, owner: str, amount: int, start: datetime | None, at: datetime) -> PlainLot:
        end = start + timedelta(days=self.lasts_days) if start and self.lasts_days else None
        lot = PlainLot(owner, amount, amount, start, end, self.idle_days, at)
        self.lots.append(lot)
        self.fix(lot)
        return lot

    def _settle(self, owner: str, lots: list[PlainLot]) -> None:
        debts = sorted(
            (debt for one in self.group(owner) for debt in self.owed_since.get(one, [])), key=lambda debt: debt[0]
        )
        for lot in lots:
            for debt in debts:
                filled = min(lot.left - lot.held, debt[2])
                lot.left -= filled
                debt[2] -= filled
        for one in self.group(owner):
            self.owed[one] = [debt[2] for debt in self.owed_since.get(one, [])]

    def _take(self, lots: list[PlainLot], amount: int) -> list[tuple[PlainLot, int]]:
        taken = []
        for lot in lots:
            part = min(lot.left - lot.held, amount)
            if part:
                lot.left -= part
                amount -= part
                taken.append((lot, part))
        return taken

    def _missing(self, owner: str, amount: int) -> tuple[int, int]:
        """Return how much is owed and how much written off."""
        if not amount:
            return 0, 0
        if self.shortfall == "refuse":
            raise Refused("shortfall_refused")
        if self.shortfall == "write_off":
            return 0, amount
        owed = amount if self.limit is None else min(amount, max(0, self.limit - self.arrears(owner)))
        return owed, amount - owed

    def _owe(self, owner: str, amount: int, at: datetime) -> None:
        if amount:
            self.owed_since.setdefault(owner, []).append([(at, len(self.done)), owner, amount])
            self.owed.setdefault(owner, []).append(amount)

    def _earn(self, owner: str, at: datetime, amount: int, wait: int | None) -> Done:
        start = None if wait == -1 else at + timedelta(days=wait or 0)
        self._touch(owner, at)
        lot = self._new(owner, amount, start, at)
        self._settle(owner, self.usable(owner, at))
        return Done("earn", owner, amount, made=[lot])

    def _spend(self, owner: str, at: datetime, amount: int) -> Done:
        if amount > self.available(owner, at):
            raise Refused("insufficient_points")
        lots = self.usable(owner, at)
        self._touch(owner, at)
        self._settle(owner, lots)
        return Done("spend", owner, amount, taken=self._take(lots, amount))

    def _hold(self, owner: str, at: datetime, amount: int) -> Done:
        if amount > self.available(owner, at):
            raise Refused("insufficient_points")
        lots = self.usable(owner, at)
        self._touch(owner, at)
        self._settle(owner, lots)
        taken = self._take(lots, amount)
        for lot, part in taken:
            lot.left += part
            lot.held += part
        return Done("hold", owner, amount, taken=taken, is_open=True)

    def _close(self, owner: str, of: str) -> Done:
        hold = self._find(owner, of)
        if hold.kind != "hold" or not hold.is_open:
            raise Refused("hold_refused")
        return hold

    def _capture(self, owner: str, at: datetime, of: str, amount: int | None) -> Done:
        hold = self._close(owner, of)
        amount = hold.amount if amount is None else amount
        if amount > hold.amount:
            raise Refused("hold_refused")
        hold.is_open = False
        self._touch(hold.owner, at)
        taken, left = [], amount
        for lot, part in hold.taken:
            lot.held -= part
            used = min(left, part)
            lot.left -= used
            left -= used
            if used:
                taken.append((lot, used))
        self._settle(owner, self.usable(owner, at))
        return Done("capture", hold.owner, amount, taken=taken)

    def _release(self, owner: str, at: datetime, of: str) -> Done:
        hold = self._close(owner, of)
        hold.is_open = False
        for lot, part in hold.taken:
            lot.held -= part
        self._settle(owner, self.usable(owner, at))
        return Done("release", hold.owner, hold.amount)

    def _expire(self, owner: str, at: datetime) -> Done:
        ended = [
            lot
            for lot in self.lots
            if lot.owner == owner and lot.left > lot.held and (end := self.end(lot)) is not None and end <= at
        ]
        if not ended:
            raise Refused("nothing_to_do")
        self._settle(owner, ended)
        taken = self._take(ended, sum(lot.left - lot.held for lot in ended))
        for lot, part in taken:
            lot.expired += part
        return Done("expire", owner, sum(part for _lot, part in taken), taken=taken)

    def _adjust(self, owner: str, at: datetime, amount: int) -> Done:
        if amount > 0:
            self.active_at.setdefault(owner, at)
            lot = self._new(owner, amount, at, at)
            self._settle(owner, self.usable(owner, at))
            return Done("adjust", owner, amount, made=[lot])
        found = min(-amount, self.available(owner, at))
        owed, written_off = self._missing(owner, -amount - found)
        lots = self.usable(owner, at)
        self._settle(owner, lots)
        self._take(lots, found)
        self._owe(owner, owed, at)
        return Done("adjust", owner, amount, {"arrears_made": owed, "written_off": written_off})

    def _transfer(self, owner: str, at: datetime, to: str, amount: int) -> Done:
        if to in self.group(owner):
            raise Refused("transfer_refused")
        if amount > self.available(owner, at):
            raise Refused("insufficient_points")
        lots = self.usable(owner, at)
        self._touch(owner, at)
        self._settle(owner, lots)
        taken = self._take(lots, amount)
        self._touch(to, at)
        for lot, part in taken:
            self.lots.append(PlainLot(to, part, part, at, lot.end, lot.idle_days, at))
            self.fix(self.lots[-1])
        self._settle(to, self.usable(to, at))
        return Done("transfer", owner, amount, taken=taken)

    def _activate(self, owner: str, at: datetime, of: str) -> Done:
        origin = self._find(owner, of)
        waiting = [lot for lot in origin.made if lot.start is None and lot.left]
        if not waiting:
            raise Refused("nothing_to_do")
        for lot in waiting:
            lot.start = at
            lot.end = at + timedelta(days=self.lasts_days) if self.lasts_days else None
        amount = sum(lot.left for lot in waiting)
        self._settle(owner, self.usable(owner, at))
        return Done("activate", owner, amount)

    def _reverse(self, owner: str, at: datetime, of: str, amount: int | None) -> Done:
        past = self._find(owner, of)
        if past.kind not in ("earn", "spend", "capture", "expire", "adjust") or past.amount < 0:
            raise Refused("not_reversible")
        if past.kind == "expire" and past.amount == 0:
            raise Refused("already_reversed")
        left = past.amount - past.undone
        amount = left if amount is None else amount
        if not left or amount > left:
            raise Refused("already_reversed")
        if past.kind in ("earn", "adjust"):
            return self._take_back(past, at, amount)
        past.undone += amount
        rest = amount
        for place in reversed(range(len(past.taken))):
            lot, taken = past.taken[place]
            part = min(rest, taken)
            if not part:
                continue
            rest -= part
            past.taken[place] = (lot, taken - part)
            lot.left += part
            if past.kind == "expire":
                lot.expired -= part
            end = self.end(lot)
            if end is not None and end <= at:
                lot.end = at + timedelta(days=self.grace_days)
            else:
                self.fix(lot)
        self._settle(past.owner, self.usable(past.owner, at))
        return Done("reverse", past.owner, amount)

    def _take_back(self, past: Done, at: datetime, amount: int) -> Done:
        (own,) = past.made
        from_own = min(amount, own.left - own.held)
        expired = min(amount - from_own, own.expired - past.undone_expired)
        rest = amount - from_own - expired
        others = [lot for lot in self.usable(past.owner, at) if lot is not own] if self.takes_other_lots else []
        free = sum(lot.left - lot.held for lot in others)
        from_others = min(rest, max(0, free - self.arrears(past.owner)))
        owed, written_off = self._missing(past.owner, rest - from_others)
        past.undone += amount
        past.undone_expired += expired
        own.left -= from_own
        if from_others:
            self._settle(past.owner, others)
            self._take(others, from_others)
        self._owe(past.owner, owed, at)
        found = {"from_own_lot": from_own, "from_other_lots": from_others, "already_expired": expired}
        return Done("reverse", past.owner, amount, found | {"arrears_made": owed, "written_off": written_off})
