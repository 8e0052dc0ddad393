"""The lake holds exactly what the database holds, whatever happens in between."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from troth import value
from troth.activity.models import Order, OrderLine
from troth.insights.errors import LakeBusyError
from troth.insights.lake import compaction, exporting, manifest
from troth.kit.ids import new_id

from .making import NOW, make_customer, make_order, make_return, make_service_cost, revise_order

pytestmark = pytest.mark.django_db

DAY = date(2026, 2, 1)
QUERIES = {
    "orders": "order_id, customer_id, occurred_at, order_date, currency, net_amount, costed_amount,"
    " cost_amount, full_price_amount, line_count, store, channel",
    "lines": "order_id, customer_id, order_date, sku, category, brand, quantity, net_amount,"
    " full_price_amount, cost_amount",
    "returns": "return_id, order_id, customer_id, return_date, net_amount",
    "service_costs": "customer_id, cost_date, kind, amount, currency",
    "customers": "customer_id, canonical_id, kind, joined_date, is_erased",
}
KEYS = {"orders": "order_id", "lines": "order_id", "returns": "return_id", "service_costs": "cost_id"}


def rows(lake: Path, fact: str) -> list[tuple]:
    """The fact's current rows, read as the contract says."""
    paths = manifest.read(lake).paths(lake, fact)
    if not paths:
        return []
    files = ", ".join(f"'{path}'" for path in paths)
    key = KEYS.get(fact)
    latest = f"qualify revision = max(revision) over (partition by {key})" if key else ""
    if fact == "lines" and (orders := manifest.read(lake).paths(lake, "orders")):
        listed = ", ".join(f"'{path}'" for path in orders)
        newest = f"select order_id, max(revision) from read_parquet([{listed}]) group by 1"
        latest = f"where (order_id, revision) in ({newest})"
    return sorted(duckdb.execute(f"select {QUERIES[fact]} from read_parquet([{files}]) {latest}").fetchall(), key=str)


def whole(lake: Path) -> dict[str, list[tuple]]:
    return {fact: rows(lake, fact) for fact in QUERIES}


@pytest.mark.slow
def test_first_export_writes_every_fact(tmp_path):
    ann = make_customer(joined_date=DAY)
    order = make_order(ann, DAY, "12.3456", cost="5.5", categories=('tea "green", fine', "饮料"), channel="web")
    make_return(ann, DAY, "2", order)
    make_service_cost(ann, DAY, "3.5")

    result = exporting.export(tmp_path, now=NOW)

    at, amount, cost = order.occurred_at.replace(tzinfo=None), Decimal("12.3456"), Decimal("5.5")
    assert result.rows == {"orders": 1, "lines": 2, "returns": 1, "service_costs": 1, "customers": 1}
    assert rows(tmp_path, "orders") == [
        (order.id, ann, at, DAY, "CNY", amount, amount, cost, amount, 2, None, "web")
    ]  # fmt: skip
    assert rows(tmp_path, "lines") == sorted([
        (order.id, ann, DAY, "sku 1", 'tea "green", fine', "", Decimal(1), amount, amount, cost),
        (order.id, ann, DAY, "sku 2", "饮料", "", Decimal(1), Decimal(0), Decimal(0), None),
    ], key=str)  # fmt: skip
    assert rows(tmp_path, "customers") == [(ann, ann, "person", DAY, False)]
    assert rows(tmp_path, "service_costs") == [(ann, DAY, "delivery", Decimal("3.5000"), "CNY")]


@pytest.mark.slow
def test_an_empty_company_has_a_lake_of_columns_without_rows(tmp_path):
    exporting.export(tmp_path, now=NOW)

    assert whole(tmp_path) == {fact: [] for fact in QUERIES}
    assert all(len(manifest.read(tmp_path).paths(tmp_path, fact)) == 1 for fact in QUERIES)


@pytest.mark.slow
def test_second_export_reads_only_what_is_new(tmp_path):
    ann = make_customer()
    for number in range(5):
        make_order(ann, DAY + timedelta(days=number))
    exporting.export(tmp_path, now=NOW)
    late = make_order(ann, DAY, "7", at=NOW + timedelta(hours=3))

    result = exporting.export(tmp_path, now=NOW + timedelta(hours=4))

    assert (result.rows["orders"], result.rows["lines"], result.full) == (1, 1, [])
    assert late.id in {row[0] for row in rows(tmp_path, "orders")}
    assert len(rows(tmp_path, "orders")) == 6


