"""The data that components draw. Texts arrive translated, numbers formatted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from django.utils import timezone
from django.utils.functional import Promise

Text = str | Promise
Tone = Literal["neutral", "brand", "good", "warn", "bad", "info"]


@dataclass(frozen=True, slots=True)
class Change:
    """How a figure moved: the text to show, which way, and whether that is good news."""

    text: Text
    direction: Literal["up", "down", "flat"]
    is_good: bool | None = None
    note: Text = ""

    @property
    def tone(self) -> Tone:
        if self.is_good is None or self.direction == "flat":
            return "neutral"
        return "good" if self.is_good else "bad"

    @property
    def icon(self) -> str:
        return {"up": "arrow-up-right", "down": "arrow-down-right", "flat": "arrow-right"}[self.direction]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that matters, what it did lately, and the people behind it.

    trend: plain numbers, oldest first, drawn as a small line; trend_note: what the line shows, for those who
    cannot see it. help: a sentence that says how the number is made.
    """

    label: Text
    value: Text
    change: Change | None = None
    trend: Sequence[float] = ()
    trend_note: Text = ""
    url: str = ""
    icon: str = ""
    note: Text = ""
    help: Text = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A table's cell: what is shown, the raw value for the CSV, where it leads."""

    text: Text
    value: Any = None
    url: str = ""

    @property
    def raw(self) -> Any:
        return self.text if self.value is None else self.value


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column; numbers stand to the right."""

    label: Text
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells. Strings may stand for columns and cells that need nothing else."""

    columns: Sequence[Column | Text]
    rows: Sequence[Sequence[Cell | Text | int | float | None]]
    caption: Text = ""

    @property
    def heads(self) -> list[Column]:
        return [column if isinstance(column, Column) else Column(column) for column in self.columns]

    @property
    def body(self) -> list[list[tuple[Column, Cell]]]:
        heads = self.heads
        return [[(head, _as_cell(cell)) for head, cell in zip(heads, row, strict=True)] for row in self.rows]


@dataclass(frozen=True, slots=True)
class ChartCard:
    """A picture, the table of the same numbers, and its CSV.

    option: an ECharts option from `troth.console.charts`; None: there is nothing to draw yet (`empty` says
    why). height: one of "sm" (200 px), "md" (300), "lg" (400), "xl" (520). csv_name: file name without
    ending; the id if not given.
    """

    id: str
    title: Text
    option: dict[str, Any] | None
    table: Table
    subtitle: Text = ""
    height: Literal["sm", "md", "lg", "xl"] = "md"
    csv_name: str = ""
    note: Text = ""
    empty: Text = ""
    url: str = ""
    url_label: Text = ""

    @property
    def option_id(self) -> str:
        return f"{self.id}-option"


@dataclass(frozen=True, slots=True)
class Tab:
    """One of several views of the same thing."""

    label: Text
    url: str
    is_active: bool = False
    count: Text = ""


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """Something that happened; `facts` are label and value pairs shown under the text."""

    at: datetime
    title: Text
    icon: str = "circle-dashed"
    text: Text = ""
    url: str = ""
    actor: Text = ""
    tone: Tone = "neutral"
    facts: Sequence[tuple[Text, Text]] = ()

    @property
    def day(self) -> date:
        return timezone.localdate(self.at)


@dataclass(frozen=True, slots=True)
class Progress:
    """Long work: how far, in words, and whether it still moves.

    ratio: 0 to 1, or None while the length is not known. poll_url: answers with this component again while
    it is running.
    """

    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    label: Text
    ratio: float | None = None
    detail: Text = ""
    poll_url: str = ""

    @property
    def percent(self) -> int:
        return round(100 * min(1.0, max(0.0, self.ratio or 0.0)))

    @property
    def tone(self) -> Tone:
        tones: dict[str, Tone] = {
            "waiting": "neutral",
            "running": "brand",
            "done": "good",
            "failed": "bad",
            "cancelled": "warn",
        }
        return tones[self.state]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a score, an award or a refusal came out as it did: one sentence, its figure, what it did to the
    result.
    """

    text: Text
    value: Text = ""
    tone: Tone = "neutral"


@dataclass(frozen=True, slots=True)
class CursorPage:
    """A page of a list that is too long to count: links to the neighbours, empty where there is none."""

    previous_url: str = ""
    next_url: str = ""
    note: Text = ""


def _as_cell(cell: Cell | Text | int | float | None) -> Cell:
    if isinstance(cell, Cell):
        return cell
    if cell is None:
        return Cell("–", "")
    return Cell(str(cell), cell if isinstance(cell, int | float) else None)
