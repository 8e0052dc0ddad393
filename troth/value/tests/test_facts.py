import json
import uuid
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from troth import value
from troth.value.tests.cases import D, costs_frame, day, facts, orders_frame, returns_frame, row_of

GOOD = ("1", "ann", "2024-01-01", "10")


def problems(given, **more):
    with pytest.raises(value.FactsError) as raised:
        value.Facts(given, **more).check()
    return {(p.code, p.table, p.column, p.rows) for p in raised.value.problems}


def replaced(column, values, dtype=None):
    frame = orders_frame(GOOD, ("2", "bob", "2024-01-02", "20"), ("3", "cid", "2024-01-03", "30"))
    return frame.with_columns(pl.Series(column, values, dtype=dtype))


def test_a_missing_column_is_named_with_those_that_are_there():
    with pytest.raises(value.FactsError, match="orders: net_amount: column is missing: name it so or map it") as raised:
        value.Facts(orders_frame(GOOD).drop("net_amount")).check()
    assert "order_date" in str(raised.value)


@pytest.mark.slow
def test_bad_rows_are_counted_by_column():
    assert problems(replaced("customer_id", ["ann", None, None])) == {("no_customer", "orders", "customer_id", 2)}
    assert problems(replaced("net_amount", [D(1), D(-2), None])) == {
        ("negative", "orders", "net_amount", 1),
        ("no_amount", "orders", "net_amount", 1),
        ("above_net", "orders", "costed_amount", 1),
    }
    assert problems(replaced("net_amount", [1.0, float("nan"), float("inf")])) == {
        ("no_amount", "orders", "net_amount", 2)
    }
    assert problems(replaced("order_date", ["2024-01-01", "31/12/2024", "0024-01-01"])) == {
        ("no_date", "orders", "order_date", 1),
        ("too_early", "orders", "order_date", 1),
    }
    assert problems(replaced("costed_amount", [D(11), D(0), D(0)])) == {("above_net", "orders", "costed_amount", 1)}
    assert problems(replaced("order_id", ["1", "1", "1"])) == {("repeated_id", "orders", "order_id", 2)}


@pytest.mark.slow
def test_every_problem_is_told_at_once_with_the_way_out():
    with pytest.raises(value.FactsError) as raised:
        value.Facts(
            replaced("net_amount", [D(-1), D(1), D(1)]),
            returns=returns_frame(("1", None, "2024-01-09", "-1")),
        ).check()

    assert str(raised.value) == (
        "orders: net_amount: 1 rows: below 0, such as -1 (customer_id ann): money given back belongs in returns; "
        "orders: costed_amount: 1 rows: above net_amount, such as 0.0000 (customer_id ann): "
        "it is the part of it whose cost is known; "
        "returns: customer_id: 1 rows: no id, such as none (order_id 1): leave them out or give them one; "
        "returns: net_amount: 1 rows: below 0, such as -1.0000 (customer_id none): "
        "write what was given back as a positive amount"
    )


@pytest.mark.slow
def test_days_to_come_are_refused_only_where_today_is_known():
    frame = replaced("order_date", [day("2024-01-01"), day("2031-01-01"), day("2031-01-02")])

    assert problems(frame, today=day("2030-12-31")) == {("in_future", "orders", "order_date", 2)}
    assert value.Facts(frame).check().last_date == day("2031-01-02")


@pytest.mark.slow
def test_a_moment_with_a_zone_is_not_cut_into_days_here():
    at = datetime(2024, 1, 1, 23, 30, tzinfo=UTC)
    assert problems(replaced("order_date", [at, at, at])) == {("moment", "orders", "order_date", 3)}
    naive = datetime(2024, 1, 1, 23, 30)
    assert (
        value.summary(replaced("order_date", [naive] * 3))["first_purchase_date"].to_list() == [day("2024-01-01")] * 3
    )


def test_as_of_must_be_a_day():
    with pytest.raises(value.TermsError, match="business day in the company's zone"):
        value.summary(facts(GOOD), as_of=datetime(2024, 1, 1))


@pytest.mark.slow
def test_two_currencies_are_refused_and_one_can_be_chosen():
    frame = replaced("currency", ["CNY", "CNY", "USD"])

    with pytest.raises(
        value.FactsError, match=r"more than one: CNY \(2 rows\), USD \(1 rows\): choose one with currency="
    ):
        value.scores(frame)
    chosen = value.scores(value.Facts(frame, currency="CNY"))
    assert chosen.frame.sort("customer_id")["customer_id"].to_list() == ["ann", "bob"]
    assert chosen.notes.currency == "CNY"


@pytest.mark.slow
def test_a_currency_of_returns_counts_too():
    returns = returns_frame(("1", "ann", "2024-01-09", "1")).with_columns(currency=pl.lit("USD"))
    assert problems(replaced("currency", ["CNY"] * 3), returns=returns) == {
        ("mixed_currencies", "orders", "currency", 1)
    }


