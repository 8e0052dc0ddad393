"""`publish`: a programme from a file into force."""

import getpass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import typer
from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import system_actor
from troth.cli.exits import Exit
from troth.kit import clock
from troth.kit.errors import TrothError
from troth.programs import queries as programs
from troth.programs import services
from troth.programs.document.reading import read_document
from troth.programs.document.shapes import ProgrammeDocument
from troth.programs.errors import DocumentInvalidError, ProgrammeNotFoundError, ProgrammeStateError
from troth.programs.models import DraftState, Programme, ProgrammeVersion
from troth.programs.words import changes
from troth.staff import queries as staff


def publish(file: Path, reviewed_by: str, effective_at: datetime | None, note: str, *, is_check: bool) -> int:
    """Publish the file's programme, or say what is wrong with it, or what it would change."""
    try:
        text = file.read_text(encoding="utf-8")
        document = read_document(text)
    except OSError as error:
        typer.echo(f"troth: {file}: {error.strerror}", err=True)
        return Exit.FAILED
    except DocumentInvalidError as error:
        for problem in error.problems:
            typer.echo(f"{file}:{problem.line}:{problem.column}: {problem.path}: {problem.message}", err=True)
        return Exit.FAILED
    known = _known(document.programme)
    _tell_changes(known, document)
    missing = programs.missing(document)
    for one in missing:
        typer.echo(f"troth: {one.message}", err=True)
    if is_check or missing:
        return Exit.FAILED if missing else Exit.DONE
    reviewer = reviewed_by or typer.prompt(_("Who else reviewed it?"), err=True)
    try:
        version = _published(known, text, reviewer, effective_at, note)
    except TrothError as error:
        typer.echo(f"troth: {error}", err=True)
        return Exit.FAILED
    said = {
        "name": document.programme,
        "number": version.number,
        "at": f"{version.effective_at.astimezone(_zone()):%Y-%m-%d %H:%M}",
    }
    typer.echo(_("%(name)s: version %(number)s is in force from %(at)s.") % said)
    return Exit.DONE


def _zone() -> ZoneInfo:
    return ZoneInfo(staff.company().time_zone)


def _known(code: str) -> Programme | None:
    try:
        return programs.programme_by_code(code)
    except ProgrammeNotFoundError:
        return None


def _tell_changes(known: Programme | None, document: ProgrammeDocument) -> None:
    newest = programs.versions(known.id).first() if known else None
    if newest is None:
        typer.echo(_("%(name)s is new: %(count)s rules.") % {"name": document.programme, "count": len(document.rules)})
        return
    found = changes(programs.document_of(newest), document)
    for one in found:
        typer.echo(one.sentence)
    if not found:
        typer.echo(_("Nothing differs in meaning from version %(number)s.") % {"number": newest.number})


@transaction.atomic
def _published(
    known: Programme | None, text: str, reviewer: str, effective_at: datetime | None, note: str
) -> ProgrammeVersion:
    """Write, hand in, review and publish in one step.

    Raises:
        ProgrammeStateError: somebody's draft is in the way.
        OwnReviewError: the reviewer is who runs the command.
    """
    now, writer = clock.utc_now(), system_actor(f"cli:{getpass.getuser()}"[:60])
    if known is not None and known.draft_state != DraftState.NONE:
        raise ProgrammeStateError(
            _("Somebody has a draft of this programme in the console; finish or discard it first.")
        )
    if known is None:
        known = services.create_programme(actor=writer, now=now, text=text)
    else:
        services.save_draft(actor=writer, now=now, programme_id=known.id, text=text, expected_revision=known.revision)
    services.submit_draft(actor=writer, now=now, programme_id=known.id)
    services.review_draft(actor=system_actor(reviewer[:60]), now=now, programme_id=known.id, is_approved=True)
    start = effective_at.replace(tzinfo=_zone()) if effective_at else None
    return services.publish(actor=writer, now=now, programme_id=known.id, effective_at=start, note=note)
