"""What must hold of the ledger, each as one statement that finds the rows that break it.

The statements are plain SQL for both databases: sums over the whole ledger, no row is fetched that is as it should be.
Each sees one state of the database, so they can run while others post.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from troth.kit import clock
from troth.kit.proofs import Proof, Verdict, examine_all


@dataclass(frozen=True, slots=True)
class _Claim:
    """A claim and the statement that finds what breaks it. row_kind: what `id` names; asks_now: takes the moment."""

    code: str
    text: str | Promise
    row_kind: str
    statement: str
    asks_now: bool = False


_ZERO_SUM = _Claim(
    "ledger.zero_sum",
    _("The entries of every transaction sum to zero."),
    "transaction",
    """
    SELECT transaction_id AS id, 0 AS expected, SUM(amount) AS found
    FROM ledger_entry GROUP BY transaction_id, currency_id HAVING SUM(amount) <> 0
    """,
)
_BALANCES = _Claim(
    "ledger.balances",
    _("Every account's balance is the sum of its entries."),
    "account",
    """
    SELECT account.id, COALESCE(sums.total, 0) AS expected, account.balance AS found
    FROM ledger_account account
    LEFT JOIN (
        SELECT account_id, SUM(amount) AS total FROM ledger_entry WHERE account_id IS NOT NULL GROUP BY account_id
    ) sums ON sums.account_id = account.id
    WHERE account.balance <> COALESCE(sums.total, 0)
    """,
)
_COVERED = _Claim(
    "ledger.covered",
    _("Every account's balance is what remains of its lots, less what it owes."),
    "account",
    """
    SELECT account.id, COALESCE(sums.total, 0) - account.arrears AS expected, account.balance AS found
    FROM ledger_account account
    LEFT JOIN (
        SELECT account_id, SUM(remaining) AS total FROM ledger_lot GROUP BY account_id
    ) sums ON sums.account_id = account.id
    WHERE account.balance <> COALESCE(sums.total, 0) - account.arrears
    """,
)
_LOTS = _Claim(
    "ledger.lots",
    _("What remains of every lot is its amount less what was taken of it, and never less than what is held or zero."),
    "lot",
    """
    SELECT lot.id, lot.amount - COALESCE(sums.total, 0) AS expected, lot.remaining AS found
    FROM ledger_lot lot
    LEFT JOIN (
        SELECT lot_id, SUM(amount) AS total FROM ledger_allocation WHERE lot_id IS NOT NULL GROUP BY lot_id
    ) sums ON sums.lot_id = lot.id
    WHERE lot.remaining <> lot.amount - COALESCE(sums.total, 0)
        OR lot.remaining < 0 OR lot.held < 0 OR lot.held > lot.remaining
        OR (lot.remaining > 0 AND NOT lot.is_open) OR (lot.remaining = 0 AND lot.is_open)
    """,
)
_HELD = _Claim(
    "ledger.held",
    _("What is held of every lot and account is what open holds set aside."),
    "lot or account",
    """
    SELECT lot.id, COALESCE(sums.total, 0) AS expected, lot.held AS found
    FROM ledger_lot lot
    LEFT JOIN (
        SELECT aside.lot_id, SUM(aside.amount) AS total
        FROM ledger_holdlot aside JOIN ledger_hold hold ON hold.id = aside.hold_id AND hold.state = 'open'
        GROUP BY aside.lot_id
    ) sums ON sums.lot_id = lot.id
    WHERE lot.held <> COALESCE(sums.total, 0)
    UNION ALL
    SELECT account.id, COALESCE(sums.total, 0), account.held
    FROM ledger_account account
    LEFT JOIN (
        SELECT account_id, SUM(held) AS total FROM ledger_lot WHERE is_open GROUP BY account_id
    ) sums ON sums.account_id = account.id
    WHERE account.held <> COALESCE(sums.total, 0)
    """,
)
_HOLDS = _Claim(
    "ledger.holds",
    _("The lots of every hold add up to it, and a closed one names the transaction that closed it."),
    "hold",
    """
    SELECT hold.id, hold.amount AS expected, COALESCE(sums.total, 0) AS found
    FROM ledger_hold hold
    LEFT JOIN (SELECT hold_id, SUM(amount) AS total FROM ledger_holdlot GROUP BY hold_id) sums ON sums.hold_id = hold.id
    LEFT JOIN ledger_transaction closer ON closer.id = hold.closed_by_id AND closer.linked_id = hold.id
    WHERE hold.amount <> COALESCE(sums.total, 0) OR (hold.state = 'open') <> (closer.id IS NULL)
    """,
)
_ARREARS = _Claim(
    "ledger.arrears",
    _("What every account owes is what was taken back and was not there, less what filled it since."),
    "arrears or account",
    """
    SELECT debt.id, debt.amount - COALESCE(sums.total, 0) AS expected, debt.remaining AS found
    FROM ledger_arrears debt
    LEFT JOIN (
        SELECT arrears_id, SUM(amount) AS total FROM ledger_allocation WHERE arrears_id IS NOT NULL GROUP BY arrears_id
    ) sums ON sums.arrears_id = debt.id
    WHERE debt.remaining <> debt.amount - COALESCE(sums.total, 0) OR debt.remaining < 0
        OR (debt.remaining > 0 AND NOT debt.is_open) OR (debt.remaining = 0 AND debt.is_open)
    UNION ALL
    SELECT account.id, COALESCE(sums.total, 0), account.arrears
    FROM ledger_account account
    LEFT JOIN (
        SELECT account_id, SUM(remaining) AS total FROM ledger_arrears GROUP BY account_id
    ) sums ON sums.account_id = account.id
    WHERE account.arrears <> COALESCE(sums.total, 0)
    """,
)
_AVAILABLE = _Claim(
    "ledger.available",
    _("What every account may spend is its balance without what is held, pending or over."),
    "account",
    """
    SELECT account.id, COALESCE(sums.total, 0) AS expected, account.usable AS found
    FROM ledger_account account
    LEFT JOIN (
        SELECT account_id, SUM(remaining - held) AS total,
            SUM(CASE WHEN expires_at IS NULL AND expiry_kind = 'inactivity' THEN 1 ELSE 0 END) AS idle
        FROM ledger_lot
        WHERE is_open AND activates_at <= %s AND (expires_at IS NULL OR expires_at > %s)
        GROUP BY account_id
    ) sums ON sums.account_id = account.id
    WHERE (account.usable_until IS NULL OR account.usable_until > %s)
        AND COALESCE(sums.idle, 0) = 0 AND account.usable <> COALESCE(sums.total, 0)
    """,
    asks_now=True,
)
_EARNED = _Claim(
    "ledger.earned",
    _("What every account earned in its lifetime is what was issued to it, less what was taken back."),
    "account",
    """
    SELECT account.id, COALESCE(sums.total, 0) AS expected, account.earned AS found
    FROM ledger_account account
    LEFT JOIN (
        SELECT made.account_id, -SUM(entry.amount) AS total
        FROM ledger_entry entry JOIN ledger_transaction made ON made.id = entry.transaction_id
        WHERE entry.purpose = 'issued' GROUP BY made.account_id
    ) sums ON sums.account_id = account.id
    WHERE account.earned <> COALESCE(sums.total, 0)
    """,
)
_KEYS = _Claim(
    "ledger.keys",
    _("No operation key stands twice on one account."),
    "account",
    """
    SELECT MIN(CAST(account_id AS VARCHAR(36))) AS id, 1 AS expected, COUNT(*) AS found
    FROM ledger_transaction GROUP BY owner_id, operation_key, currency_id HAVING COUNT(*) > 1
    """,
)
_TRACED = _Claim(
    "ledger.traced",
    _("Every debit is traced to the lots it took, every credit to the lots it made."),
    "transaction",
    """
    SELECT transaction_id AS id, 0 AS expected, SUM(amount) AS found
    FROM (
        SELECT transaction_id, amount FROM ledger_entry WHERE account_id IS NOT NULL
        UNION ALL SELECT transaction_id, -amount FROM ledger_lot
        UNION ALL
        SELECT transaction_id, CASE WHEN arrears_id IS NULL THEN amount WHEN lot_id IS NULL THEN -amount ELSE 0 END
        FROM ledger_allocation
        UNION ALL SELECT transaction_id, amount FROM ledger_arrears
    ) moves
    GROUP BY transaction_id HAVING SUM(amount) <> 0
    """,
)
_STRANGERS = _Claim(
    "ledger.strangers",
    _("Every entry stands under a transaction of its owner, on an account of its owner or else on a purpose."),
    "entry",
    """
    SELECT entry.id, 1 AS expected, 0 AS found
    FROM ledger_entry entry
    LEFT JOIN ledger_transaction made ON made.id = entry.transaction_id AND made.owner_id = entry.owner_id
        AND made.currency_id = entry.currency_id
    WHERE made.id IS NULL OR (entry.account_id IS NULL) = (entry.purpose = '')
        OR (entry.account_id IS NOT NULL AND entry.account_id <> made.account_id)
    """,
)
_REVERSED = _Claim(
    "ledger.reversed",
    _("No more of a transaction is reversed than it was about."),
    "transaction",
    """
    SELECT origin.id, origin.amount AS expected, SUM(undo.amount) AS found
    FROM ledger_transaction undo JOIN ledger_transaction origin ON origin.id = undo.reverses_id
    WHERE undo.reverses_id IS NOT NULL
    GROUP BY origin.id, origin.amount HAVING SUM(undo.amount) > origin.amount
    """,
)
_CLEARED = _Claim(
    "ledger.cleared",
    _("What goes out to others by transfers comes in there."),
    "transaction",
    """
    SELECT together AS id, 0 AS expected, SUM(amount) AS found
    FROM (
        SELECT entry.amount, COALESCE(
            made.part_of_id, CASE WHEN made.transaction_kind = 'transfer_in' THEN made.linked_id END, made.id
        ) AS together
        FROM ledger_entry entry JOIN ledger_transaction made ON made.id = entry.transaction_id
        WHERE entry.purpose = 'clearing'
    ) sides
    GROUP BY together HAVING SUM(amount) <> 0
    """,
)

_CLAIMS = (
    _ZERO_SUM, _BALANCES, _COVERED, _LOTS, _HELD, _HOLDS, _ARREARS, _AVAILABLE, _EARNED, _KEYS, _TRACED, _STRANGERS,
    _REVERSED, _CLEARED,
)  # fmt: skip


def proofs_at(now: datetime | None = None) -> tuple[Proof, ...]:
    """Return the ledger's proofs; what depends on the moment is judged at `now`, else when it is examined."""
    return tuple(_proof(claim, now) for claim in _CLAIMS)


