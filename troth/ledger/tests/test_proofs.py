"""Each proof finds what breaks it, in a deliberately corrupted copy, and names the row; a sound ledger passes all."""

from collections.abc import Iterator

import pytest
from django.db import connection

from troth.kit.ids import new_id
from troth.kit.proofs import all_proofs, examine
from troth.ledger.models import Account, Arrears, Entry, Hold, HoldLot, Lot, Transaction
from troth.ledger.proofs import PROOFS, prove
from troth.ledger.tests.conftest import DAY, NOW

pytestmark = pytest.mark.django_db
LATER = NOW + 20 * DAY


@pytest.fixture
def full(make_currency, desk, member) -> None:
    """A ledger with something of everything."""
    make_currency(shortfall="arrears", takes_other_lots=False, transfer_rule="anyone")
    friend = new_id()
    desk.done("Earn", member, amount=100, expires_at=NOW + 10 * DAY, key="first")
    desk.done("Earn", member, amount=80, key="second")
    desk.done("Spend", member, amount=130, key="spend", at=NOW + DAY)
    desk.done("Reverse", member, of="spend", amount=40, at=NOW + DAY)
    desk.done("HoldPoints", member, amount=20, key="hold", at=NOW + DAY, expires_at=NOW + 5 * DAY)
    desk.done("HoldPoints", member, amount=10, key="hold2", at=NOW + DAY, expires_at=NOW + 5 * DAY)
    desk.done("Capture", member, of="hold2", at=NOW + DAY)
    desk.done("Transfer", member, amount=10, at=NOW + DAY, to=type(desk.make("Expire", friend).owner)("staff", friend))
    desk.done("Reverse", member, of="first", amount=90, at=NOW + DAY)
    assert Arrears.objects.exists()


@pytest.fixture
def copy(full) -> Iterator[None]:
    """Temporary tables take the place of the ledger's own: no constraint protects a copy."""
    tables = [model._meta.db_table for model in (Account, Arrears, Entry, Hold, HoldLot, Lot, Transaction)]
    tables.append("ledger_allocation")
    schema = "public" if connection.vendor == "postgresql" else "main"
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"CREATE TEMPORARY TABLE {table} AS SELECT * FROM {schema}.{table}")
        yield
        for table in tables:
            cursor.execute(f"DROP TABLE {'pg_temp' if schema == 'public' else 'temp'}.{table}")


def broken() -> dict[str, str]:
    return {verdict.proof.code: verdict.first for verdict in prove(LATER) if not verdict.holds}


def test_a_sound_ledger_passes(full):
    assert broken() == {}


def test_a_sound_copy_passes(copy):
    assert broken() == {}


CASES = {
    "ledger.zero_sum": (
        "UPDATE ledger_entry SET amount = amount - 1 WHERE purpose = 'issued' AND amount = -80", "transaction",
    ),
    "ledger.balances": ("UPDATE ledger_account SET balance = balance + 7, arrears = arrears - 7", "account"),
    "ledger.covered": ("UPDATE ledger_account SET balance = balance + 7 WHERE owner_kind = 'staff'", "account"),
    "ledger.lots": ("UPDATE ledger_lot SET remaining = remaining - 1 WHERE amount = 10", "lot"),
    "ledger.held": ("UPDATE ledger_lot SET held = 0 WHERE held > 0", "lot or account"),
    "ledger.holds": ("UPDATE ledger_hold SET closed_by_id = NULL WHERE state = 'captured'", "hold"),
    "ledger.arrears": ("UPDATE ledger_arrears SET remaining = remaining - 1", "arrears or account"),
    "ledger.available": ("UPDATE ledger_account SET usable = usable + 1 WHERE owner_kind = 'staff'", "account"),
    "ledger.earned": ("UPDATE ledger_account SET earned = earned + 1 WHERE owner_kind = 'staff'", "account"),
    "ledger.keys": ("UPDATE ledger_transaction SET operation_key = 'first' WHERE operation_key = 'second'", "account"),
    "ledger.traced": ("DELETE FROM ledger_allocation WHERE amount < 0", "transaction"),
    "ledger.strangers": (
        "UPDATE ledger_entry SET purpose = 'issued' WHERE account_id IS NOT NULL AND amount = 80", "entry",
    ),
    "ledger.reversed": (
        "UPDATE ledger_transaction SET amount = 131 WHERE reverses_id IS NOT NULL AND amount = 40", "transaction",
    ),
    "ledger.cleared": (
        "UPDATE ledger_entry SET purpose = 'expired' WHERE purpose = 'clearing' AND amount > 0", "transaction",
    ),
}  # fmt: skip


def test_every_proof_has_its_corruption():
    assert set(CASES) == {proof.code for proof in PROOFS}


@pytest.mark.slow
@pytest.mark.parametrize("code", sorted(CASES))
def test_a_corrupted_copy_is_caught(copy, code):
    statement, row_kind = CASES[code]
    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount >= 1
    found = broken()
    assert code in found
    assert found[code].startswith(f"{row_kind} ")
    assert "≠" in found[code]


@pytest.mark.slow
def test_a_wrong_sum_names_the_transaction(copy):
    with connection.cursor() as cursor:
        cursor.execute(CASES["ledger.zero_sum"][0])
    earned = Transaction.objects.get(operation_key="second")
    assert broken()["ledger.zero_sum"] == f"transaction {earned.id}: 0 ≠ -1"


def test_the_proofs_of_every_module_are_found(db):
    codes = {proof.code.split(".")[0] for proof in all_proofs()}
    assert codes >= {"customers", "activity", "ledger"}
    assert [examine(proof).violations for proof in all_proofs()] == [0] * len(all_proofs())
