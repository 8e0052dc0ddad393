"""What journeys refuse."""

from uuid import UUID

from django.utils.translation import gettext as _

from troth.kit.documents.errors import DocumentError
from troth.kit.errors import ConflictError, InvalidError, NotFoundError


class JourneyInvalidError(DocumentError):
    """The document cannot be a journey; `problems` names every wrong with its line and the way out."""

    code = "journey_invalid"
    first_key = "journey"


class JourneyNotFoundError(NotFoundError):
    """No such journey, version or rehearsal."""

    code = "journey_not_found"

    def __init__(self, name: UUID | str) -> None:
        super().__init__(_("There is no journey “%(name)s”.") % {"name": name}, journey=str(name))


class JourneyRefusedError(InvalidError):
    """A value given with a journey breaks its rule."""

    code = "journey_refused"


class JourneyStateError(ConflictError):
    """The journey is not in a state in which this could be done."""

    code = "journey_state"


class DraftChangedError(ConflictError):
    """Somebody else saved the draft meanwhile."""

    code = "draft_changed"