def prove(now: datetime) -> list[Verdict]:
    """Examine every claim about the ledger."""
    return list(examine_all(proofs_at(now)))


def _proof(claim: _Claim, now: datetime | None) -> Proof:
    def count() -> int:
        return int(_rows(f"SELECT COUNT(*) FROM ({claim.statement}) broken", claim, now)[0][0])  # noqa: S608  own text

    def first() -> str:
        statement = f"SELECT id, expected, found FROM ({claim.statement}) broken ORDER BY id LIMIT 1"  # noqa: S608  own text
        row_id, expected, found = _rows(statement, claim, now)[0]
        return f"{claim.row_kind} {_id(row_id)}: {expected} ≠ {found}"

    return Proof(claim.code, claim.text, count, first)


def _id(value: Any) -> str:
    return str(UUID(value)) if isinstance(value, str) else str(value)


def _rows(statement: str, claim: _Claim, now: datetime | None) -> list[tuple[Any, ...]]:
    moment: Any = now or clock.utc_now()
    if connection.vendor == "sqlite":
        moment = str(moment.astimezone(UTC).replace(tzinfo=None))
    with _room(), connection.cursor() as cursor:
        cursor.execute(statement, [moment] * claim.statement.count("%s") if claim.asks_now else None)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


@contextmanager
def _room() -> Iterator[None]:
    """Give PostgreSQL memory for sums over millions of groups; its usual share would go through temporary files.

    No parallel workers: each would sum up all of the inner side for itself. Other claims use the other cores.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL work_mem = '256MB'")
                cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        yield


PROOFS = proofs_at()
