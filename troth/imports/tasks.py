"""Background work of imports."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from troth.access.actors import system_actor
from troth.events import services as events
from troth.jobs.registry import handler
from troth.jobs.running import JobContext
from troth.kit import clock

from .limits import DEFAULT
from .models import ImportRun
from .running import Import

JOB = "imports.run"


@handler(JOB, label=_("Import of a file"), max_attempts=20)
def run_import(context: JobContext) -> dict[str, Any]:
    """Import the file of the run that the payload names."""
    run = ImportRun.objects.get(id=UUID(context.payload["run"]))
    actor = system_actor(f"import:{run.id}")
    with override(run.language):
        report = Import(run, context, actor=actor, now=clock.utc_now(), limits=DEFAULT).execute()
    now = clock.utc_now()
    run.report, run.finished_at = report, now
    run.save(update_fields=["report", "finished_at"])
    data = {
        "import": str(run.id),
        "rows": report["rows"],
        "refused_rows": report["refused_rows"],
        "done": report["done"],
    }
    events.append("imports.run.finished", actor=actor, now=now, data=data)
    return {name: report[name] for name in ("rows", "refused_rows", "done")}
