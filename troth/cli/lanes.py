"""`worker` without `--lane`: a process for each lane, kept running by this one, which stays small."""

import typer
from django.utils.translation import gettext as _

from troth.cli.exits import Exit
from troth.cli.starting import set_up
from troth.jobs.lanes import Lane
from troth.jobs.supervising import program, supervise


def work() -> int:
    """Do the work of both lanes until told to stop."""
    commands = {lane.value: program("worker", "--lane", lane.value, "--tied") for lane in Lane}
    return Exit.DONE if supervise(commands, ended=_tell) else Exit.FAILED


def _tell(lane: str, code: int) -> None:
    set_up()  # only now: who only waits needs no Django
    message = _("The worker of the lane “%(lane)s” ended by itself (exit code %(code)d).")
    typer.echo(f"troth: {message % {'lane': lane, 'code': code}}", err=True)
