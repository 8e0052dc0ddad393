"""What training refuses."""

from uuid import UUID

from django.utils.translation import gettext as _

from troth.kit.errors import ConflictError, InvalidError, NotFoundError


class TrainingNotFoundError(NotFoundError):
    """No such course or session."""

    code = "training_not_found"

    def __init__(self, name: str | UUID) -> None:
        super().__init__(_("There is no course or session %(name)s.") % {"name": name}, value=str(name))


class TrainingRefusedError(InvalidError):
    """A field of a course or session breaks its rule."""

    code = "training_refused"


class TrainingStateError(ConflictError):
    """The session, or the seat, does not stand where this could be done."""

    code = "training_state"
