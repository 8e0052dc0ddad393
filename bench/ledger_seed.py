"""A ledger of any size made inside the database, row for row as the program writes it: it passes the proof."""

from __future__ import annotations

from uuid import UUID

EARNS, SPENDS = 6, 4
EARNED, SPENT = 100, 50
ENTRIES_PER_MEMBER = 2 * (EARNS + SPENDS)
CURRENCY = "points"

# Ids are prefix-number-7000-8000-member: they grow as those of the program do.
ID = "('{prefix}-' || lpad(to_hex({number}), 4, '0') || '-7000-8000-' || lpad(to_hex(m), 12, '0'))::uuid"
OWNER = ID.format(prefix="00000000", number="0")
ACCOUNT = ID.format(prefix="00000001", number="0")
TRANSACTION = ID.format(prefix="00000002", number="k")
LOT = ID.format(prefix="00000003", number="{k}")
MOMENT = "(now() - interval '1 year' + interval '1 day' * k)"
EACH = "generate_series({first}, {last}) k CROSS JOIN generate_series({after} + 1, {members}) m ORDER BY k, m"

STATEMENTS = [
    f"""
    INSERT INTO ledger_account (id, owner_kind, owner_id, currency_id, balance, held, arrears, usable, earned,
        last_activity_at, created_at)
    SELECT {ACCOUNT}, 'customer', {OWNER}, {{currency}}, {EARNS * EARNED - SPENDS * SPENT}, 0, 0,
        {EARNS * EARNED - SPENDS * SPENT}, {EARNS * EARNED}, now(), now()
    FROM generate_series({{after}} + 1, {{members}}) m
    """,
    f"""
    INSERT INTO ledger_transaction (id, owner_id, account_id, currency_id, transaction_kind, operation_key,
        fingerprint, amount, reason, balance, available, arrears, arrears_made, written_off, occurred_at, recorded_at,
        actor)
    SELECT {TRANSACTION}, {OWNER}, {ACCOUNT}, {{currency}}, CASE WHEN k < {EARNS} THEN 'earn' ELSE 'spend' END,
        'seed-' || k, md5(k::text), CASE WHEN k < {EARNS} THEN {EARNED} ELSE {SPENT} END, 'seed', 0, 0, 0, 0, 0,
        {MOMENT}, {MOMENT}, 'system:seed'
    FROM {EACH.format(first=0, last=EARNS + SPENDS - 1, members="{members}", after="{after}")}
    """,
    f"""
    INSERT INTO ledger_entry (owner_id, transaction_id, account_id, purpose, currency_id, amount, occurred_at,
        recorded_at)
    SELECT {OWNER}, {TRANSACTION}, CASE side WHEN 0 THEN {ACCOUNT} END,
        CASE WHEN side = 0 THEN '' WHEN k < {EARNS} THEN 'issued' ELSE 'redeemed' END, {{currency}},
        CASE WHEN k < {EARNS} THEN {EARNED} ELSE -{SPENT} END * CASE side WHEN 0 THEN 1 ELSE -1 END,
        {MOMENT}, {MOMENT}
    FROM generate_series(0, {EARNS + SPENDS - 1}) k CROSS JOIN generate_series({{after}} + 1, {{members}}) m
        CROSS JOIN generate_series(0, 1) side
    ORDER BY k, m, side
    """,
    f"""
    INSERT INTO ledger_lot (id, owner_id, account_id, transaction_id, currency_id, amount, remaining, held, is_open,
        activates_at, awaits_event, expiry_kind, expiry_count, cost_currency, rule, source, occurred_at, recorded_at)
    SELECT {LOT.format(k="k")}, {OWNER}, {ACCOUNT}, {TRANSACTION}, {{currency}}, {EARNED},
        {EARNED} - CASE WHEN k < {SPENDS} THEN {SPENT} ELSE 0 END, 0, true, {MOMENT}, '', 'never', 0, '', 'base',
        'seed', {MOMENT}, {MOMENT}
    FROM {EACH.format(first=0, last=EARNS - 1, members="{members}", after="{after}")}
    """,
    f"""
    INSERT INTO ledger_allocation (owner_id, transaction_id, lot_id, amount, occurred_at, recorded_at)
    SELECT {OWNER}, {TRANSACTION}, {LOT.format(k=f"k - {EARNS}")}, {SPENT}, {MOMENT}, {MOMENT}
    FROM {EACH.format(first=EARNS, last=EARNS + SPENDS - 1, members="{members}", after="{after}")}
    """,
]


def owner(number: int) -> UUID:
    """Return the id of a member, from 1."""
    return UUID(f"00000000-0000-7000-8000-{number:012x}")


def seed(members: int, *, after: int = 0) -> None:
    """Make the currency and the ledger of so many members, or let those `after` which there are some follow.

    Needs PostgreSQL.
    """
    from django.db import connection

    from troth.access.actors import system_actor
    from troth.kit import clock
    from troth.ledger import queries
    from troth.ledger import services as ledger

    rules = ledger.CurrencyRules(name="Points", shortfall="arrears", transfer_rule="anyone")
    if after:
        currency = queries.currency(CURRENCY)
    else:
        currency = ledger.create_currency(actor=system_actor("bench"), now=clock.utc_now(), code=CURRENCY, rules=rules)
    with connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement.format(members=members, after=after, currency=currency.pk))
        cursor.execute("VACUUM ANALYZE")
