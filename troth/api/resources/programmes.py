"""Programmes: their versions, the draft of the next one, and rehearsals over the company's own past.

Who wrote or handed in a draft does not review it; a key acts for who made it.
"""

from uuid import UUID

from ninja import Path, Router

from troth.access.permissions import Permission
from troth.programs import queries as programs
from troth.programs import services
from troth.sales import queries as sales
from troth.sales import services as sales_services

from ..keys import ApiRequest
from ..operations import reads, writes
from ..paging import PagingQuery, page
from . import programme_views as views
from .programme_schemas import (
    DocumentCheckOut,
    DocumentIn,
    DraftIn,
    ProgrammeCode,
    ProgrammeDetail,
    ProgrammePage,
    PublicationIn,
    RehearsalDetail,
    RehearsalIn,
    RehearsalOut,
    RehearsalPage,
    ReviewIn,
    VersionDetail,
    VersionNumber,
    VersionPage,
)

router = Router(tags=["Programmes"])


@reads(router, "/programmes", scope=Permission.PROGRAMS_VIEW, response=ProgrammePage)
def list_programmes(request: ApiRequest, paging: PagingQuery) -> ProgrammePage:
    """List the programmes in use."""
    rows, cursor = page(programs.programmes(), paging, keys=("code",))
    return ProgrammePage(items=[views.programme(row) for row in rows], next_cursor=cursor)


@writes(router, "POST", "/programmes", scope=Permission.PROGRAMS_EDIT, response=ProgrammeDetail, status=201)
def create_programme(request: ApiRequest, document: DocumentIn) -> ProgrammeDetail:
    """Make a programme from the first draft of its document, whose code and name it takes.

    It earns nothing before somebody else has reviewed and published it.
    """
    row = services.create_programme(actor=request.auth, now=request.now, text=document.text)
    return views.programme_detail(row, request.now)


@reads(
    router,
    "/programme-documents/evaluate",
    scope=Permission.PROGRAMS_VIEW,
    response=DocumentCheckOut,
    method="POST",
)
def evaluate_document(request: ApiRequest, document: DocumentIn) -> DocumentCheckOut:
    """Check a document: everything that is wrong, by line, or what it changes. Nothing is written."""
    return views.check(document.text)


@reads(router, "/programmes/{programme}", scope=Permission.PROGRAMS_VIEW, response=ProgrammeDetail)
def get_programme(request: ApiRequest, programme: Path[ProgrammeCode]) -> ProgrammeDetail:
    """Get a programme with the document in force and its draft."""
    return views.programme_detail(programs.programme_by_code(programme), request.now)


@reads(router, "/programmes/{programme}/versions", scope=Permission.PROGRAMS_VIEW, response=VersionPage)
def list_versions(request: ApiRequest, programme: Path[ProgrammeCode], paging: PagingQuery) -> VersionPage:
    """List the published versions of a programme."""
    found = programs.versions(programs.programme_by_code(programme).id)
    rows, cursor = page(found, paging, keys=("-number",))
    return VersionPage(items=[views.version(row) for row in rows], next_cursor=cursor)


@reads(router, "/programmes/{programme}/versions/{number}", scope=Permission.PROGRAMS_VIEW, response=VersionDetail)
def get_version(request: ApiRequest, programme: Path[ProgrammeCode], number: Path[VersionNumber]) -> VersionDetail:
    """Get a published version, with what it changed in words."""
    return views.version_detail(programs.version_row(programs.programme_by_code(programme).id, number))


@writes(router, "PUT", "/programmes/{programme}/draft", scope=Permission.PROGRAMS_EDIT, response=ProgrammeDetail)
def save_draft(request: ApiRequest, programme: Path[ProgrammeCode], draft: DraftIn) -> ProgrammeDetail:
    """Keep a text as the draft of the next version, also one that is not right yet; a review of it begins anew."""
    row = services.save_draft(
        actor=request.auth,
        now=request.now,
        programme_id=programs.programme_by_code(programme).id,
        text=draft.text,
        expected_revision=draft.expected_revision,
    )
    return views.programme_detail(row, request.now)


