"""`award-history`: the past earns."""

import getpass
import json
from datetime import date
from typing import Any

import typer
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from troth.access.actors import system_actor
from troth.cli.exits import Exit
from troth.kit import clock
from troth.kit.collecting import collect_less
from troth.kit.errors import TrothError
from troth.sales import services as sales


def award_history(first_day: date, last_day: date, approved_by: str, *, as_json: bool) -> int:
    """Award the days, both included, with a bar of progress; print what it came to."""
    collect_less()
    approver = approved_by or typer.prompt(_("Who else approved it?"), err=True)
    bars = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    progress = Progress(*bars, console=Console(stderr=True), transient=True)
    try:
        with progress:
            bar = progress.add_task(_("Orders"), total=None)
            award = sales.award_history(
                actor=system_actor(f"cli:{getpass.getuser()}"[:60]),
                now=clock.utc_now(),
                from_date=first_day,
                to_date=last_day,
                approved_by=approver[:80],
                report=lambda done, total: progress.update(bar, completed=done, total=total),
            )
    except TrothError as error:
        typer.echo(f"troth: {error}", err=True)
        return Exit.FAILED
    if as_json:
        typer.echo(json.dumps(_shown(award), ensure_ascii=False, indent=2))
    else:
        _print(award)
    return Exit.INCOMPLETE if award.refused else Exit.DONE


def _shown(award: Any) -> dict[str, Any]:
    names = ("orders", "points", "coupons", "returns", "unjudged", "refused", "refusals", "seconds")
    return {"award": str(award.id), **{name: getattr(award, name) for name in names}}


def _print(award: Any) -> None:
    counts = {"orders": f"{award.orders:,}", "seconds": f"{award.seconds:,}"}
    typer.echo(_("%(orders)s orders awarded in %(seconds)s s.") % counts)
    for code, amount in sorted(award.points.items()):
        typer.echo(f"  {code:20} {amount:>14,}")
    if award.returns:
        typer.echo(_("%(returns)s returns of them unwound.") % {"returns": f"{award.returns:,}"})
    if award.unjudged:
        counts = {"orders": f"{award.unjudged:,}"}
        typer.echo(_("%(orders)s orders were made when no programme was in force.") % counts)
    if award.refused:
        typer.echo(_("%(count)s were refused and stay as they were:") % {"count": f"{award.refused:,}"}, err=True)
        for one in award.refusals:
            typer.echo(f"  {one['id']}  {one['message']}", err=True)
