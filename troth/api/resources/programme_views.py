"""Programmes and rehearsals, between the API's form and ours."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from troth.jobs import queries as jobs
from troth.jobs.errors import JobNotFoundError
from troth.programs import queries as programs
from troth.programs.document.reading import read_document
from troth.programs.errors import DocumentInvalidError, ProgrammeNotFoundError
from troth.programs.models import DraftState, Programme, ProgrammeVersion
from troth.programs.words import Change, changes
from troth.sales import queries as sales
from troth.sales.models import Rehearsal, RehearsalState
from troth.sales.rehearsal_result import RehearsalResult, SideResult

from .programme_schemas import (
    BudgetResultOut,
    ChangeOut,
    DocumentCheckOut,
    DocumentProblemOut,
    GroupResultOut,
    MemberResultOut,
    ProgrammeDetail,
    ProgrammeOut,
    RehearsalDetail,
    RehearsalOut,
    RehearsalResultOut,
    RuleResultOut,
    SideResultOut,
    TierMoveOut,
    VersionDetail,
    VersionOut,
)


def programme(row: Programme) -> ProgrammeOut:
    """Return a programme."""
    return ProgrammeOut(**_programme(row))


def programme_detail(row: Programme, now: datetime) -> ProgrammeDetail:
    """Return a programme with what is in force and its draft."""
    rows = programs.versions(row.id).filter(effective_at__lte=now) if row.archived_at is None else None
    version = rows.first() if rows is not None else None
    return ProgrammeDetail(
        **_programme(row),
        version_in_force=version.number if version else None,
        document=version.document if version else None,
        draft_text=row.draft_text,
        review_note=row.review_note,
    )


def _programme(row: Programme) -> dict[str, Any]:
    return {
        "id": row.id,
        "code": row.code,
        "name": row.name,
        "name_zh": row.name_zh,
        "version": row.version_number,
        "draft_state": DraftState(row.draft_state),
        "revision": row.revision,
        "is_archived": row.archived_at is not None,
    }


def version(row: ProgrammeVersion) -> VersionOut:
    """Return a version."""
    return VersionOut(**_version(row))


def version_detail(row: ProgrammeVersion) -> VersionDetail:
    """Return a version with what it says and changed."""
    found: list[Change] = []
    if row.number > 1:
        before = programs.version_row(row.programme_id, row.number - 1)
        found = changes(programs.document_of(before), programs.document_of(row))
    return VersionDetail(
        **_version(row), text=row.text, document=row.document, changes=[ChangeOut(**asdict(one)) for one in found]
    )


def _version(row: ProgrammeVersion) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("number", "effective_at", "published_at", "note")}


def check(text: str) -> DocumentCheckOut:
    """Return what is wrong with a document, or what it changes."""
    try:
        document = read_document(text)
    except DocumentInvalidError as error:
        problems = [DocumentProblemOut(**asdict(one)) for one in error.problems]
        return DocumentCheckOut(is_valid=False, problems=problems, warnings=[], programme=None, changes=[])
    try:
        newest = programs.versions(programs.programme_by_code(document.programme).id).first()
    except ProgrammeNotFoundError:
        newest = None
    found = changes(programs.document_of(newest), document) if newest else []
    return DocumentCheckOut(
        is_valid=True,
        problems=[],
        warnings=[one.message for one in programs.missing(document)],
        programme=document.programme,
        changes=[ChangeOut(**asdict(one)) for one in found],
    )


# --- rehearsals


def rehearsal(row: Rehearsal) -> RehearsalOut:
    """Return a rehearsal."""
    return RehearsalOut(**_rehearsal(row))


def rehearsal_detail(row: Rehearsal) -> RehearsalDetail:
    """Return a rehearsal with what it found."""
    found = sales.result_of(row)
    return RehearsalDetail(**_rehearsal(row), result=_result(found) if found else None)


def _rehearsal(row: Rehearsal) -> dict[str, Any]:
    return {
        "id": row.id,
        "programme": row.programme,
        "name": row.title,
        "from_date": row.from_date.isoformat(),
        "to_date": row.to_date.isoformat(),
        "state": RehearsalState(row.state),
        "progress": _progress(row),
        "error": row.error,
        "created_at": row.created_at,
        "finished_at": row.finished_at,
    }


def _progress(row: Rehearsal) -> float | None:
    if row.state == RehearsalState.DONE:
        return 1.0
    if row.state != RehearsalState.RUNNING or row.job_id is None:
        return None
    try:
        job = jobs.job(row.job_id)
    except JobNotFoundError:
        return None
    return min(job.progress_done / job.progress_total, 1.0) if job.progress_total else None


def _result(found: RehearsalResult) -> RehearsalResultOut:
    names = ["currency", "orders", "lines", "members", "sales", "extra_cost", "break_even_sales", "gaining", "losing"]
    plain = {name: getattr(found, name) for name in names}
    return RehearsalResultOut(
        **plain,
        draft=_side(found.draft),
        compared=_side(found.compared) if found.compared else None,
        gainers=[MemberResultOut(**asdict(one)) for one in found.gainers],
        losers=[MemberResultOut(**asdict(one)) for one in found.losers],
        changed_tiers=_moves(found.changed_tiers),
        bands=[_group(one.band, one.members, one.spend, one.draft_cost, one.compared_cost) for one in found.bands],
        segments=[
            _group(one.segment_id, one.members, one.spend, one.draft_cost, one.compared_cost) for one in found.segments
        ],
    )


def _side(side: SideResult) -> SideResultOut:
    names = ["points", "cost", "coupons", "orders_awarded", "members_awarded", "discounted_cost", "tiers"]
    return SideResultOut(
        **{name: getattr(side, name) for name in names},
        rules=[RuleResultOut(**asdict(one)) for one in side.rules],
        budgets=[BudgetResultOut(**asdict(one)) for one in side.budgets],
        moves=_moves(side.moves),
    )


def _moves(moves: tuple[tuple[str, str, int], ...]) -> list[TierMoveOut]:
    return [TierMoveOut(before=before, after=after, members=count) for before, after, count in moves]


def _group(code: str, members: int, spend: str, draft_cost: str, compared_cost: str) -> GroupResultOut:
    return GroupResultOut(group=code, members=members, spend=spend, draft_cost=draft_cost, compared_cost=compared_cost)
