"""From sorted rows to orders and returns in the database: one batch of whole orders at a time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from troth.access.actors import Actor
from troth.activity import bulk as activity
from troth.activity.orders import NewLine, NewOrder, NewReturn, NewReturnLine, Recorded
from troth.customers import bulk as customers
from troth.kit.money import from_stored
from troth.sales import services as sales
from troth.staff import queries as staff
from troth.staff import services as stores
from troth.value.later import pl

from . import refusals
from .options import OnConflict, OnMissing, Options
from .order_checks import Rows, check, documents

EARNING_BATCH = 500
_IDENTITIES = ("customer_id", "card", "phone", "email")
_SPOKEN_FOR = (*_IDENTITIES, "name", "currency", "store", "staff", "channel", "payment", "original_order_id")
_LINE_TEXTS = {"sku": "sku", "product_name": "name", "category": "category", "brand": "brand"}
_LINE_NUMBERS = ("quantity", "unit_price", "discount_amount", "net_amount", "unit_cost")


@dataclass(frozen=True)
class Writing:
    """Whose import it is."""

    options: Options
    import_id: UUID
    actor: Actor
    now: datetime


class OrderBatch:
    """Some whole orders on their way in."""

    def __init__(self, rows: pl.DataFrame, writing: Writing) -> None:
        self.rows = Rows(rows)
        self.tally = self.rows.tally
        self.noted = refusals.empty()
        self._writing = writing
        self._options = writing.options
        self._heads = pl.DataFrame()
        self._wanted: list[tuple[str, str]] = []

    @property
    def wanted(self) -> pl.DataFrame:
        """Return what and code of the customers and stores that would have been added."""
        return pl.DataFrame(self._wanted, schema={"what": pl.String, "code": pl.String}, orient="row")

    def run(self) -> pl.DataFrame:
        """Check and, unless it is a dry run, write the batch in the caller's transaction; return the refusals."""
        check(self.rows, self._options.shape, self._options.mapping)
        self._heads = documents(self.rows, _SPOKEN_FOR)
        self._find_customers()
        self._find_stores_and_staff()
        self._record_orders()
        self._record_returns()
        self.tally.done = Counter({name: count for name, count in self.tally.done.items() if count})
        self.tally.mended = Counter({name: count for name, count in self.tally.mended.items() if count})
        return self.rows.refused()

    # Customers

    def _find_customers(self) -> None:
        heads = self._with_owners(self._heads)
        missing = heads.filter(pl.col("owner_id").is_null())
        if not missing.is_empty() and self._options.on_missing == OnMissing.ADD:
            self._add_customers(missing)
            if not self._options.is_dry_run:
                heads = self._with_owners(self._heads)
            else:
                heads = heads.with_columns(pl.col("owner_id").fill_null(pl.lit(str(UUID(int=0)))))
        named = pl.concat_str([pl.col(name) for name in _IDENTITIES], separator=" / ", ignore_nulls=True).alias("shown")
        still_missing = heads.filter(pl.col("owner_id").is_null()).with_columns(named)
        self.rows.refuse(still_missing, "customer_missing", value="shown")
        mixed = heads.filter("is_mixed").with_columns(named)
        self.rows.refuse(mixed, "customer_ambiguous", value="shown")
        self._heads = heads.filter(pl.col("owner_id").is_not_null() & ~pl.col("is_mixed"))

    def _with_owners(self, heads: pl.DataFrame) -> pl.DataFrame:
        """Add owner_id, the record that the first known identity names, and whether they name different people."""
        for name in _IDENTITIES:
            if heads[name].is_not_null().any():
                found = customers.resolve(name, heads[name], source=self._options.source)
                found = found.rename({"value": name, "owner_id": f"{name}_owner"})
                heads = heads.join(found, on=name, how="left", maintain_order="left")
            else:
                heads = heads.with_columns(pl.lit(None, dtype=pl.String).alias(f"{name}_owner"))
        owners = [f"{name}_owner" for name in _IDENTITIES]
        heads = heads.with_columns(
            pl.coalesce(owners).alias("owner_id"),
            pl.concat_list(owners).list.drop_nulls().list.unique().alias("owners"),
        )
        return self._with_mixed(heads.drop(*owners)).drop("owners")

    def _with_mixed(self, heads: pl.DataFrame) -> pl.DataFrame:
        """Tell the orders whose numbers name different people; records merged into one are one."""
        several = heads.filter(pl.col("owners").list.len() > 1)
        targets = customers.canonical({owner for some in several["owners"] for owner in some})
        mixed = [
            key for key, some in several.select("key", "owners").iter_rows() if len({targets[o] for o in some}) > 1
        ]
        return heads.with_columns(pl.col("key").is_in(mixed).alias("is_mixed"))

    def _add_customers(self, missing: pl.DataFrame) -> None:
        """Add the customers whom the orders name and nobody knows."""
        key = pl.coalesce(pl.concat_str(pl.lit(name + "\x1f"), pl.col(name)) for name in _IDENTITIES)
        first = missing.with_columns(key.alias("person")).unique("person", keep="first", maintain_order=True)
        self._wanted += [("customer", person) for person in first["person"]]
        people = first.select([name for name in (*_IDENTITIES, "name") if first[name].is_not_null().any()])
        written = customers.upsert(
            people,
            source=self._options.source,
            import_id=self._writing.import_id,
            is_made_up=self._options.is_made_up,
            actor=self._writing.actor,
            now=self._writing.now,
            is_dry_run=self._options.is_dry_run,
        )
        self.tally.done["customers_created"] += written.counts["created"]
        self.tally.mended["customer_added"] += written.counts["created"]
        self.tally.mended["identity_of_other"] += len(written.taken)

    # Stores and staff

    def _find_stores_and_staff(self) -> None:
        store_ids = self._store_ids(self._heads["store"].drop_nulls().unique().sort().to_list())
        members = staff.members_by_code(self._heads["staff"].drop_nulls().unique())
        staff_ids = {code: str(member) for code, member in members.items()}
        unknown = self._heads["staff"].is_not_null() & ~self._heads["staff"].is_in(list(staff_ids))
        self.tally.mended["staff_unknown"] += int(unknown.sum())
        self._heads = self._heads.with_columns(
            pl.col("store").replace_strict(store_ids, default=None, return_dtype=pl.Int64).alias("store_id"),
            pl.col("staff").replace_strict(staff_ids, default=None, return_dtype=pl.String).alias("staff_member_id"),
            pl.col("currency").fill_null(self._options.currency),
            pl.col("channel").fill_null(""),
            pl.col("occurred_at").dt.convert_time_zone(self._options.time_zone).dt.date().alias("order_date"),
        )

    def _store_ids(self, codes: list[str]) -> dict[str, int]:
        """Return the stores by code; those that are missing are added under their code as name."""
        found = staff.stores_by_code(codes)
        missing = [code for code in codes if code not in found]
        if not self._options.is_dry_run:
            for code in missing:
                added = stores.save_store(actor=self._writing.actor, now=self._writing.now, code=code, name=code)
                found[code] = added.pk
        self._wanted += [("store", code) for code in missing]
        self.tally.done["stores_created"] += len(missing)
        self.tally.mended["store_added"] += len(missing)
        return found

    # Orders

    def _record_orders(self) -> None:
        heads = self._heads.filter(~pl.col("only_returns"))
        lines = self._lines(heads, is_return=False)
        payment = pl.struct("payment").struct.json_encode()
        orders = heads.select(
            pl.col("key").alias("external_id"),
            "owner_id",
            "occurred_at",
            "order_date",
            "currency",
            "store_id",
            "staff_member_id",
            "channel",
            pl.when(pl.col("payment").is_null()).then(pl.lit("")).otherwise(payment).alias("tags"),
        )
        known = activity.known_orders(self._options.source, orders["external_id"])
        orders, known = self._refuse_other_owners(orders, known)
        content = activity.with_order_content(orders, lines)
        new = content.join(known, on="external_id", how="anti", maintain_order="left")
        old = content.join(known, on="external_id", maintain_order="left")
        same = old.filter(pl.col("fingerprint") == pl.col("known_fingerprint"))
        changed = old.filter(pl.col("fingerprint") != pl.col("known_fingerprint"))
        self.tally.done["orders_unchanged"] += len(same)
        self._change_orders(changed, lines)
        new_lines = lines.join(new.select("external_id"), on="external_id", how="semi", maintain_order="left")
        if self._options.is_earning and not self._options.is_dry_run:
            self._sell(new, new_lines)
            return
        self.tally.done["orders_created"] += len(new)
        self.tally.done["lines_created"] += len(new_lines)
        if not self._options.is_dry_run:
            activity.record_orders(
                new,
                new_lines,
                source=self._options.source,
                import_id=self._writing.import_id,
                actor=self._writing.actor,
                now=self._writing.now,
            )

    def _sell(self, new: pl.DataFrame, lines: pl.DataFrame) -> None:
        """Record new orders with all that they bring, in the order in which they happened."""
        if new.is_empty():
            return
        orders = [
            self._new_order(row, part) for row, part in _with_lines(new.sort("occurred_at", "external_id"), lines)
        ]
        for part in _slices(orders, EARNING_BATCH):
            sold = sales.record_orders(part, actor=self._writing.actor, now=self._writing.now)
            taken = [order for order, one in zip(part, sold, strict=True) if one.error is None]
            self.tally.done["lines_created"] += sum(len(order.lines) for order in taken)
            results = [one.recorded for one in sold]
            self._note_results([order.external_id for order in part], results, "orders", "order_refused")

    def _refuse_other_owners(self, documents: pl.DataFrame, known: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Refuse documents that another customer has; a record merged into the same customer is no other one."""
        both = documents.select("external_id", "owner_id").join(known, on="external_id")
        differing = both.filter(pl.col("owner_id") != pl.col("known_owner_id"))
        targets = customers.canonical({*differing["owner_id"], *differing["known_owner_id"]})
        is_other = [
            targets[left] != targets[right]
            for left, right in differing.select("owner_id", "known_owner_id").iter_rows()
        ]
        other = differing.filter(pl.Series(is_other, dtype=pl.Boolean)) if is_other else differing
        self.rows.refuse(other.rename({"external_id": "key"}), "order_of_other_customer", order="key")
        kept = documents.join(other, on="external_id", how="anti", maintain_order="left")
        owners = known.select("external_id", pl.col("known_owner_id").alias("owner"))
        kept = kept.join(owners, on="external_id", how="left", maintain_order="left")
        return kept.with_columns(pl.coalesce("owner", "owner_id").alias("owner_id")).drop("owner"), known

    def _change_orders(self, changed: pl.DataFrame, lines: pl.DataFrame) -> None:
        if self._options.on_conflict == OnConflict.REFUSE:
            self.rows.refuse(changed.rename({"external_id": "key"}), "order_conflict", order="key")
            return
        if self._options.is_dry_run:
            self.tally.done["orders_changed"] += len(changed)
            return
        new = [self._new_order(row, part) for row, part in _with_lines(changed, lines)]
        sold = sales.record_orders(new, actor=self._writing.actor, now=self._writing.now)
        results = [one.recorded for one in sold]
        self._note_results([order.external_id for order in new], results, "orders", "order_refused")

    def _new_order(self, row: dict[str, Any], lines: pl.DataFrame) -> NewOrder:
        return NewOrder(
            source=self._options.source,
            external_id=row["external_id"],
            customer_id=UUID(row["owner_id"]),
            occurred_at=row["occurred_at"],
            currency=row["currency"],
            store_id=row["store_id"],
            staff_member_id=None if row["staff_member_id"] is None else UUID(row["staff_member_id"]),
            channel=row["channel"],
            tags=json.loads(row["tags"]) if row["tags"] else {},
            is_history=not self._options.is_earning,
            import_id=self._writing.import_id,
            lines=tuple(NewLine(**_amounts(line)) for line in lines.drop("external_id").iter_rows(named=True)),
        )

    def _note_results(self, keys: list[str], results: list[Recorded], what: str, refused_code: str) -> None:
        refused = []
        for key, result in zip(keys, results, strict=True):
            if result.error is not None:
                refused.append((key, str(result.error)))
            else:
                self.tally.done[f"{what}_{result.outcome}"] += 1
        schema = {"key": pl.String, "text": pl.String}
        self.rows.refuse(pl.DataFrame(refused, schema=schema, orient="row"), refused_code, text="text")

    # Returns

    def _record_returns(self) -> None:
        heads = self._heads.filter("has_returns").join(
            self.rows.good.select("key").unique(), on="key", how="semi", maintain_order="left"
        )
        if heads.is_empty():
            return
        lines = self._lines(heads, is_return=True).drop("unit_price", "discount_amount")
        returns = heads.select(
            pl.col("key").alias("external_id"),
            "owner_id",
            "occurred_at",
            pl.col("order_date").alias("return_date"),
            "currency",
            "store_id",
            pl.lit("").alias("reason"),
            "original_order_id",
        )
        known = activity.known_returns(self._options.source, returns["external_id"])
        originals = activity.known_orders(self._options.source, returns["original_order_id"].drop_nulls().unique())
        originals = originals.select(
            pl.col("external_id").alias("original_order_id"), pl.col("document_id").alias("order_id")
        )
        returns = returns.join(originals, on="original_order_id", how="left", maintain_order="left")
        linked = returns.filter(
            pl.col("order_id").is_not_null() | pl.col("external_id").is_in(known["external_id"].implode())
        )
        self._record_linked(linked, lines)
        loose = returns.join(linked.select("external_id"), on="external_id", how="anti", maintain_order="left")
        self.tally.done["returns_created"] += len(loose)
        if not self._options.is_dry_run and not loose.is_empty():
            loose_lines = lines.join(loose.select("external_id"), on="external_id", how="semi", maintain_order="left")
            content = activity.with_return_content(loose.drop("original_order_id", "order_id"), loose_lines)
            activity.record_returns(
                content,
                loose_lines,
                source=self._options.source,
                import_id=self._writing.import_id,
                actor=self._writing.actor,
                now=self._writing.now,
            )

    def _record_linked(self, linked: pl.DataFrame, lines: pl.DataFrame) -> None:
        """Returns that name an order, or are known already, are compared with what is stored: one by one."""
        if self._options.is_dry_run:
            self.tally.done["returns_compared"] += len(linked)
            return
        new = [self._new_return(row, part) for row, part in _with_lines(linked, lines)]
        sold = sales.record_returns(new, actor=self._writing.actor, now=self._writing.now)
        results = [one.recorded for one in sold]
        self._note_results([each.external_id for each in new], results, "returns", "return_refused")

    def _new_return(self, row: dict[str, Any], lines: pl.DataFrame) -> NewReturn:
        return NewReturn(
            source=self._options.source,
            external_id=row["external_id"],
            customer_id=UUID(row["owner_id"]),
            occurred_at=row["occurred_at"],
            currency=row["currency"],
            order_id=None if row["order_id"] is None else UUID(row["order_id"]),
            store_id=row["store_id"],
            is_history=not self._options.is_earning,
            import_id=self._writing.import_id,
            lines=tuple(NewReturnLine(**_amounts(line)) for line in lines.drop("external_id").iter_rows(named=True)),
        )

    def _lines(self, heads: pl.DataFrame, *, is_return: bool) -> pl.DataFrame:
        """Return the lines of the orders, numbered in the order in which they stand in the file."""
        rows = self.rows.good.filter(pl.col("is_return") == is_return)
        rows = rows.join(heads.select("key"), on="key", how="semi", maintain_order="left")
        texts = [
            (pl.col(source).fill_null("") if source in rows.columns else pl.lit("")).alias(name)
            for source, name in _LINE_TEXTS.items()
        ]
        return rows.select(
            pl.col("key").alias("external_id"),
            (pl.int_range(pl.len()).over("key") + 1).cast(pl.Int64).alias("line_no"),
            *texts,
            *_LINE_NUMBERS,
        )


def _slices(orders: Sequence[NewOrder], size: int) -> Iterator[Sequence[NewOrder]]:
    """Yield slices of a sequence."""
    for start in range(0, len(orders), size):
        yield orders[start : start + size]


def _with_lines(heads: pl.DataFrame, lines: pl.DataFrame) -> list[tuple[dict[str, Any], pl.DataFrame]]:
    parts = lines.partition_by("external_id", as_dict=True, maintain_order=True)
    return [(row, parts[(row["external_id"],)]) for row in heads.iter_rows(named=True)]


def _amounts(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line with its ten-thousandths as Decimals."""
    return {
        name: from_stored(value) if name in _LINE_NUMBERS and value is not None else value
        for name, value in line.items()
    }
