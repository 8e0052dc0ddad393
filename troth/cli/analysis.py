"""`analyse` and `report`."""

import json
import re
import sys
from datetime import date
from decimal import Decimal
from typing import Any

import typer
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from troth.access.actors import system_actor
from troth.cli.exits import Exit
from troth.insights import queries
from troth.insights import services as insights
from troth.insights.analysis import STAGES
from troth.insights.models import AnalysisRun
from troth.insights.tasks import stage_text
from troth.kit import clock

MONEY = re.compile(r"-?\d+\.\d{4}")  # how frames write amounts
WIDTH = 200  # columns of a table that goes into a file
TABLES = {
    "kpis": gettext_lazy("Key figures"),
    "pyramid": gettext_lazy("Pyramid"),
    "pareto": gettext_lazy("Who brings how much"),
    "status": gettext_lazy("Customers by their own rhythm"),
    "ladder": gettext_lazy("Ladder"),
    "markets": gettext_lazy("Satisfaction and competition by market"),
    "rfm_segments": gettext_lazy("Segments of recency, frequency and money"),
}


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
    insights.request_followups(actor=system_actor("analyse"), now=clock.utc_now())
    if as_json:
        typer.echo(json.dumps(_summary(run), ensure_ascii=False, indent=2))
    else:
        message = _("Analysed %(customers)s customers with %(orders)s orders as of %(day)s in %(seconds).1f s.")
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


def report(*, as_json: bool) -> int:
    """Print the figures of the last finished analysis."""
    run = queries.latest_run()
    if run is None:
        typer.echo(_("troth: there is no analysis yet; “troth analyse” makes one."), err=True)
        return Exit.FAILED
    tables = queries.tables(run, *TABLES)
    if as_json:
        shown = {name: {"rows": table.rows, **table.facts} for name, table in tables.items()}
        whole = _summary(run) | {"currency": run.currency, "reports": shown}
        typer.echo(json.dumps(whole, ensure_ascii=False, indent=2))
        return Exit.DONE
    typer.echo(_("As of %(day)s, in %(currency)s.") % {"day": run.as_of_date, "currency": run.currency})
    if run.assumed_share:
        share = f"{run.assumed_share:.0%}"
        typer.echo(_("Profit of %(share)s of the revenue rests on an assumed margin.") % {"share": share})
    if best := tables["pareto"].facts.get("top_share"):
        typer.echo(_("The best fifth of the customers bring %(share)s of the revenue.") % {"share": f"{best:.0%}"})
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    for name, title in TABLES.items():
        if tables[name].rows and name != "pareto":  # a curve is no table for people: its sentence stands above
            console.print(_drawn(str(title), tables[name]))
    return Exit.DONE


def _drawn(title: str, found: queries.Table) -> Table:
    drawn = Table(title=title, title_justify="left")
    for column in found.rows[0]:
        drawn.add_column(column.replace("_", " "), justify="right")
    for row in found.rows:
        drawn.add_row(*("–" if value is None else _shown(value) for value in row.values()))
    return drawn


def _shown(value: Any) -> str:
    """Return a figure for people: thousands apart, money to cents, ratios to three places, words as they are."""
    if isinstance(value, str) and MONEY.fullmatch(value):
        return f"{Decimal(value):,.2f}"
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
