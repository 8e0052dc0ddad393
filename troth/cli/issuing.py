"""`codes`."""

from pathlib import Path

import typer
from django.utils.translation import gettext as _

from troth.access.actors import system_actor
from troth.cli.exits import Exit
from troth.kit import clock
from troth.rewards import queries
from troth.rewards import services as rewards
from troth.rewards.codes import grouped


def codes(campaign: str, batch: str, count: int, output: Path | None) -> int:
    """Hand out codes without holders and write them, a line each."""
    found = queries.campaign(campaign)
    rewards.issue_codes(actor=system_actor("codes"), now=clock.utc_now(), campaign_id=found.id, key=batch, count=count)
    lines = (f"{grouped(code)}\n" for code in queries.codes_of(found.id, batch))
    if output is None:
        for line in lines:
            typer.echo(line, nl=False)
        return Exit.DONE
    with output.open("w", encoding="ascii") as file:
        file.writelines(lines)
    typer.echo(_("%(count)s codes are in %(file)s.") % {"count": f"{count:,}", "file": output}, err=True)
    return Exit.DONE
