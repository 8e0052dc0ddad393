"""Background work of imports."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext, ngettext, override
from django.utils.translation import gettext_lazy as _

from troth.access.actors import Actor, system_actor
from troth.events import services as events
from troth.jobs.registry import handler
from troth.jobs.running import JobContext
from troth.kit import clock
from troth.value.later import later

from .limits import DEFAULT
from .models import ImportRun

if TYPE_CHECKING:
    from . import report as reporting
    from . import running
else:
    # They load DuckDB and Polars, which only the process that imports a file needs.
    reporting, running = later("troth.imports.report"), later("troth.imports.running")

JOB = "imports.run"
FORGET_JOB = "imports.forget_files"


def _rows_text(result: Mapping[str, Any]) -> Sequence[str]:
    counts = {"rows": f"{result['rows']:,}", "refused": f"{result['refused_rows']:,}"}
    if result["refused_rows"]:
        return (gettext("%(rows)s rows were read, %(refused)s of them refused; the import's page says why.") % counts,)
    return (gettext("%(rows)s rows were read, none was refused.") % counts,)


@handler(JOB, label=_("Import of a file"), max_attempts=20, result_text=_rows_text, is_counted=False)
def run_import(context: JobContext) -> dict[str, Any]:
    """Import the file of the run that the payload names."""
    run = ImportRun.objects.get(id=UUID(context.payload["run"]))
    actor = system_actor(f"import:{run.id}")
    if not run.report:  # else this process takes over from one that died while tidying up
        with override(run.language):
            report = running.Import(run, context, actor=actor, now=clock.utc_now(), limits=DEFAULT).execute()
        _store(run, report, actor)
    reporting.tidy(run)
    return {name: run.report[name] for name in ("rows", "refused_rows", "done")}


def _forgotten_text(result: Mapping[str, Any]) -> Sequence[str]:
    count = result["forgotten"]
    text = ngettext("%(count)s old file was removed.", "%(count)s old files were removed.", count)
    return (text % {"count": f"{count:,}"},)


@handler(FORGET_JOB, label=_("Remove old import files"), result_text=_forgotten_text)
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
