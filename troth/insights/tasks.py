"""Background work of insights."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from troth.access.actors import system_actor
from troth.jobs.registry import handler
from troth.jobs.running import JobContext
from troth.kit import clock
from troth.staff import queries as staff

from . import services
from .analysis import STAGES


def _measured_text(result: Mapping[str, Any]) -> Sequence[str]:
    facts = {"count": f"{result['customers']:,}", "day": date_format(date.fromisoformat(result["as_of_date"]))}
    return (_("%(count)s customers were measured as of %(day)s.") % facts,)


def note_text(note: str) -> str:
    """Return what a stored note, "export:120000", says in the active language."""
    stage, _colon, done = note.partition(":")
    return stage_text(stage, int(done)) if stage in STAGES and done.isdigit() else note


@handler(
    services.JOB,
    label=gettext_lazy("Analyse customers"),
    max_attempts=3,
    result_text=_measured_text,
    note_text=note_text,
    is_counted=False,
)
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
    services.request_followups(actor=system_actor("analysis"), now=clock.utc_now())
    return {"run": str(run.id), "as_of_date": run.as_of_date.isoformat(), "customers": run.customer_count}


def _suggested_text(result: Mapping[str, Any]) -> Sequence[str]:
    return (_("The next product was found for %(count)s customers.") % {"count": f"{result['customers']:,}"},)


@handler(
    services.SUGGEST_JOB,
    label=gettext_lazy("Find the next product of each customer"),
    max_attempts=3,
    result_text=_suggested_text,
    is_counted=False,
)
def suggest(_context: JobContext) -> dict[str, Any]:
    """Find what each customer may buy next; started again after a crash it begins anew."""
    return {"customers": services.suggest(actor=system_actor("analysis"), now=clock.utc_now())}


def _looked_back_text(result: Mapping[str, Any]) -> Sequence[str]:
    return (_("%(count)s past months were told.") % {"count": result["months"]},)


@handler(services.HISTORY_JOB, label=gettext_lazy("Tell past months"), max_attempts=3, result_text=_looked_back_text)
def look_back(context: JobContext) -> dict[str, Any]:
    """Tell the ends of past months; started again after a crash it goes on with those that are missing."""
    return {"months": services.look_back(report=context.progress)}


def _foretold_text(result: Mapping[str, Any]) -> Sequence[str]:
    return (_("The risk of leaving was told of %(count)s customers.") % {"count": f"{result['customers']:,}"},)


@handler(
    services.CHURN_JOB,
    label=gettext_lazy("Tell who may leave"),
    max_attempts=3,
    result_text=_foretold_text,
    is_counted=False,
)
def foretell_churn(_context: JobContext) -> dict[str, Any]:
    """Tell how likely each customer is to leave; started again after a crash it begins anew."""
    return {"customers": services.foretell_churn(actor=system_actor("analysis"), now=clock.utc_now())}


def _report(context: JobContext, stage: str, done: int, total: int | None, part: str) -> None:
    """Tell the stage as part of a whole: the stages count alike, the first moves by rows."""
    within = min(done / total, 1.0) if total else 0.0
    whole = (STAGES.index(stage) + within) / len(STAGES)
    context.progress(round(100 * whole), 100, note=f"{stage}:{done}")


def stage_text(stage: str, done: int) -> str:
    """Return what is being done, in the active language."""
    texts = {
        "export": _("Reading what is new: %(count)s rows") % {"count": f"{done:,}"},
        "scores": _("Measuring every customer"),
        "frames": _("Drawing up the reports"),
        "outlook": _("Foretelling what each customer will bring"),
        "write": _("Putting the results in place"),
    }
    return texts[stage]
