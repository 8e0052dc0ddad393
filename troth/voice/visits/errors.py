"""What visits refuse."""

from django.utils.translation import gettext as _

from troth.kit.errors import ConflictError, InvalidError, NotFoundError


class ChecklistNotFoundError(NotFoundError):
    """No such checklist."""

    code = "checklist_not_found"

    def __init__(self, code: object) -> None:
        super().__init__(_("There is no checklist “%(code)s”.") % {"code": code}, checklist=str(code))


class ChecklistRefusedError(InvalidError):
    """A field of a checklist breaks its rule."""

    code = "checklist_refused"


class ChecklistChangedError(ConflictError):
    """Somebody else saved the checklist meanwhile."""

    code = "checklist_changed"

    def __init__(self, revision: int) -> None:
        text = _("Somebody saved this while you were changing it. Reload the page to see that; copy yours first.")
        super().__init__(text, revision=revision)


class VisitNotFoundError(NotFoundError):
    """No such visit."""

    code = "visit_not_found"

    def __init__(self, visit_id: object) -> None:
        super().__init__(_("There is no visit %(id)s.") % {"id": visit_id}, visit=str(visit_id))


class VisitRefusedError(InvalidError):
    """A field of a visit breaks its rule."""

    code = "visit_refused"


class VisitStateError(ConflictError):
    """The visit is not one that is planned."""

    code = "visit_state"
