"""What DuckDB computes, Spark computes too."""

import datetime as dt
import importlib.util
import random
import shutil
import uuid
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from troth import value
from troth.value.engine import DUCKDB, SPARK, DuckEngine, engine_named

SPARK_LACK = (
    "PySpark is not installed (requirements/spark.txt)" if importlib.util.find_spec("pyspark") is None else
    "" if shutil.which("java") else "Spark needs Java 17 or newer (openjdk-17-jre-headless)"
)  # fmt: skip
needs_spark = pytest.mark.skipif(bool(SPARK_LACK), reason=SPARK_LACK)

# Compiling each stage takes longer than interpreting it for some hundred rows.
SMALL = {
    "spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.shuffle.partitions": "1", "spark.sql.adaptive.enabled": "false",
    # Java itself compiles quickly instead of well: a machine that lives a minute never gets back what the other costs.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}  # fmt: skip
END = dt.date(2024, 12, 31)
MONEY = pl.Decimal(18, 4)


def made(folder):
    """Write a lake of all facts: revisions, returns with and without their order, merged customers, a leap day."""
    chance = random.Random(20240229)
    days = [dt.date(2023, 1, 1) + dt.timedelta(days=chance.randrange(731)) for _order in range(600)]
    orders = pl.DataFrame(
        {
            "order_id": [f"o{number}" for number in range(600)],
            "customer_id": [f"c{chance.randrange(90)}" for _order in days],
            "order_date": days,
            "net_amount": [Decimal(chance.randrange(1, 10**7)).scaleb(-4) for _order in days],
            "revision": [1] * 600,
        }
    ).with_columns(pl.col("net_amount").cast(MONEY))
    half = (pl.col("net_amount") / 2).cast(MONEY)
    orders = orders.with_columns(costed_amount=half, cost_amount=(half / 2).cast(MONEY))
    corrected = orders.head(20).with_columns(net_amount=half, revision=pl.lit(2, pl.Int64))
    orders = pl.concat([orders, corrected.with_columns(costed_amount=pl.lit(0, MONEY), cost_amount=pl.lit(0, MONEY))])
    some = orders.filter(pl.col("revision") == 1).tail(60)
    returns = some.select(
        "customer_id",
        pl.when(pl.int_range(pl.len()) % 3 > 0).then("order_id").alias("order_id"),
        pl.lit(END - dt.timedelta(days=5)).alias("return_date"),
        pl.when(pl.int_range(pl.len()) % 2 > 0).then("net_amount").otherwise(half).cast(MONEY).alias("net_amount"),
        pl.concat_str(pl.lit("r"), "order_id").alias("return_id"),
    )
    lines = orders.filter(pl.col("revision") == 1).select(
        "customer_id", "order_date", "order_id", "revision",
        pl.concat_str(pl.lit("k"), pl.int_range(pl.len()) % 130).alias("category"),
    )  # fmt: skip
    costs = pl.DataFrame(
        {"customer_id": ["c1", "nobody"], "cost_date": [END, END], "amount": [Decimal("9.5"), Decimal(3)]}
    )
    customers = pl.DataFrame({"customer_id": ["c7", "c8", "c9"], "canonical_id": ["c1", "c1", "c9"]})
    facts = {
        "orders": orders, "returns": returns, "lines": lines, "customers": customers,
        "service_costs": costs.with_columns(pl.col("amount").cast(MONEY)),
    }  # fmt: skip
    for name, frame in facts.items():
        (folder / name).mkdir()
        frame[: len(frame) // 2].write_parquet(folder / name / "0.parquet")
        frame[len(frame) // 2 :].write_parquet(folder / name / "1.parquet")
    return folder


def told(facts):
    """Return every figure that is read from facts, each as a frame in a stated order."""
    with value.stored_days(facts, END):
        scores = value.scores(facts, as_of=END)
        yield "scores", scores.frame.sort("customer_id")
        money = {name: pl.Series([getattr(scores.notes, name)], dtype=MONEY) for name in ("revenue", "profit")}
        counts = {name: [getattr(scores.notes, name)] for name in ("customers", "assumed_share", "company_gap_days")}
        yield "notes", pl.DataFrame(money | counts)
        yield "summary", value.summary(facts, as_of=END)
        log = facts.engine.frame(facts.orders.select("customer_id", "order_date", "net_amount"))
        yield "plain log", value.summary(value.Facts(log, engine=facts.engine), as_of=END)
        yield "trend", value.trend(facts, as_of=END)
        yield "cohorts", value.cohorts(facts, as_of=END)
        yield "waterfall", value.active_waterfall(facts, start=dt.date(2024, 6, 30), end=END)
        evenings = [dt.date(2023, 12, 31), dt.date(2024, 2, 29), END]
        with value.stored_days(facts, END) as days:
            counted = value.standing(facts, days, evenings, value.Rhythm())
        yield "standing", pl.DataFrame([{"evening": evening, **counts} for evening, counts in counted.items()])


@pytest.mark.slow
@needs_spark
def test_every_figure_is_the_same_on_spark(tmp_path):
    lake = made(tmp_path)
    with value.Lake(lake, engine=DUCKDB) as facts:
        expected = dict(told(facts))
    with value.Lake(lake, engine=engine_named(SPARK, settings=SMALL)) as facts:
        found = dict(told(facts))
        assert not facts.days
    assert expected["scores"].height == 88
    for name, frame in expected.items():
        assert_frame_equal(found[name], frame, abs_tol=0, rel_tol=1e-12)


@pytest.mark.slow
@needs_spark
def test_uuids_of_a_file_and_of_a_frame_are_the_same_text(tmp_path):
    some = uuid.UUID("01a20312-8d65-7890-abcd-ef0123456789")
    table = pa.table(
        {
            "customer_id": pa.array([some.bytes], pa.uuid()),
            "order_date": pa.array([END]),
            "net_amount": pa.array([Decimal("10.0000")], pa.decimal128(18, 4)),
        }
    )
    (tmp_path / "orders").mkdir()
    pq.write_table(table, tmp_path / "orders" / "0.parquet", store_schema=False)
    with value.Lake(tmp_path, engine=SPARK) as lake, value.Facts(table, engine=engine_named(SPARK)) as facts:
        for one in (lake, facts):
            assert one.engine.frame(one.orders.select("customer_id")).item() == str(some)


@pytest.mark.slow
@needs_spark
def test_spark_refuses_what_duckdb_refuses(tmp_path):
    bad = pl.DataFrame({"customer_id": ["a", None], "order_date": ["2024-01-01", "2024-02-30"], "net_amount": [1, -1]})
    told = {}
    for name in (DUCKDB, SPARK):
        engine = engine_named(name)
        with pytest.raises(value.FactsError) as refused, value.Facts(bad, engine=engine) as facts:
            facts.check()
        told[name] = [(problem.code, problem.column, problem.rows) for problem in refused.value.problems]
    assert told[SPARK] == told[DUCKDB]
    assert told[DUCKDB] == [
        ("no_customer", "customer_id", 1),
        ("no_date", "order_date", 1),
        ("negative", "net_amount", 1),
    ]


def test_the_environment_names_the_engine(monkeypatch):
    monkeypatch.delenv("TROTH_ENGINE", raising=False)
    with value.Facts(pl.DataFrame({"customer_id": ["a"], "order_date": [END], "net_amount": [1]})) as facts:
        assert isinstance(facts.engine, DuckEngine)
    assert isinstance(engine_named(), DuckEngine)
    monkeypatch.setenv("TROTH_ENGINE", "sparks")
    with pytest.raises(ValueError, match=r"TROTH_ENGINE=sparks.*use duckdb or spark"):
        engine_named()
