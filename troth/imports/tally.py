"""What an import has done so far: kept in its checkpoint, shown while it runs, and in the end its report."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tally:
    """Counts since the start of the import, over crashes and resumes.

    Args:
        rows: read from the file, refused ones included.
        refused_rows: rows that did not go in.
        done: "orders_created", "orders_unchanged", "lines_created", "customers_changed", …
        mended: rule code -> cells or rows.
        refused: reason code -> rows.
        noted: reason code -> cells left empty in rows that went in; counted when the import is over.
    """

    rows: int = 0
    refused_rows: int = 0
    done: Counter[str] = field(default_factory=Counter)
    mended: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    noted: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Count another step in."""
        self.rows += other.rows
        self.refused_rows += other.refused_rows
        self.done.update(other.done)
        self.mended.update(other.mended)
        self.refused.update(other.refused)
        self.noted.update(other.noted)

    def as_json(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "refused_rows": self.refused_rows,
            "done": dict(self.done),
            "mended": dict(self.mended),
            "refused": dict(self.refused),
            "noted": dict(self.noted),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Tally":
        counters = {name: Counter(data.get(name, {})) for name in ("done", "mended", "refused", "noted")}
        return cls(rows=data.get("rows", 0), refused_rows=data.get("refused_rows", 0), **counters)