@writes(
    router, "POST", "/programmes/{programme}/draft/submit", scope=Permission.PROGRAMS_EDIT, response=ProgrammeDetail
)
def submit_draft(request: ApiRequest, programme: Path[ProgrammeCode]) -> ProgrammeDetail:
    """Hand the draft in; somebody else reviews and publishes it."""
    row = services.submit_draft(
        actor=request.auth, now=request.now, programme_id=programs.programme_by_code(programme).id
    )
    return views.programme_detail(row, request.now)


@writes(
    router, "POST", "/programmes/{programme}/draft/review", scope=Permission.PROGRAMS_REVIEW, response=ProgrammeDetail
)
def review_draft(request: ApiRequest, programme: Path[ProgrammeCode], review: ReviewIn) -> ProgrammeDetail:
    """Approve the draft that was handed in, or send it back with a note.

    A key acts for who made it: it reviews nothing that this person, or another key of theirs, wrote or handed in.
    """
    row = services.review_draft(
        actor=request.auth,
        now=request.now,
        programme_id=programs.programme_by_code(programme).id,
        is_approved=review.is_approved,
        note=review.note,
        expected_revision=review.expected_revision,
    )
    return views.programme_detail(row, request.now)


@writes(
    router,
    "POST",
    "/programmes/{programme}/draft/publish",
    scope=Permission.PROGRAMS_REVIEW,
    response=VersionDetail,
    status=201,
)
def publish_draft(request: ApiRequest, programme: Path[ProgrammeCode], publication: PublicationIn) -> VersionDetail:
    """Make the approved draft a version, in force from a moment on. Versions never change again."""
    row = services.publish(
        actor=request.auth,
        now=request.now,
        programme_id=programs.programme_by_code(programme).id,
        effective_at=publication.effective_at,
        note=publication.note,
    )
    return views.version_detail(row)


# --- rehearsals


@reads(router, "/programmes/{programme}/rehearsals", scope=Permission.PROGRAMS_VIEW, response=RehearsalPage)
def list_rehearsals(request: ApiRequest, programme: Path[ProgrammeCode], paging: PagingQuery) -> RehearsalPage:
    """List the rehearsals of a programme."""
    found = sales.rehearsals(programs.programme_by_code(programme).code)
    rows, cursor = page(found, paging, keys=("-created_at", "-id"))
    return RehearsalPage(items=[views.rehearsal(row) for row in rows], next_cursor=cursor)


@writes(
    router,
    "POST",
    "/programmes/{programme}/rehearsals",
    scope=Permission.PROGRAMS_EDIT,
    response=RehearsalOut,
    status=201,
)
def start_rehearsal(request: ApiRequest, programme: Path[ProgrammeCode], rehearsal: RehearsalIn) -> RehearsalOut:
    """Have a document replayed over past days, beside the version in force; nothing of it touches the ledger.

    It runs in the background: ask for it until its `state` is `done`.
    """
    row = programs.programme_by_code(programme)
    newest = programs.versions(row.id).first()
    found = sales_services.start_rehearsal(
        actor=request.auth,
        now=request.now,
        programme_id=row.id,
        draft_text=rehearsal.text or row.draft_text or (newest.text if newest else ""),
        from_date=rehearsal.from_date,
        to_date=rehearsal.to_date,
        name=rehearsal.name,
    )
    return views.rehearsal(found)


@reads(router, "/rehearsals/{rehearsal_id}", scope=Permission.PROGRAMS_VIEW, response=RehearsalDetail)
def get_rehearsal(request: ApiRequest, rehearsal_id: Path[UUID]) -> RehearsalDetail:
    """Get a rehearsal: how far it is, and what it found."""
    return views.rehearsal_detail(sales.rehearsal(rehearsal_id))


@writes(router, "POST", "/rehearsals/{rehearsal_id}/cancel", scope=Permission.PROGRAMS_EDIT, response=RehearsalOut)
def cancel_rehearsal(request: ApiRequest, rehearsal_id: Path[UUID]) -> RehearsalOut:
    """Stop a rehearsal: at once if it waits, at its next step if it runs."""
    return views.rehearsal(
        sales_services.cancel_rehearsal(actor=request.auth, now=request.now, rehearsal_id=rehearsal_id)
    )