@pytest.mark.slow
def test_nothing_new_adds_no_file(tmp_path):
    make_order(make_customer(), DAY)
    exporting.export(tmp_path, now=NOW)
    before = manifest.read(tmp_path).files["orders"]

    result = exporting.export(tmp_path, now=NOW + timedelta(days=1))

    assert manifest.read(tmp_path).files["orders"] == before
    assert result.rows == {"customers": 1}


@pytest.mark.slow
def test_a_row_stamped_long_before_the_last_export_is_still_found(tmp_path):
    """A transaction that took its `now` yesterday and commits today."""
    ann = make_customer()
    for number in range(5):
        make_order(ann, DAY + timedelta(days=number), at=NOW)
    exporting.export(tmp_path, now=NOW + timedelta(hours=1))
    late = make_order(ann, DAY, "9", at=NOW - timedelta(days=1))

    result = exporting.export(tmp_path, now=NOW + timedelta(hours=2))

    assert result.rows["orders"] == 1
    assert late.id in {row[0] for row in rows(tmp_path, "orders")}


@pytest.mark.slow
def test_a_row_moved_out_and_a_late_one_moved_in_are_told_apart(tmp_path):
    """The hour counts as many rows as before, yet it holds others."""
    ann = make_customer()
    orders = [make_order(ann, DAY + timedelta(days=number), at=NOW) for number in range(6)]
    exporting.export(tmp_path, now=NOW)
    revise_order(orders[0], "55", NOW + timedelta(hours=5))
    late = make_order(ann, DAY, "9", at=NOW)

    exporting.export(tmp_path, now=NOW + timedelta(hours=6))

    found = {row[0]: row[5] for row in rows(tmp_path, "orders")}
    assert (found[orders[0].id], found[late.id], len(found)) == (Decimal(55), Decimal(9), 7)


@pytest.mark.slow
def test_a_change_within_the_same_moment_is_found(tmp_path):
    ann = make_customer()
    orders = [make_order(ann, DAY) for _ in range(4)]
    exporting.export(tmp_path, now=NOW)
    revise_order(orders[0], "55", NOW)

    exporting.export(tmp_path, now=NOW)

    assert sorted(row[5] for row in rows(tmp_path, "orders")) == [
        Decimal(55),
        Decimal(100),
        Decimal(100),
        Decimal(100),
    ]


@pytest.mark.slow
def test_superseded_rows_are_counted(tmp_path):
    ann = make_customer()
    orders = [make_order(ann, DAY, categories=("a", "b", "c")) for _ in range(6)]
    exporting.export(tmp_path, now=NOW)
    revise_order(orders[0], "50", NOW + timedelta(hours=1), categories=("a",))
    exporting.export(tmp_path, now=NOW + timedelta(hours=1))
    revise_order(orders[0], "60", NOW + timedelta(hours=2), categories=("a", "b"))

    result = exporting.export(tmp_path, now=NOW + timedelta(hours=2))

    assert result.superseded == {"orders": 2, "lines": 4, "returns": 0}
    assert len(rows(tmp_path, "orders")) == 6
    assert len(rows(tmp_path, "lines")) == 5 * 3 + 2


@pytest.mark.slow
def test_an_order_that_lost_all_its_lines_leaves_none_in_the_lake(tmp_path):
    ann = make_customer()
    orders = [make_order(ann, DAY) for _ in range(4)]
    exporting.export(tmp_path, now=NOW)
    revise_order(orders[0], "50", NOW + timedelta(hours=1), categories=())

    result = exporting.export(tmp_path, now=NOW + timedelta(hours=1))

    assert (result.rows["lines"], result.full, result.superseded["lines"]) == (0, [], 1)
    assert len(rows(tmp_path, "lines")) == 3
    with value.Lake(tmp_path) as facts:
        assert facts.engine.row(facts.lines.agg(rows=facts.lines.count())) == {"rows": 3}
    held = manifest.read(tmp_path)
    held.superseded["orders"] = 0  # as where only the orders were worth compacting
    manifest.write(tmp_path, held)
    compaction.compact(tmp_path, now=NOW, is_forced=True)
    assert manifest.read(tmp_path).rows("lines") == 3


@pytest.mark.slow
def test_a_deleted_row_makes_the_fact_be_read_anew(tmp_path):
    ann = make_customer()
    orders = [make_order(ann, DAY) for _ in range(4)]
    exporting.export(tmp_path, now=NOW)
    Order.objects.filter(id=orders[0].id).delete()

    result = exporting.export(tmp_path, now=NOW)

    assert "orders" in result.full
    assert len(rows(tmp_path, "orders")) == 3


