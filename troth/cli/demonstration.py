"""`demo`."""

from datetime import date

import typer
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from troth.cli.exits import Exit
from troth.demo import running
from troth.jobs import registry
from troth.jobs.models import Job

LANGUAGES = ("en", "zh-hans")


def demo(port: int | None, language: str | None, as_of: date | None) -> int:
    """Run the demo until it is interrupted."""
    if language is not None and language not in LANGUAGES:
        typer.echo(_("troth: --language is one of: %(names)s.") % {"names": ", ".join(LANGUAGES)}, err=True)
        return Exit.USAGE
    with StageBars() as bars:
        try:
            running.run(port=port, language=language, as_of=as_of, say=bars.say, progress=bars.show)
        except KeyboardInterrupt:
            bars.say(_("Stopped."))
    return Exit.DONE


class StageBars:
    """A bar per stage where somebody looks; a line per stage where the output goes to a file."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("  {task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
            console=Console(),
        )
        self._bars: dict[str, TaskID] = {}

    def __enter__(self) -> "StageBars":
        self._progress.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._progress.stop()

    def say(self, line: str) -> None:
        """Print a line above the bars, addresses whole even where the terminal is narrow."""
        self._progress.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def show(self, label: str, job: Job) -> None:
        """Bring the stage's bar up to date."""
        if label not in self._bars:
            self._bars[label] = self._progress.add_task(label, total=1.0, note="")
            if not self._progress.console.is_terminal:
                self.say(f"  {label} …")
        done = (job.fraction_done or 0.0) if job.is_active else 1.0
        self._progress.update(
            self._bars[label],
            completed=done,
            note=registry.note_of(job.name, job.progress_note) if job.is_active else "",
        )
