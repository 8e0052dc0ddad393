"""What must hold of programmes: counters, budgets and tiers are what their sources add up to."""

from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from troth.customers.proofs import count_strangers
from troth.kit.proofs import Proof

from .models import BudgetSlice, EarnedBadge, Membership, Progress, TierGrant, TierMove

_M = Membership._meta.db_table
_P = Progress._meta.db_table
_S = BudgetSlice._meta.db_table
_T = TierMove._meta.db_table


def _parts(table: str, column: str) -> str:
    """Return FROM … of a table with each key and whole number of a JSON column as `e`."""
    if connection.vendor == "postgresql":
        each = f"(SELECT key, value::bigint AS value FROM jsonb_each_text(t.{column}))"  # noqa: S608  own names
        return f"{table} t CROSS JOIN LATERAL {each} e"
    return f"{table} t, json_each(t.{column}) e"


def _counters_broken() -> str:
    """Return SQL of the counters that are not what progress adds up to: owner, programme, key.

    A counter that the membership has forgotten (its period ended before counters_from_date) is not asked for.
    """
    return f"""
        WITH summed AS (
            SELECT t.owner_id, t.programme_id, e.key, SUM(e.value) AS total, MAX(t.occurred_at) AS latest
            FROM {_parts(_P, "counters")} GROUP BY t.owner_id, t.programme_id, e.key
        ), held AS (
            SELECT t.owner_id, t.programme_id, e.key, e.value FROM {_parts(_M, "counters")}
        )
        SELECT h.owner_id, h.programme_id, h.key FROM held h
        LEFT JOIN summed s ON s.owner_id = h.owner_id AND s.programme_id = h.programme_id AND s.key = h.key
        WHERE h.value <> COALESCE(s.total, 0)
        UNION ALL
        SELECT s.owner_id, s.programme_id, s.key FROM summed s
        JOIN {_M} m ON m.owner_id = s.owner_id AND m.programme_id = s.programme_id
        LEFT JOIN held h ON h.owner_id = s.owner_id AND h.programme_id = s.programme_id AND h.key = s.key
        WHERE h.key IS NULL AND s.total <> 0 AND s.latest >= m.counters_from_date
    """  # noqa: S608  own names


def _budgets_broken() -> str:
    """Return SQL of the budgets whose use is not what progress drew on them: programme, key."""
    return f"""
        WITH drawn AS (
            SELECT t.programme_id, e.key, SUM(e.value) AS total
            FROM {_parts(_P, "budgets")} GROUP BY t.programme_id, e.key
        ), used AS (
            SELECT programme_id, key, SUM(used) AS total FROM {_S} GROUP BY programme_id, key
        )
        SELECT u.programme_id, u.key FROM used u
        LEFT JOIN drawn d ON d.programme_id = u.programme_id AND d.key = u.key WHERE u.total <> COALESCE(d.total, 0)
        UNION ALL
        SELECT d.programme_id, d.key FROM drawn d
        LEFT JOIN used u ON u.programme_id = d.programme_id AND u.key = d.key WHERE u.key IS NULL AND d.total <> 0
    """  # noqa: S608  own names


def _orders_broken() -> str:
    """Return SQL of the memberships whose number of orders is not that of their progress: owner, programme."""
    return f"""
        SELECT m.owner_id, m.programme_id FROM {_M} m
        LEFT JOIN (SELECT owner_id, programme_id, SUM(orders) AS total FROM {_P} GROUP BY owner_id, programme_id) p
        ON p.owner_id = m.owner_id AND p.programme_id = m.programme_id
        WHERE m.order_count <> COALESCE(p.total, 0)
    """  # noqa: S608  own names


def _tiers_broken() -> str:
    """Return SQL of the memberships whose tier is not where their latest move led: owner, programme."""
    return f"""
        SELECT m.owner_id, m.programme_id FROM {_M} m JOIN (
            SELECT owner_id, programme_id, to_tier,
                ROW_NUMBER() OVER (PARTITION BY owner_id, programme_id ORDER BY occurred_at DESC, id DESC) AS place
            FROM {_T}
        ) t ON t.owner_id = m.owner_id AND t.programme_id = m.programme_id AND t.place = 1
        WHERE t.to_tier <> m.tier
    """  # noqa: S608  own names


def _count(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM ({sql}) broken")  # noqa: S608  own SQL
        return int(cursor.fetchone()[0])


def _first(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({sql}) broken LIMIT 1")  # noqa: S608  own SQL
        row: tuple[Any, ...] | None = cursor.fetchone()
    return " ".join(str(part) for part in row) if row else ""


PROOFS = (
    Proof(
        "programs.counters",
        _("Every counter of a member is what orders and events added to it."),
        lambda: _count(_counters_broken()),
        lambda: _first(_counters_broken()),
    ),
    Proof(
        "programs.budgets",
        _("Every budget has given what orders and events drew on it."),
        lambda: _count(_budgets_broken()),
        lambda: _first(_budgets_broken()),
    ),
    Proof(
        "programs.orders",
        _("Every member's number of orders is that of the orders that counted."),
        lambda: _count(_orders_broken()),
        lambda: _first(_orders_broken()),
    ),
    Proof(
        "programs.tiers",
        _("Every member holds the tier to which the latest move led."),
        lambda: _count(_tiers_broken()),
        lambda: _first(_tiers_broken()),
    ),
    Proof(
        "programs.owners",
        _("Every membership, its progress, tiers and badges belong to a customer who exists."),
        lambda: count_strangers(Membership, Progress, TierMove, TierGrant, EarnedBadge),
    ),
)
