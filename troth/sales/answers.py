"""What recording a sale answers: what was stored, what it brought and why, and where the member stands afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from troth.activity.orders import Recorded
from troth.kit.errors import TrothError
from troth.programs.outcomes import Award, RuleOutcome
from troth.programs.services import Standing

from .postings import Posting


@dataclass(frozen=True, slots=True)
class Brought:
    """What an order brings under one programme.

    postings: what moved for it then. standing: the member's tier and what is missing, as it was then; None where
    nothing was written, and of what was awarded later as history.
    """

    programme: str
    version_id: UUID
    version_number: int
    awards: tuple[Award, ...]
    outcomes: tuple[RuleOutcome, ...]
    postings: tuple[Posting, ...] = ()
    standing: Standing | None = None
    eligible_amount: int = 0


@dataclass(frozen=True, slots=True)
class BalanceAfter:
    """Points of one currency after the sale, over all records of the customer."""

    balance: int
    available: int
    arrears: int


@dataclass(frozen=True, slots=True)
class PaidFromPool:
    """Points of a household's pool that paid, negative where they went back; available: what the pool has then."""

    household_id: UUID
    currency: str
    points: int
    available: int


@dataclass(frozen=True, slots=True)
class Sold:
    """The result of one order or return. Refused: only `recorded`, with the error; nothing was stored.

    brought: by programme; empty for history, and where no programme was in force. balances: by point currency, of
    those of the customer's own that moved. points_paid: by point currency, what it was paid with just now, negative
    where it went back; pools: how much of that came from households' pools.
    """

    recorded: Recorded
    order_id: UUID | None = None
    brought: tuple[Brought, ...] = ()
    balances: Mapping[str, BalanceAfter] = field(default_factory=dict)
    points_paid: Mapping[str, int] = field(default_factory=dict)
    pools: tuple[PaidFromPool, ...] = ()

    @property
    def error(self) -> TrothError | None:
        """Return why it was refused, None if it was not."""
        return self.recorded.error
