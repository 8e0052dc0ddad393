"""Reading the ledger. Import as one thing: `from troth.ledger import queries as ledger`.

Published first as signatures:
    currency(code) -> PointCurrency; currencies() -> list[PointCurrency]
    balances(owners: Iterable[UUID], currency: str, *, now) -> dict[UUID, Balance], merged records together
    balance_as_of(owner_id, currency, *, occurred=None, recorded=None) -> Balance
    lots(owner_id, currency, *, now) -> list[LotView]
    expiring(owner_id, currency, *, now) -> list[(expires_at, amount)]
    statement(owner_id, currency, *, after=None, limit=50) -> list[Line]; explain(transaction_id) -> Explanation
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Balance:
    """What an owner has: balance = available + pending + held + overdue − arrears, but available never below 0."""

    balance: int = 0
    available: int = 0
    pending: int = 0
    held: int = 0
    arrears: int = 0
    overdue: int = 0
