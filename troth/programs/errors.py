"""What programmes refuse."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from troth.kit.documents.errors import DocumentError
from troth.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from troth.staff.queries import local_text


class DocumentInvalidError(DocumentError):
    """The document cannot be a programme; `problems` names every wrong with its line and the way out."""

    code = "programme_invalid"
    first_key = "programme"


class BasketRefusedError(InvalidError):
    """A value of an order or event cannot be evaluated."""

    code = "basket_refused"


class ProgrammeNotFoundError(NotFoundError):
    """No such programme, or no such version of it."""

    code = "programme_not_found"

    def __init__(self, name: UUID | str) -> None:
        super().__init__(_("There is no programme “%(name)s”.") % {"name": name}, programme=str(name))


class ProgrammeRefusedError(InvalidError):
    """A value of a programme or a grant breaks its rule."""

    code = "programme_refused"


class ProgrammeStateError(ConflictError):
    """The programme is not in a state in which this could be done."""

    code = "programme_state"


class DraftChangedError(ConflictError):
    """Somebody else saved the draft meanwhile."""

    code = "draft_changed"


class OwnReviewError(ForbiddenError):
    """Whoever wrote or submitted a draft does not review it."""

    code = "own_review"

    def __init__(self) -> None:
        super().__init__(_("You wrote or submitted this draft; another person has to review it."))


class EffectiveTooEarlyError(InvalidError):
    """A version cannot come into force in the past, nor before the version before it."""

    code = "effective_too_early"

    def __init__(self, effective_at: datetime, earliest: datetime) -> None:
        message = _("A version cannot come into force on %(given)s; the earliest moment is %(earliest)s.")
        given = {"given": local_text(effective_at), "earliest": local_text(earliest)}
        limit = earliest.isoformat()
        super().__init__(message % given, field="effective_at", value=effective_at.isoformat(), limit=limit)
