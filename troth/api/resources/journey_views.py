"""Journeys, runs and rehearsals, between the API's form and ours."""

from dataclasses import asdict
from typing import Any, cast

from troth.care.journeys import queries
from troth.care.journeys.document.reading import read_document
from troth.care.journeys.errors import JourneyInvalidError
from troth.care.models import Journey, JourneyRehearsal, JourneyRun, JourneyVersion, RehearsedAct

from .journey_schemas import (
    JourneyCheckOut,
    JourneyDetail,
    JourneyOut,
    JourneyRehearsalOut,
    JourneyTotalsOut,
    JourneyVersionOut,
    PathStepOut,
    RehearsalText,
    RehearsedActOut,
    RunDetail,
    RunOut,
    StepCountOut,
)
from .programme_schemas import DocumentProblemOut


def journey(row: Journey) -> JourneyOut:
    """Return a journey."""
    return JourneyOut(**_journey(row))


def journey_detail(row: Journey) -> JourneyDetail:
    """Return a journey with its documents and figures."""
    newest = queries.version_row(row.id, row.version_number) if row.version_number else None
    counts = queries.step_counts(row.id)
    return JourneyDetail(
        **_journey(row),
        document=newest.document if newest else None,
        draft_text=row.draft_text,
        totals=JourneyTotalsOut(**asdict(queries.totals([row.id])[row.id])),
        steps=[
            StepCountOut(step=step, waiting=one.waiting, stuck=one.stuck, outcomes=one.outcomes)
            for step, one in sorted(counts.items())
        ],
    )


def version(row: JourneyVersion) -> JourneyVersionOut:
    """Return a published version."""
    return JourneyVersionOut(
        number=row.number,
        note=row.note,
        published_at=row.published_at,
        published_by=row.published_by,
        document=row.document,
    )


def check(text: str) -> JourneyCheckOut:
    """Return everything that is wrong with a document."""
    try:
        read_document(text)
    except JourneyInvalidError as error:
        return JourneyCheckOut(is_valid=False, problems=[DocumentProblemOut(**asdict(one)) for one in error.problems])
    return JourneyCheckOut(is_valid=True, problems=[])


def run(row: JourneyRun) -> RunOut:
    """Return a run."""
    return RunOut(**_run(row))


def run_detail(row: JourneyRun) -> RunDetail:
    """Return a run with its path."""
    return RunDetail(**_run(row), path=[PathStepOut(**asdict(one)) for one in queries.path_of(row)])


def rehearsal(row: JourneyRehearsal) -> JourneyRehearsalOut:
    """Return a rehearsal."""
    return JourneyRehearsalOut(
        id=row.id,
        journey=row.journey.code,
        state=cast("RehearsalText", row.state),
        since=row.since_at,
        until=row.until_at,
        error=row.error,
        result=row.result,
    )


def rehearsed_act(row: RehearsedAct) -> RehearsedActOut:
    """Return what somebody would have got."""
    return RehearsedActOut(
        customer=row.owner_id,
        step=row.step,
        act=row.act,
        happened_at=row.happened_at,
        outcome=row.outcome,
        channel=row.channel,
        gate=row.gate,
    )


def _journey(row: Journey) -> dict[str, Any]:
    return {
        "id": row.id,
        "code": row.code,
        "name": row.name,
        "name_zh": row.name_zh,
        "state": row.state,
        "version": row.version_number,
        "has_draft": row.has_draft,
        "revision": row.revision,
        "updated_at": row.updated_at,
    }


def _run(row: JourneyRun) -> dict[str, Any]:
    return {
        "id": row.id,
        "customer": row.owner_id,
        "journey": row.journey.code,
        "version": row.version.number,
        "state": row.state,
        "key": row.entry_key,
        "step": row.step,
        "due_at": row.due_at,
        "entered_at": row.entered_at,
        "ended_at": row.ended_at,
        "end_reason": row.end_reason,
        "goal_at": row.goal_at,
    }
