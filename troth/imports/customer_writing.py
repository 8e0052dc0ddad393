"""From sorted rows to customers in the database, one batch of whole customers at a time."""

import polars as pl

from troth.customers import bulk as customers

from . import refusals
from .order_writing import Writing
from .tally import Tally

_NOT_CONTENT = ("key", "row", "is_refused", "date_code", "date_target")


class CustomerBatch:
    """The rows of some customers on their way in."""

    def __init__(self, rows: pl.DataFrame, writing: Writing) -> None:
        self.tally = Tally()
        self._rows = rows
        self._writing = writing

    def run(self) -> pl.DataFrame:
        """Check and, unless it is a dry run, write the batch in the caller's transaction; return the refusals."""
        refused = self._refuse_dates()
        good = self._rows.filter(~pl.col("is_refused") & pl.col("date_code").is_null())
        people = self._one_row_each(good)
        written = customers.upsert(
            people,
            source=self._writing.options.source,
            import_id=self._writing.import_id,
            is_made_up=self._writing.options.is_made_up,
            actor=self._writing.actor,
            now=self._writing.now,
            is_dry_run=self._writing.options.is_dry_run,
        )
        for outcome, count in written.counts.items():
            self.tally.done[f"customers_{outcome}"] += count
        if written.consents:
            self.tally.done["consents_recorded"] += written.consents
        if written.refused_before:
            self.tally.mended["consent_refused_before"] += written.refused_before
        if written.taken:
            self.tally.mended["identity_of_other"] += len(written.taken)
        return refused

    def _refuse_dates(self) -> pl.DataFrame:
        bad = self._rows.filter(pl.col("date_code").is_not_null() & ~pl.col("is_refused"))
        parts = [
            refusals.of_rows(part["row"], part["date_code"], column=self._writing.options.mapping[str(target)])
            for (target,), part in bad.group_by("date_target")
        ]
        refused = pl.concat([refusals.empty(), *parts])
        self.tally.refused.update(refusals.count(refused))
        self.tally.refused_rows += len(bad)
        return refused

    def _one_row_each(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return one row per customer: of several rows the last filled cell of each column."""
        content = [name for name in rows.columns if name not in _NOT_CONTENT]
        merged = rows.group_by("key", maintain_order=True).agg(
            pl.len().alias("rows"),
            pl.struct(content).n_unique().alias("contents"),
            *(pl.col(name).drop_nulls().last() for name in content),
        )
        for rule, where in (
            ("duplicate_row", pl.col("contents") == 1),
            ("later_row_wins", pl.col("contents") > 1),
        ):
            count = int((merged.filter(where)["rows"] - 1).sum())
            if count:
                self.tally.mended[rule] += count
        return merged.select(content)
