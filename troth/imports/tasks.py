"""Background work of imports."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from troth.access.actors import Actor, system_actor
from troth.events import services as events
from troth.jobs.registry import handler
from troth.jobs.running import JobContext
from troth.kit import clock

from .limits import DEFAULT
from .models import ImportRun
from .report import tidy
from .running import Import

JOB = "imports.run"
FORGET_JOB = "imports.forget_files"


@handler(JOB, label=_("Import of a file"), max_attempts=20)
def run_import(context: JobContext) -> dict[str, Any]:
    """Import the file of the run that the payload names."""
    run = ImportRun.objects.get(id=UUID(context.payload["run"]))
    actor = system_actor(f"import:{run.id}")
    if not run.report:  # else this process takes over from one that died while tidying up
        with override(run.language):
            report = Import(run, context, actor=actor, now=clock.utc_now(), limits=DEFAULT).execute()
        _store(run, report, actor)
    tidy(run)
    return {name: run.report[name] for name in ("rows", "refused_rows", "done")}


@handler(FORGET_JOB, label=_("Remove old import files"))
def forget_files(context: JobContext) -> dict[str, Any]:
    """Remove refused rows and files that were never imported, after the days that the settings say."""
    from . import services  # noqa: PLC0415  services enqueue these jobs

    return {"forgotten": services.forget_files(actor=system_actor("imports"), now=clock.utc_now())}


@transaction.atomic
def _store(run: ImportRun, report: dict[str, Any], actor: Actor) -> None:
    now = clock.utc_now()
    run.report, run.finished_at = report, now
    run.save(update_fields=["report", "finished_at"])
    data = {"import": str(run.id), **{name: report[name] for name in ("rows", "refused_rows", "done")}}
    events.append("imports.run.finished", actor=actor, now=now, data=data)
