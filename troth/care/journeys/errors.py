"""What journeys refuse."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from django.utils.translation import gettext as _

from troth.kit.errors import ConflictError, InvalidError, NotFoundError
from troth.programs.errors import Problem


class JourneyInvalidError(InvalidError):
    """The document cannot be a journey; `problems` names every wrong with its line and the way out."""

    code = "journey_invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda one: (one.line, one.column)))
        first = self.problems[0]
        place = {"line": first.line, "path": first.path or "/", "message": first.message}
        message = _("line %(line)d: %(path)s: %(message)s") % place
        super().__init__(message, problems=[asdict(one) for one in self.problems])


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
