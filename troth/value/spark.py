"""The same expressions on Spark, for facts that outgrow one machine (`TROTH_ENGINE=spark`).

PySpark is not among what Troth needs, and this module is loaded only where it is wanted; install
`requirements/spark.txt` and a Java of 17 or newer.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.pyspark.datatypes import PySparkType
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from troth.value.engine import Engine, Table

MASTER = "local[*]"


class SparkEngine(Engine):
    """Spark through a session of its own; `SPARK_MASTER` or `master` name a cluster, else it runs in this process.

    `memory_limit` is the driver's memory where it is started here. Rows for later steps are kept in memory and, beyond
    it, on disk (`temp_directory`). `settings` are Spark's own, by their names.
    """

    dialect = "pyspark"

    def __init__(
        self,
        *,
        memory_limit: str | None = None,
        threads: int | None = None,
        temp_directory: str | Path | None = None,
        master: str | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        assert ibis.pyspark  # loading the backend registers the options that its compiler reads

        builder = SparkSession.builder.appName("troth").master(master or _master(threads))
        for name, value in (_settings(memory_limit, temp_directory) | dict(settings or {})).items():
            builder = builder.config(name, value)
        self._session = builder.getOrCreate().newSession()
        self._session.sparkContext.setLogLevel("ERROR")
        self._session.conf.set("spark.sql.session.timeZone", "UTC")
        self._stored: dict[str, Any] = {}

    def close(self) -> None:
        """Give back what was kept; the JVM stays, for the next engine starts a hundred times faster in it."""
        for frame in self._stored.values():
            frame.unpersist()
        self._stored.clear()

    def scan(self, files: Sequence[Path]) -> Table:
        # Spark refuses to find out by itself what a UUID is; told to read sixteen bytes it does.
        fields = list(pa.unify_schemas([pq.read_schema(file) for file in files]))
        ids = {field.name for field in fields if _is_uuid(field.type)}
        plain = pa.schema(pa.field(one.name, pa.binary() if one.name in ids else one.type) for one in fields)
        frame = self._session.read.schema(from_arrow_schema(plain)).parquet(*(str(file) for file in files))
        columns = [
            f"{_UUID_TEXT.format(one.name)} AS `{one.name}`" if one.name in ids else f"`{one.name}`" for one in fields
        ]
        return self._named("files", frame.selectExpr(*columns))

    def register(self, frame: pa.Table) -> Table:
        return self._named("frame", self._session.createDataFrame(_plain(frame)))

    def store(self, expression: Table) -> Table:
        frame = self._session.sql(self.sql(expression)).persist()
        frame.count()  # Spark is lazy: what is stored is computed now, once
        name = self._new_name("stored")
        self._stored[name] = frame
        frame.createOrReplaceTempView(name)
        return ibis.table(expression.schema(), name=name)

    def drop(self, table: Table) -> None:
        name = table.get_name()
        self._session.catalog.dropTempView(name)
        self._stored.pop(name).unpersist()

    def arrow(self, expression: Table) -> pa.Table:
        return self._session.sql(self.sql(expression)).toArrow()

    def _named(self, stem: str, frame: Any) -> Table:
        name = self._new_name(stem)
        frame.createOrReplaceTempView(name)
        kinds = {field.name: PySparkType.to_ibis(field.dataType, nullable=True) for field in frame.schema.fields}
        return ibis.table(kinds, name=name)


_UUID_TEXT = "lower(regexp_replace(hex(`{0}`), '^(.{{8}})(.{{4}})(.{{4}})(.{{4}})', '$1-$2-$3-$4-'))"


def _is_uuid(kind: pa.DataType) -> bool:
    return getattr(kind, "extension_name", "") == "arrow.uuid"


def _master(threads: int | None) -> str:
    return os.environ.get("SPARK_MASTER") or (MASTER if threads is None else f"local[{threads}]")


def _settings(memory_limit: str | None, temp_directory: str | Path | None) -> dict[str, str]:
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.ansi.enabled": "true",  # an overflow is an error, never a null
        "spark.sql.execution.arrow.pyspark.enabled": "true",
    }
    if "SPARK_MASTER" not in os.environ:
        settings["spark.sql.shuffle.partitions"] = "4"  # Spark's own 200 are for many machines
    if memory_limit is not None:
        settings["spark.driver.memory"] = memory_limit.lower().removesuffix("b")
    if temp_directory is not None:
        settings["spark.local.dir"] = str(temp_directory)
    return settings


def _plain(frame: pa.Table) -> pa.Table:
    """The frame in types that Spark has: texts of one width, no dictionaries, ids as text."""
    for number, field in enumerate(frame.schema):
        if _is_uuid(field.type):
            texts = [None if one is None else str(one) for one in frame.column(number).to_pylist()]
            frame = frame.set_column(number, field.name, pa.array(texts, pa.string()))
    return frame.cast(pa.schema(_plain_fields(frame.schema)))


def _plain_fields(schema: pa.Schema) -> Iterable[pa.Field]:
    for field in schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
            kind = pa.string()
        elif pa.types.is_unsigned_integer(kind):
            kind = pa.int64()
        yield pa.field(field.name, kind)
