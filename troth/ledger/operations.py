"""What can be asked of the ledger, and what it answers. Frozen values; `services.post` takes them in batches.

Every operation names its `key` (the caller's, known once per account: the same again answers the first result), the
owner, the currency's code, when it was true and why. Amounts are positive whole numbers of the smallest unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from troth.kit.errors import TrothError


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose an account is. kind: "customer", "household", "staff" or "partner"."""

    kind: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Reason:
    """Why points moved: a code that screens turn into a sentence, with ids and codes as values (never names)."""

    code: str
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Expiry:
    """When a lot ends. kind: see `models.ExpiryKind`; count: days, months or years."""

    kind: str
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What all operations say. occurred_at: aware; not after the moment of recording."""

    key: str
    owner: Owner
    currency: str
    occurred_at: datetime
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Earn(Operation):
    """Give points: usable at once, from `activates_at`, or when an `Activate` names `awaits_event`.

    awaits_until: when it is too late for that event, None for never; the points are taken then.
    expiry: None takes the currency's; expires_at: an exact end instead of a rule; issuer_id: the partner who pays,
    None for the company; unit_cost: money that one smallest unit costs, at most seven decimal places; rule,
    programme_version_id and source say what they were given for.
    """

    amount: int
    activates_at: datetime | None = None
    awaits_event: str = ""
    awaits_until: datetime | None = None
    expiry: Expiry | None = None
    expires_at: datetime | None = None
    issuer_id: UUID | None = None
    unit_cost: Decimal | None = None
    cost_currency: str = ""
    rule: str = ""
    programme_version_id: UUID | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend(Operation):
    """Take usable points, those that end soonest first; never more than are available.

    spender_id: the member who spends from a household's pool, checked against the pool's rules.
    """

    amount: int
    spender_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPoints(Operation):
    """Set usable points aside until captured, released, or until `expires_at`. What is held does not expire."""

    amount: int
    expires_at: datetime
    spender_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture(Operation):
    """Spend what a hold set aside, or a part of it; the rest is released. of: the hold's key or transaction id."""

    of: str | UUID
    amount: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Operation):
    """Give back what a hold set aside. of: the hold's key or transaction id."""

    of: str | UUID
    is_timeout: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Expire(Operation):
    """Take the account's points that had ended at `occurred_at`; refused if there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjust(Operation):
    """Correct by hand: a positive amount gives, a negative one takes and follows the currency's shortfall policy.

    Above the currency's limit `request_id` names the adjustment that a second person approved.
    """

    amount: int
    request_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Operation):
    """Give points to another owner under the currency's rule; they keep their end, issuer and cost."""

    to: Owner
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reverse(Operation):
    """Undo an earn, a positive adjustment, a spend, a capture or an expiry, whole (None) or in part.

    of: the operation's key or transaction id. Of a spend: back into the very lots. Of an earn: from its own lot, then
    as the currency says; `Posted` tells how much of each.
    """

    of: str | UUID
    amount: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activate(Operation):
    """Make pending points usable: those of one earn (`of`: its key or transaction id), or all that wait for `event`."""

    of: str | UUID | None = None
    event: str = ""


class Outcome(StrEnum):
    """What became of an operation."""

    POSTED = "posted"
    REPEATED = "repeated"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class LotMove:
    """How much came into a lot (positive) or was taken from it (negative)."""

    lot_id: UUID
    amount: int


@dataclass(frozen=True, slots=True)
class Posted:
    """The answer to one operation. Refused: only key, outcome and error; nothing was stored.

    amount: what the operation moved; for a reversal the sum of `from_own_lot`, `from_other_lots`, `already_expired`,
    `arrears_made` and `written_off`, or what went back into lots. balance, available and arrears: the owner's
    afterwards, over all records of a merged customer. A repeat gives the figures of the first time.
    """

    key: str
    outcome: Outcome
    error: TrothError | None = None
    transaction_id: UUID | None = None
    amount: int = 0
    balance: int = 0
    available: int = 0
    arrears: int = 0
    arrears_made: int = 0
    written_off: int = 0
    from_own_lot: int = 0
    from_other_lots: int = 0
    already_expired: int = 0
    lots: tuple[LotMove, ...] = field(default=())

    @property
    def is_refused(self) -> bool:
        """Tell whether nothing happened."""
        return self.outcome is Outcome.REFUSED