@pytest.mark.slow
def test_ids_of_different_types_are_refused():
    returns = pl.DataFrame({"customer_id": [1], "return_date": [day("2024-01-09")], "net_amount": [1.0]})
    assert problems(orders_frame(GOOD), returns=returns) == {("mixed_types", "returns", "customer_id", 0)}


@pytest.mark.slow
def test_pandas_polars_and_arrow_give_the_same():
    frame = orders_frame(GOOD, ("2", "ann", "2024-01-11", "20"))
    as_pandas = pd.DataFrame(
        {
            "customer_id": ["ann", "ann"],
            "order_date": ["2024-01-01", "2024-01-11"],
            "net_amount": [10.0, 20.0],
        }
    )
    wanted = value.summary(frame)

    assert value.summary(frame.to_arrow()).equals(wanted)
    assert value.summary(frame.lazy()).equals(wanted)
    assert value.summary(as_pandas).equals(wanted)
    with pytest.raises(TypeError, match="list is no frame"):
        value.summary([1])


@pytest.mark.slow
def test_other_names_are_mapped():
    frame = orders_frame(GOOD).rename({"customer_id": "client", "order_date": "on"})
    given = value.Facts(frame, columns={"customer_id": "client", "order_date": "on"})
    assert value.summary(given)["customer_id"].to_list() == ["ann"]
    with pytest.raises(value.FactsError, match="orders: nothing: column is missing"):
        value.Facts(frame, columns={"customer_id": "nothing"})


@pytest.mark.slow
def test_a_merged_customers_facts_count_under_the_canonical_record():
    customers = pl.DataFrame({"customer_id": ["ann", "anna"], "canonical_id": ["ann", "ann"]})
    given = facts(
        GOOD,
        ("2", "anna", "2024-01-11", "20"),
        ("3", "bob", "2024-01-11", "5"),
        returns=returns_frame(("2", "anna", "2024-01-12", "4")),
        service_costs=costs_frame(("anna", "2024-01-12", "1")),
        customers=customers,
    )

    frame = value.summary(given, as_of=day("2024-01-31"))

    assert frame["customer_id"].to_list() == ["ann", "bob"]
    ann = row_of(frame, "ann")
    assert (ann["purchases"], ann["revenue"], ann["service_cost"]) == (2, D(26), D(1))


@pytest.mark.slow
def test_a_merge_must_be_final_and_told_once():
    def refusal(*pairs):
        customers = pl.DataFrame(pairs, schema=["customer_id", "canonical_id"], orient="row")
        with pytest.raises(value.FactsError) as raised:
            value.summary(facts(GOOD, customers=customers))
        return [(p.code, p.column, p.rows) for p in raised.value.problems]

    assert refusal(("ann", "bob"), ("bob", "cid"), ("cid", "cid")) == [("not_final", "canonical_id", 1)]
    assert refusal(("ann", "bob"), ("ann", "cid")) == [("repeated_id", "customer_id", 1)]


# The lake.


def write_lake(path: Path, manifest=None, **facts_by_file):
    for name, frame in facts_by_file.items():
        fact, _, number = name.rpartition("_")
        (path / fact).mkdir(parents=True, exist_ok=True)
        frame.write_parquet(path / fact / f"{number}.parquet")
    if manifest is not None:
        path.mkdir(exist_ok=True)
        (path / "manifest.json").write_text(json.dumps({"schema": 1, "exports": [], **manifest}))
    return path


def revised(frame, revision):
    return frame.with_columns(revision=pl.lit(revision, dtype=pl.Int32))


@pytest.mark.slow
def test_the_highest_revision_counts_where_the_manifest_says_so(tmp_path):
    first = revised(orders_frame(GOOD, ("2", "bob", "2024-01-02", "20")), 1)
    second = revised(orders_frame(("1", "ann", "2024-01-01", "15")), 2)
    third = revised(orders_frame(("1", "ann", "2024-01-01", "16")), 3)
    files = {"orders_0": first, "orders_1": second, "orders_2": third}
    lake = write_lake(tmp_path / "a", {"superseded": {"orders": 2}}, **files)
    plain = write_lake(tmp_path / "b", {"superseded": {"orders": 0}}, **files)
    silent = write_lake(tmp_path / "c", **files)

    assert value.summary(value.Lake(lake))["revenue"].to_list() == [D(16), D(20)]
    assert value.summary(value.Lake(plain))["revenue"].to_list() == [D(41), D(20)]
    assert value.summary(value.Lake(silent))["revenue"].to_list() == [D(16), D(20)]


@pytest.mark.slow
def test_a_later_revision_may_move_an_order_to_another_day_or_customer(tmp_path):
    first = revised(orders_frame(GOOD), 1)
    second = revised(orders_frame(("1", "bob", "2024-02-01", "10")), 2)
    lake = write_lake(tmp_path, {"superseded": {"orders": 1}}, orders_0=first, orders_1=second)

    frame = value.summary(value.Lake(lake))

    assert frame.select("customer_id", "first_purchase_date").rows() == [("bob", day("2024-02-01"))]