@pytest.mark.slow
def test_a_database_set_back_to_an_older_state_is_followed(tmp_path):
    ann = make_customer()
    orders = [make_order(ann, DAY) for _ in range(4)]
    exporting.export(tmp_path, now=NOW)
    revise_order(orders[0], "50", NOW + timedelta(hours=1))
    exporting.export(tmp_path, now=NOW + timedelta(hours=1))
    Order.objects.filter(id=orders[0].id).update(revision=1, net_amount=Decimal(100), updated_at=NOW)

    result = exporting.export(tmp_path, now=NOW + timedelta(hours=2))

    assert "orders" in result.full
    assert {row[5] for row in rows(tmp_path, "orders")} == {Decimal(100)}


@pytest.mark.slow
def test_merged_customers_point_at_the_end_of_their_chain(tmp_path):
    last = make_customer()
    middle = make_customer(canonical_id=last)
    first = make_customer(canonical_id=middle)

    exporting.export(tmp_path, now=NOW)

    assert {row[0]: row[1] for row in rows(tmp_path, "customers")} == {last: last, middle: last, first: last}


@pytest.mark.slow
def test_line_costs_are_rounded_half_up_and_do_not_overflow(tmp_path):
    ann = make_customer()
    order = make_order(ann, DAY, categories=("a", "b", "c"))
    costs = {1: ("0.5", "0.0001"), 2: ("-0.5", "0.0001"), 3: ("90000000", "900000")}
    for number, (quantity, cost) in costs.items():
        OrderLine.objects.filter(order_id=order.id, line_no=number).update(
            quantity=Decimal(quantity), unit_cost=Decimal(cost)
        )

    exporting.export(tmp_path, now=NOW)

    assert {row[4]: row[9] for row in rows(tmp_path, "lines")} == {
        "a": Decimal("0.0001"), "b": Decimal("-0.0001"), "c": Decimal(90_000_000) * 900_000
    }  # fmt: skip


class KilledError(BaseException):
    """Stands for a kill: nothing after it runs."""


@pytest.mark.parametrize("stage", ["orders", "customers", "manifest"])
@pytest.mark.slow
def test_a_killed_export_leaves_the_lake_as_it_was(tmp_path, monkeypatch, stage):
    ann = make_customer()
    for _ in range(4):
        make_order(ann, DAY)
    exporting.export(tmp_path, now=NOW)
    before, bytes_before = whole(tmp_path), (tmp_path / "manifest.json").read_bytes()
    make_order(ann, DAY, "1", at=NOW + timedelta(hours=1))

    def die(fact, _done, _total):
        if fact == stage:
            raise KilledError

    if stage == "manifest":
        monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KilledError))
    with pytest.raises(KilledError):
        exporting.export(tmp_path, now=NOW + timedelta(hours=1), report=die)
    monkeypatch.undo()

    assert whole(tmp_path) == before
    assert (tmp_path / "manifest.json").read_bytes() == bytes_before

    exporting.export(tmp_path, now=NOW + timedelta(hours=2))
    assert len(rows(tmp_path, "orders")) == 5
    held = manifest.read(tmp_path)
    on_disk = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*.parquet")}
    assert on_disk == held.known()


@pytest.mark.slow
def test_files_out_of_use_are_kept_for_readers_and_then_deleted(tmp_path):
    make_customer()
    exporting.export(tmp_path, now=NOW)
    (old,) = manifest.read(tmp_path).paths(tmp_path, "customers")

    exporting.export(tmp_path, now=NOW + timedelta(minutes=30))
    assert old.exists()
    exporting.export(tmp_path, now=NOW + timedelta(hours=2))
    assert not old.exists()


def test_two_exports_at_once_are_refused(tmp_path):
    with exporting.locked(tmp_path), pytest.raises(LakeBusyError):
        exporting.export(tmp_path, now=NOW)
    assert not (tmp_path / "manifest.json").exists()


@pytest.mark.slow
def test_a_rebuild_reads_everything_anew(tmp_path):
    ann = make_customer()
    orders = [make_order(ann, DAY) for _ in range(4)]
    exporting.export(tmp_path, now=NOW)
    revise_order(orders[0], "50", NOW + timedelta(hours=1))
    exporting.export(tmp_path, now=NOW + timedelta(hours=1))
    before = whole(tmp_path)

    result = exporting.export(tmp_path, now=NOW + timedelta(hours=2), is_rebuild=True)

    assert result.superseded == {"orders": 0, "lines": 0, "returns": 0}
    assert whole(tmp_path) == before


@pytest.mark.slow
def test_unknown_ids_in_the_lake_folder_are_swept(tmp_path):
    exporting.export(tmp_path, now=NOW)
    stray = tmp_path / "orders" / f"{new_id().hex}-0000.parquet"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"half a file")

    exporting.export(tmp_path, now=NOW)

    assert not stray.exists()
