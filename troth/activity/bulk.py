"""Recording history in sets: orders and returns as frames, the way files bring them.

Writes the same rows, fingerprints and events as `services` does one by one, for documents that are new and,
if they are returns, name no order; the rest goes through `services`. What is recorded here is history and
earns nothing. In the frames amounts and quantities are Int64 ten-thousandths, moments Datetime in UTC, ids
text.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

import polars as pl
from django.db import transaction

from troth.access.actors import Actor
from troth.events import services as events
from troth.kit import frames
from troth.kit.money import SCALE

from .models import DocumentKey, Order, OrderLine, Return, ReturnLine
from .orders import FIELD_MARK, RECORD_MARK

_GOODS = ("sku", "name", "category", "brand")
ORDER_COLUMNS = (
    "external_id", "owner_id", "occurred_at", "order_date", "currency", "store_id", "staff_member_id",
    "channel", "tags",
)  # fmt: skip
LINE_COLUMNS = (
    "external_id", "line_no", *_GOODS, "quantity", "unit_price", "discount_amount", "net_amount", "unit_cost",
)  # fmt: skip

_ORDER_HEAD = ("owner_id", "occurred_at", "currency", "store_id", "staff_member_id", "channel", "tags")
_ORDER_LINE = ("line_no", *_GOODS, "quantity", "unit_price", "discount_amount", "net_amount", "unit_cost")
_RETURN_HEAD = ("owner_id", "occurred_at", "currency", "order_id", "store_id", "reason")
_RETURN_LINE = ("line_no", "order_line_no", *_GOODS, "quantity", "net_amount", "unit_cost")


_NOTHING = pl.lit(None, dtype=pl.String)


def known_orders(source: str, external_ids: pl.Series) -> pl.DataFrame:
    """Return external_id, document_id, known_owner_id, known_fingerprint of those of the orders that are recorded."""
    return _known("order", Order, source, external_ids)


def known_returns(source: str, external_ids: pl.Series) -> pl.DataFrame:
    """Return external_id, document_id, known_owner_id, known_fingerprint of those of the returns that are recorded."""
    return _known("return", Return, source, external_ids)


def with_order_content(orders: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Return the orders with their sums and the fingerprint that `content.order_content` gives them."""
    full_price = (pl.col("net_amount") + pl.col("discount_amount")).sum().alias("full_price_amount")
    content = _content(lines, _ORDER_LINE, full_price)
    return _with_fingerprint(orders.join(content, on="external_id", maintain_order="left"), _ORDER_HEAD)