@pytest.mark.slow
@pytest.mark.parametrize("compacted", [0, 1])
def test_lines_of_an_order_that_lost_them_all_count_for_nothing(tmp_path, compacted):
    first = revised(orders_frame(GOOD, ("2", "ann", "2024-01-02", "20")), 1)
    second = revised(orders_frame(("1", "ann", "2024-01-01", "15")), 2)
    pairs = [("1", "ann", day("2024-01-01"), "tea"), ("2", "ann", day("2024-01-02"), "cups")]
    columns = ["order_id", "customer_id", "order_date", "category"]
    lines = revised(pl.DataFrame(pairs, schema=columns, orient="row"), 1)
    before = write_lake(tmp_path / "a", {"superseded": {"orders": 0, "lines": 0}}, orders_0=first, lines_0=lines)
    files = {"orders_0": first.tail(2 - compacted), "orders_1": second, "lines_0": lines}
    after = write_lake(tmp_path / "b", {"superseded": {"orders": 1 - compacted, "lines": 1}}, **files)

    assert row_of(value.summary(value.Lake(before)), "ann")["categories"] == 2
    assert row_of(value.summary(value.Lake(after)), "ann")["categories"] == 1


@pytest.mark.slow
def test_a_superseded_day_is_not_the_last_day(tmp_path):
    first = revised(orders_frame(("1", "ann", "2025-01-01", "10")), 1)
    second = revised(orders_frame(GOOD), 2)
    lake = value.Lake(write_lake(tmp_path, {"superseded": {"orders": 1}}, orders_0=first, orders_1=second))

    assert (lake.check().rows, lake.check().last_date) == (1, day("2024-01-01"))


@pytest.mark.slow
def test_only_listed_files_are_read(tmp_path):
    files = {"orders_0": orders_frame(GOOD), "orders_1": orders_frame(("2", "bob", "2024-01-02", "20"))}
    listed = {"files": {"orders": ["orders/0.parquet"]}, "superseded": {"orders": 0}}
    lake = write_lake(tmp_path, listed, **files)

    assert value.summary(value.Lake(lake))["customer_id"].to_list() == ["ann"]
    (lake / "orders/0.parquet").unlink()
    with pytest.raises(value.FactsError, match=r"1 listed files are missing: 0\.parquet: export the facts again"):
        value.Lake(lake)


@pytest.mark.slow
def test_uuids_come_out_as_text(tmp_path):
    some = uuid.UUID(int=5)
    table = pa.table(
        {
            "customer_id": pa.array([some.bytes], pa.uuid()),
            "order_date": pa.array([date(2024, 1, 1)]),
            "net_amount": pa.array([D("10.0000")], pa.decimal128(18, 4)),
        }
    )
    assert value.scores(table).frame["customer_id"].to_list() == [str(some)]


@pytest.mark.slow
def test_an_empty_lake_gives_empty_frames_for_a_day_and_says_so_without(tmp_path):
    lake = value.Lake(write_lake(tmp_path, {"superseded": {}}))

    with pytest.raises(value.FactsError, match="there are no orders: name the day in as_of"):
        value.summary(lake)
    as_of = day("2024-01-31")
    assert value.summary(lake, as_of=as_of).shape == (0, 18)
    result = value.scores(lake, as_of=as_of)
    assert (result.frame.height, result.notes.customers, result.notes.revenue) == (0, 0, D(0))
    assert value.pyramid(result)["customers"].to_list() == [0] * 5
    assert value.pareto(result).gini == 0
    assert value.trend(lake, as_of=as_of).height == value.cohorts(lake, as_of=as_of).height == 0
    moves = value.active_waterfall(lake, start=day("2024-01-01"), end=as_of)
    assert moves["customers"].to_list() == [0] * 6
    assert value.by_status(result)["customers_share"].to_list() == [0.0] * 5
    assert value.scatter(result).height == value.top_customers(result).height == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "no valid JSON"), ('{"schema": 9}', "schema 9, but this version reads 1")],
)
def test_a_manifest_that_cannot_be_read_is_refused(tmp_path, content, message):
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(value.FactsError, match=message):
        value.Lake(tmp_path)


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(value.FactsError, match="no such folder"):
        value.Lake(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: value.Margin(assumed=D("1.2")), "margin.assumed"),
        (lambda: value.Margin(assumed=D("0.33333")), "four decimals"),
        (lambda: value.Rhythm(lost_after=D(2)), "above sleeping_after"),
        (lambda: value.Bands(diamond=D("0.9"), gold=D("0.2")), "not add up to more than 1"),
        (lambda: value.Bands(by="amount", diamond=D(1), gold=D(2), silver=D(3)), "fall from diamond"),
        (lambda: value.Bands(new_days=400), "between 0 and window_days"),
        (lambda: value.RfmRules(purchases=(1, 2, 2, 3)), "four rising edges"),
        (lambda: value.Terms(unit="months"), "must be one of days, weeks"),  # type: ignore[arg-type]
    ],
)
def test_settings_that_make_no_sense_are_refused(make, message):
    with pytest.raises(value.TermsError, match=message):
        make()
