"""How an import looks: its state, its progress, its report in words."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from troth.console import formats
from troth.console.components import Figure, Progress, Tone
from troth.imports import own_columns, rules
from troth.imports import queries as imports
from troth.imports.models import ImportRun
from troth.imports.options import Options
from troth.imports.queries import Preview
from troth.imports.tally import Tally
from troth.imports.targets import BY_CODE as TARGETS
from troth.imports.targets import SHAPE_LABELS, Shape, missing
from troth.jobs.models import JobStatus
from troth.programs import queries as programs

_STATES = {
    JobStatus.QUEUED: "waiting",
    JobStatus.RUNNING: "running",
    JobStatus.SUCCEEDED: "done",
    JobStatus.FAILED: "failed",
    JobStatus.CANCELLED: "cancelled",
}
_WORDS = {
    "draft": gettext_lazy("To be started"),
    JobStatus.QUEUED: gettext_lazy("Waiting for the worker"),
    JobStatus.RUNNING: gettext_lazy("Importing"),
    JobStatus.SUCCEEDED: gettext_lazy("Imported"),
    JobStatus.FAILED: gettext_lazy("Failed"),
    JobStatus.CANCELLED: gettext_lazy("Stopped"),
}
_TONES: dict[str, Tone] = {
    "draft": "neutral",
    JobStatus.QUEUED: "neutral",
    JobStatus.RUNNING: "brand",
    JobStatus.SUCCEEDED: "good",
    JobStatus.FAILED: "bad",
    JobStatus.CANCELLED: "warn",
}


@dataclass(frozen=True, slots=True)
class Row:
    """An import as the list draws it."""

    run: ImportRun
    what: str
    state: str
    tone: Tone
    result: str
    progress: Progress | None


@dataclass(frozen=True, slots=True)
class ColumnHead:
    """A column of the file with what it can mean and what it means now."""

    number: int
    name: str
    chosen: str
    targets: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Earning:
    """Whether the orders of a file earn: by which programmes, of which the first began when; none may be in force."""

    is_on: bool
    programmes: list[str]
    begins_at: datetime | None


@dataclass(frozen=True, slots=True)
class Count:
    """A sentence and how often it held."""

    text: str
    count: str


def row_of(run: ImportRun) -> Row:
    """Return an import for the list."""
    state = imports.progress(run)
    tested = state.status == JobStatus.SUCCEEDED and bool(run.options.get("is_dry_run"))
    return Row(
        run=run,
        what=str(SHAPE_LABELS[Shape(run.shape)]).partition(":")[0].partition("：")[0],
        state=_("Tried") if tested else str(_WORDS[state.status]),
        tone="info" if tested else _TONES[state.status],
        result=result_text(state.tally) if run.report else "",
        progress=progress_of(run) if state.is_active else None,
    )


def progress_of(run: ImportRun) -> Progress:
    """Return how far the import is; while it waits or runs the bar asks again."""
    state = imports.progress(run)
    label = _("Stopping at the next step") if state.is_stopping else state.note or str(_WORDS[state.status])
    return Progress(
        state=_STATES[JobStatus(state.status)],  # type: ignore[arg-type]  # the five values are Progress's own
        label=label,
        ratio=1.0 if state.status == JobStatus.SUCCEEDED else state.fraction,
        detail=" · ".join(_pace(state)) if state.is_active else state.error,
        poll_url=reverse("imports:progress", args=[run.id]) if state.is_active else "",
    )


def _pace(state: imports.Progress) -> list[str]:
    said = []
    if state.rows_per_second:
        said.append(_("%(count)s rows a second") % {"count": formats.count(state.rows_per_second)})
    if state.seconds_left is not None:
        left = ngettext("about %(count)d second left", "about %(count)d seconds left", state.seconds_left)
        said.append(left % {"count": state.seconds_left})
    if state.tally.refused_rows:
        said.append(_("%(count)s rows refused so far") % {"count": formats.count(state.tally.refused_rows)})
    return said


def result_text(tally: Tally) -> str:
    """Return "2,469 rows, 12 refused"."""
    counts = {"rows": formats.count(tally.rows), "refused": formats.count(tally.refused_rows)}
    if not tally.refused_rows:
        return ngettext("%(rows)s row, all in", "%(rows)s rows, all in", tally.rows) % counts
    return ngettext("%(rows)s row, %(refused)s refused", "%(rows)s rows, %(refused)s refused", tally.rows) % counts


def figures(tally: Tally) -> list[Figure]:
    """Return what was read, refused and done."""
    read = Figure(label=_("Rows read"), value=formats.count(tally.rows), icon="file-text")
    bad = Figure(label=_("Rows refused"), value=formats.count(tally.refused_rows), icon="file-x")
    empty = Figure(label=_("Cells left empty"), value=formats.count(tally.noted.total()), icon="file-alert")
    counts = ((name, tally.done[name]) for name in rules.DONE if tally.done[name])
    done = [Figure(label=rules.done_text(name), value=formats.count(count)) for name, count in counts]
    return [read, bad, *([empty] if tally.noted else []), *done]


def mended(tally: Tally) -> list[Count]:
    """Return by which rules cells and rows were mended, the most frequent first."""
    return [Count(rules.mending_text(code), formats.count(count)) for code, count in tally.mended.most_common()]


def column_heads(run: ImportRun, preview: Preview) -> list[ColumnHead]:
    """Return the columns of the file, each with the meanings it can have."""
    options = Options.from_json(run.options)
    chosen = {number: code for code, number in options.mapping.items()}
    targets = [(target.code, str(target.label)) for target in own_columns.offered(options.shape)]
    return [ColumnHead(number, name, chosen.get(number, ""), targets) for number, name in enumerate(preview.columns)]


def earning(run: ImportRun, now: datetime) -> Earning | None:
    """Return whether the orders of the file shall earn and by what; None for customers."""
    if run.shape == Shape.CUSTOMERS:
        return None
    programmes = {version.programme_id for version in programs.versions_in_force().at(now)}
    names = [programme.name for programme in programs.programmes() if programme.id in programmes]
    begins_at = programs.versions_in_force().begins_at() if programmes else None
    return Earning(is_on=bool(run.options.get("is_earning")), programmes=names, begins_at=begins_at)


def lacking(run: ImportRun) -> list[str]:
    """Return what has to be named before the import can start: "Phone or E-mail or …"."""
    options = Options.from_json(run.options)
    groups = missing(options.shape, set(options.mapping))
    return [_(" or ").join(str(TARGETS[code].label) for code in group) for group in groups]


def noted(tally: Tally) -> list[Count]:
    """Return why cells were left empty, the most frequent reason first."""
    return [Count(rules.note_text(code), formats.count(count)) for code, count in tally.noted.most_common()]


def notes(run: ImportRun) -> list[tuple[int, str, str, str]]:
    """Return the first cells that were left empty: row number, column, cell, why in the reader's language."""
    return [
        (
            note["row"],
            note["values"]["column"],
            note["values"]["value"],
            rules.refusal_text(note["code"], note["values"]),
        )
        for note in run.report.get("notes", [])
    ]


def sample(run: ImportRun) -> list[tuple[int, str, list[str]]]:
    """Return the first refused rows: number, reasons in the reader's language, original cells."""
    return [
        (
            refused["row"],
            " ".join(rules.refusal_text(reason["code"], reason["values"]) for reason in refused["reasons"]),
            refused["cells"],
        )
        for refused in run.report.get("sample", [])
    ]
