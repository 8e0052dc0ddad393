"""From sorted rows to customers in the database, one batch of whole customers at a time."""

from __future__ import annotations

from troth.customers import bulk as customers
from troth.value.later import pl

from . import refusals
from .order_writing import Writing
from .tally import Tally

_DAYS = ("birth_date", "joined_date")
_NOT_CONTENT = ("key", "row", "is_refused", "date_code", "date_target", *(f"{name}_code" for name in _DAYS))


class CustomerBatch:
    """The rows of some customers on their way in."""

    def __init__(self, rows: pl.DataFrame, writing: Writing) -> None:
        self.tally = Tally()
        self.noted = refusals.empty()
        self._rows = rows
        self._writing = writing

    def run(self) -> pl.DataFrame:
        """Check and, unless it is a dry run, write the batch in the caller's transaction; return the refusals."""
        self._note_days()
        people = self._one_row_each(self._rows.filter(~pl.col("is_refused")))
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
        if written.attributes:
            self.tally.done["attributes_set"] += written.attributes
        if written.consents:
            self.tally.done["consents_recorded"] += written.consents
        if written.refused_before:
            self.tally.mended["consent_refused_before"] += written.refused_before
        if written.taken:
            self.tally.mended["identity_of_other"] += len(written.taken)
        return refusals.empty()

    def _note_days(self) -> None:
        """Note the days that the whole column could not settle; sorting has emptied them."""
        for name in _DAYS:
            if f"{name}_code" in self._rows.columns:
                bad = self._rows.filter(pl.col(f"{name}_code").is_not_null())
                column = self._writing.options.mapping[name]
                self.noted.extend(refusals.of_rows(bad["row"], bad[f"{name}_code"], column=column))

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