def with_return_content(returns: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Return the returns with their sums and the fingerprint that `orders.return_fingerprint` gives them."""
    content = _content(lines.with_columns(_NOTHING.alias("order_line_no")), _RETURN_LINE)
    unlinked = returns.with_columns(_NOTHING.alias("order_id"))
    return _with_fingerprint(unlinked.join(content, on="external_id", maintain_order="left"), _RETURN_HEAD)


@transaction.atomic
def record_orders(
    orders: pl.DataFrame, lines: pl.DataFrame, *, source: str, import_id: UUID, actor: Actor, now: datetime
) -> None:
    """Record new orders as history, with their events, under ids that this makes.

    Args:
        orders: ORDER_COLUMNS, with what `with_order_content` adds.
        lines: LINE_COLUMNS.

    Raises:
        IntegrityError: an order of this source and number is recorded already.
    """
    orders = orders.with_columns(frames.new_ids(len(orders)))
    _insert_keys(orders, "order", source)
    tags = pl.when(pl.col("tags") == "").then(pl.lit("{}")).otherwise("tags").alias("tags")
    frames.insert(Order, orders.with_columns(tags, *_stamps(source, import_id, now)))
    _insert_lines(OrderLine, lines, orders, "order_id")
    events.append_frame(_happened(orders, "order"), name="activity.order.recorded", actor=actor, now=now)


@transaction.atomic
def record_returns(
    returns: pl.DataFrame, lines: pl.DataFrame, *, source: str, import_id: UUID, actor: Actor, now: datetime
) -> None:
    """Record new returns as history, with their events; see `record_orders`."""
    returns = returns.with_columns(frames.new_ids(len(returns)))
    _insert_keys(returns, "return", source)
    frames.insert(Return, returns.with_columns(*_stamps(source, import_id, now)))
    _insert_lines(ReturnLine, lines, returns, "return_id")
    happened = _happened(returns, "return").with_columns(_NOTHING.alias("order"))
    events.append_frame(happened, name="activity.return.recorded", actor=actor, now=now)


def _known(kind: str, model: type[Order] | type[Return], source: str, external_ids: pl.Series) -> pl.DataFrame:
    columns = ("external_id", "document_id", "owner_id")
    keys = frames.find(DocumentKey, columns, among=("external_id", external_ids), document_kind=kind, source=source)
    documents = frames.find(model, ("id", "fingerprint"), among=("id", keys["document_id"]))
    return keys.join(documents, left_on="document_id", right_on="id").rename(
        {"owner_id": "known_owner_id", "fingerprint": "known_fingerprint"}
    )


def _content(lines: pl.DataFrame, fields: Sequence[str], *more: pl.Expr) -> pl.DataFrame:
    """Return per document its sums and its lines as the fingerprint wants them."""
    has_cost = pl.col("unit_cost").is_not_null()
    # Whole numbers all the way; 128 bits because quantity × cost passes through ten-thousandths twice.
    cost = (pl.col("quantity").cast(pl.Int128) * pl.col("unit_cost").cast(pl.Int128) + SCALE // 2) // SCALE
    written = _joined(fields)
    if fields is _ORDER_LINE:
        written = pl.concat_str(written, pl.lit(FIELD_MARK))  # no attributes come from files
    return (
        lines.sort("external_id", "line_no")
        .with_columns(written.alias("written"), cost.cast(pl.Int64).alias("cost"))
        .group_by("external_id", maintain_order=True)
        .agg(
            pl.col("net_amount").sum(),
            *more,
            pl.col("net_amount").filter(has_cost).sum().alias("costed_amount"),
            pl.col("cost").sum().alias("cost_amount"),
            pl.len().cast(pl.Int64).alias("line_count"),
            pl.col("written").str.join(RECORD_MARK).alias("written"),
        )
    )


def _joined(fields: Sequence[str]) -> pl.Expr:
    return pl.concat_str([_text(name) for name in fields], separator=FIELD_MARK)


def _text(name: str) -> pl.Expr:
    column = pl.col(name).dt.epoch("us") if name == "occurred_at" else pl.col(name)
    return column.cast(pl.String).fill_null("")


def _with_fingerprint(documents: pl.DataFrame, head: Sequence[str]) -> pl.DataFrame:
    texts = documents.select(pl.concat_str([_joined(head), "written"], separator=RECORD_MARK)).to_series()
    hashes = [blake2b(text.encode(), digest_size=16).hexdigest() for text in texts]
    return documents.drop("written").with_columns(pl.Series("fingerprint", hashes, dtype=pl.String))


def _insert_keys(documents: pl.DataFrame, kind: str, source: str) -> None:
    keys = documents.select(
        pl.lit(kind).alias("document_kind"),
        pl.lit(source).alias("source"),
        "external_id",
        pl.col("id").alias("document_id"),
        "owner_id",
    )
    frames.insert(DocumentKey, keys)


def _stamps(source: str, import_id: UUID, now: datetime) -> list[pl.Expr]:
    moment = pl.lit(now).dt.convert_time_zone("UTC")
    return [
        pl.lit(source).alias("source"),
        pl.lit(value=True).alias("is_history"),
        pl.lit(str(import_id)).alias("import_id"),
        pl.lit(1).alias("revision"),
        moment.alias("recorded_at"),
        moment.alias("updated_at"),
    ]


def _insert_lines(
    model: type[OrderLine] | type[ReturnLine], lines: pl.DataFrame, documents: pl.DataFrame, column: str
) -> None:
    owners = documents.select("external_id", pl.col("id").alias(column), "owner_id")
    frames.insert(model, lines.join(owners, on="external_id", maintain_order="left").drop("external_id"))


def _happened(documents: pl.DataFrame, name: str) -> pl.DataFrame:
    amount = pl.col("net_amount")
    text = pl.format("{}.{}", amount // SCALE, (amount % SCALE).cast(pl.String).str.pad_start(4, "0"))
    return documents.select(
        pl.col("owner_id").alias("customer_id"),
        "occurred_at",
        pl.col("id").alias(name),
        pl.lit(value=True).alias("is_history"),
        text.alias("amount"),
        "currency",
        "line_count",
    )
