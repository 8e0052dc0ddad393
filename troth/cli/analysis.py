"""`analyse` and `report`."""

import json
from datetime import date

import typer
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from troth.access.actors import system_actor
from troth.cli.exits import Exit
from troth.insights import services as insights
from troth.insights.analysis import STAGES
from troth.insights.models import AnalysisRun
from troth.insights.tasks import stage_text
from troth.kit import clock


def analyse(as_of: date | None, *, is_rebuild: bool, as_json: bool) -> int:
    """Run the analysis here and now, with a bar on standard error where somebody looks."""
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with progress:
        bar = progress.add_task("", total=len(STAGES))

        def report(stage: str, done: int, total: int | None, _part: str) -> None:
            within = min(done / total, 1.0) if total else 0.0
            progress.update(bar, completed=STAGES.index(stage) + within, description=stage_text(stage, done))

        run = insights.analyse(
            actor=system_actor("analyse"),
            now=clock.utc_now(),
            as_of=as_of,
            report=report,
            is_rebuild=is_rebuild,
        )
    if as_json:
        typer.echo(json.dumps(_summary(run), ensure_ascii=False, indent=2))
    else:
        message = _(
            "Analysed %(customers)s customers with %(orders)s orders as of %(day)s in %(seconds).1f s."
        )
        typer.echo(
            message
            % {
                "customers": f"{run.customer_count:,}",
                "orders": f"{run.order_count:,}",
                "day": run.as_of_date.isoformat(),
                "seconds": sum(run.timings.values()),
            }
        )
    return Exit.DONE


def _summary(run: AnalysisRun) -> dict[str, object]:
    return {
        "run": str(run.id),
        "as_of_date": run.as_of_date.isoformat(),
        "customers": run.customer_count,
        "orders": run.order_count,
        "seconds": run.timings,
    }
