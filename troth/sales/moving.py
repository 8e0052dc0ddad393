"""Moving what a batch of sales gives and takes back: coupons first, then the ledger, each once for the whole batch.

Whoever evaluates adds moves; `post` carries them out and turns each into a `Posting`. The order of modules is the order
of locks: programmes, then rewards, then the ledger's accounts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from troth.access.actors import Actor
from troth.kit.errors import TrothError
from troth.kit.money import from_stored
from troth.ledger import services as ledger
from troth.ledger.errors import CurrencyClosedError
from troth.ledger.operations import Earn, Expiry, Operation, Owner, Posted, Reason, Reverse
from troth.programs.outcomes import AwardKind
from troth.rewards import operations as coupons
from troth.rewards import services as rewards

from .answers import BalanceAfter
from .attempts import RefusedAtLastError
from .postings import LEDGER_KINDS, Give, Posting, TakeBack, place_of


@dataclass(slots=True)
class Account:
    """What is to move for one order or event, and what it came to.

    place: in the batch, to name what was refused; name: begins the keys, unique for ever; cause, subject: the reason
    that the ledger keeps; given_at: when what is given was earned; taken_at: when what is taken back was taken.
    """

    place: int
    name: str
    owner_id: UUID
    cause: str
    subject: dict[str, str]
    given_at: datetime
    taken_at: datetime
    version_id: UUID
    money_currency: str
    postings: list[Posting] = field(default_factory=list)
    balances: dict[str, BalanceAfter] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Pending:
    """An operation and what its posting will say."""

    account: Account
    operation: Any
    posting: Posting


class Moves:
    """Everything that moves in one transaction."""

    def __init__(self) -> None:
        self._ledger: list[_Pending] = []
        self._coupons: list[_Pending] = []
        self._uses: list[tuple[int, coupons.Redeem | coupons.Reverse]] = []
        self._payments: list[tuple[int, Operation]] = []
        self.paid: dict[int, list[tuple[Operation, Posted]]] = {}

    def add(self, account: Account, moves: Sequence[Give | TakeBack]) -> list[Posting]:
        """Note what is to move for an order or event, and return the postings that are to be expected."""
        noted: list[Posting] = []
        for number, move in enumerate(moves, start=1):
            key = f"{account.name}:{number}"
            if isinstance(move, TakeBack):
                noted.append(self._take_back(account, key, move))
            elif move.award.kind in LEDGER_KINDS:
                noted.append(_given(key, move))
                self._ledger.append(_Pending(account, _earn(account, key, move), noted[-1]))
            else:
                noted += self._assign(account, key, move)
        return noted

    def use_coupon(self, place: int, operation: coupons.Redeem | coupons.Reverse) -> None:
        """Note that the order at this place used a coupon, or no longer does; if that is refused, so is the order."""
        self._uses.append((place, operation))

    def pay(self, place: int, operation: Operation) -> None:
        """Note points that pay for the order at this place, or go back; if that is refused, so is the order."""
        self._payments.append((place, operation))

    def post(self, *, actor: Actor, now: datetime) -> None:
        """Carry everything out and add the postings to their accounts.

        Raises:
            RefusedAtLastError: the ledger, or a coupon that an order used, says no.
        """
        self._post_coupons(actor, now)
        pending = self._ledger if not self._payments else self._with_payments()
        operations = [one.operation if isinstance(one, _Pending) else one[1] for one in pending]
        errors: dict[int, TrothError] = {}
        for one, posted in zip(pending, ledger.post(operations, actor=actor, now=now), strict=True):
            if isinstance(one, _Pending) and _is_given_up(one.posting, posted.error):
                one.account.postings.append(replace(one.posting, amount=0, refused=CurrencyClosedError.code))
                continue
            if posted.error is not None:
                errors.setdefault(one.account.place if isinstance(one, _Pending) else one[0], posted.error)
                continue
            if not isinstance(one, _Pending):
                self.paid.setdefault(one[0], []).append((one[1], posted))
                continue
            one.account.postings.append(_with_detail(one.posting, posted))
            balance = BalanceAfter(posted.balance, posted.available, posted.arrears)
            one.account.balances[one.posting.code] = balance
        if errors:
            raise RefusedAtLastError(errors)

    def _with_payments(self) -> list["_Pending | tuple[int, Operation]"]:
        """Return the movements order by order, as they stand in the batch; each is paid before it earns."""
        noted: list[tuple[int, int, _Pending | tuple[int, Operation]]] = [
            (one.account.place, 1, one) for one in self._ledger
        ]
        noted += [(payment[0], 0, payment) for payment in self._payments]
        return [one for _place, _rank, one in sorted(noted, key=lambda row: row[:2])]

    def _take_back(self, account: Account, key: str, move: TakeBack) -> Posting:
        place = move.place
        posting = Posting(key, "", place.kind, place.code, -move.amount, place.promise, of=move.of)
        if place.kind is AwardKind.COUPON:
            operation = coupons.Revoke(key=key, coupon_id=UUID(move.coupon_id), occurred_at=account.taken_at)
            self._coupons.append(_Pending(account, operation, posting))
            return posting
        reverse = Reverse(
            key=key,
            owner=Owner("customer", account.owner_id),
            currency=place.code,
            occurred_at=account.taken_at,
            reason=Reason(account.cause, account.subject),
            of=move.of,
            amount=move.amount,
        )
        self._ledger.append(_Pending(account, reverse, posting))
        return posting

    def _assign(self, account: Account, key: str, move: Give) -> list[Posting]:
        award = move.award
        noted = []
        for number in range(1, move.amount + 1):
            one = f"{key}.{number}"
            operation = coupons.Assign(
                key=one,
                customer_id=account.owner_id,
                campaign=award.reference,
                occurred_at=account.given_at,
                source=account.cause,
                source_id=account.subject.get("order") or account.subject.get("event", ""),
                expires_at=_days_later(account.given_at, award.expires_days),
            )
            noted.append(Posting(one, award.rule, award.kind, award.reference, 1, award.rule))
            self._coupons.append(_Pending(account, operation, noted[-1]))
        return noted

    def _post_coupons(self, actor: Actor, now: datetime) -> None:
        """Coupons that cannot be given, or were used already, stay as they are and say so; uses must succeed."""
        operations = [*(operation for _place, operation in self._uses), *(one.operation for one in self._coupons)]
        if not operations:
            return
        done = rewards.post_coupons(operations, actor=actor, now=now)
        used, moved = done[: len(self._uses)], done[len(self._uses) :]
        errors: dict[int, TrothError] = {}
        for (place, _operation), result in zip(self._uses, used, strict=True):
            if result.error is not None:
                errors.setdefault(place, result.error)
        for one, result in zip(self._coupons, moved, strict=True):
            one.account.postings.append(_of_coupon(one.posting, result))
        if errors:
            raise RefusedAtLastError(errors)


def _is_given_up(posting: Posting, error: TrothError | None) -> bool:
    """Tell whether points of a currency that is no longer given out were to be given: the sale stays, without them."""
    return posting.amount > 0 and isinstance(error, CurrencyClosedError)


def _earn(account: Account, key: str, move: Give) -> Operation:
    award = move.award
    cost = award.unit_cost
    return Earn(
        key=key,
        owner=Owner("customer", account.owner_id),
        currency=award.currency,
        occurred_at=account.given_at,
        reason=Reason(account.cause, {**account.subject, "rules": dict(move.rules)} if move.rules else account.subject),
        amount=move.amount,
        activates_at=None if award.awaits_event else _days_later(account.given_at, award.pending_days),
        awaits_event=award.awaits_event,
        awaits_until=_days_later(account.given_at, award.pending_days) if award.awaits_event else None,
        expiry=Expiry("days", award.expires_days) if award.expires_days else None,
        unit_cost=None if cost is None else from_stored(cost),
        cost_currency="" if cost is None else account.money_currency,
        rule=move.rule,
        programme_version_id=account.version_id,
        source=account.name,
    )


def _given(key: str, move: Give) -> Posting:
    place = place_of(move.award)
    return Posting(key, move.rule, place.kind, place.code, move.amount, place.promise)


def _days_later(moment: datetime, days: int) -> datetime | None:
    return moment + timedelta(days=days) if days else None


def _with_detail(posting: Posting, posted: Posted) -> Posting:
    """Return the posting with what taking back came to, where it says more than the amount."""
    detail = {name: value for name in _DETAILS if (value := getattr(posted, name))}
    return replace(posting, detail=detail) if posting.amount < 0 and detail else posting


_DETAILS = ("from_own_lot", "from_other_lots", "already_expired", "arrears_made", "written_off")


def _of_coupon(posting: Posting, done: coupons.CouponDone) -> Posting:
    if done.error is not None:
        return replace(posting, amount=0, refused=done.error.code)
    if posting.amount < 0:
        return posting
    return replace(posting, coupon_id=str(done.coupon_id or ""), coupon_code=done.code)
