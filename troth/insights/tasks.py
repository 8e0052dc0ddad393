"""Background work of insights."""

from datetime import date
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from troth.access.actors import system_actor
from troth.jobs.registry import handler
from troth.jobs.running import JobContext
from troth.kit import clock
from troth.staff import queries as staff

from . import services
from .analysis import STAGES


@handler(services.JOB, label=gettext_lazy("Analyse customers"), max_attempts=3)
def analyse(context: JobContext) -> dict[str, Any]:
    """Run the analysis; started again after a crash it begins anew, and what was exported already is not
    read twice.
    """
    now = clock.utc_now()
    as_of = context.payload.get("as_of")
    company = staff.company_or_none()
    with translation.override(company.language if company else None):
        run = services.analyse(
            actor=system_actor("analysis"),
            now=now,
            as_of=date.fromisoformat(as_of) if as_of else None,
            report=lambda *progress: _report(context, *progress),
        )
    return {"run": str(run.id), "as_of_date": run.as_of_date.isoformat(), "customers": run.customer_count}


def _report(context: JobContext, stage: str, done: int, total: int | None, part: str) -> None:
    """Tell the stage as part of a whole: the stages count alike, the first moves by rows."""
    within = min(done / total, 1.0) if total else 0.0
    whole = (STAGES.index(stage) + within) / len(STAGES)
    context.progress(round(100 * whole), 100, note=stage_text(stage, done))


def stage_text(stage: str, done: int) -> str:
    """Return what is being done, in the active language."""
    texts = {
        "export": _("Reading what is new: %(count)s rows") % {"count": f"{done:,}"},
        "scores": _("Measuring every customer"),
        "frames": _("Drawing up the reports"),
        "write": _("Putting the results in place"),
    }
    return texts[stage]
