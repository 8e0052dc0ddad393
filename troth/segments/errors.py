"""What segments refuse."""

from uuid import UUID

from django.utils.translation import gettext as _

from troth.kit.errors import ConflictError, InvalidError, NotFoundError, TrothError


class SegmentNotFoundError(NotFoundError):
    """No such segment."""

    code = "segment_not_found"

    def __init__(self, segment_id: UUID) -> None:
        super().__init__(_("There is no segment %(id)s.") % {"id": segment_id}, segment=str(segment_id))


class SegmentRefusedError(InvalidError):
    """A field of the segment breaks its rule."""

    code = "segment_refused"


class SegmentStateError(ConflictError):
    """The segment is not in a state in which this could be done."""

    code = "segment_state"


class DraftChangedError(ConflictError):
    """Somebody else saved the draft meanwhile."""

    code = "draft_changed"


class SegmentTooSlowError(TrothError):
    """The database needed longer than allowed and was stopped."""

    code = "segment_too_slow"
    status = 503

    def __init__(self, seconds: float) -> None:
        message = _(
            "Counting was stopped after %(seconds)d seconds. Narrow the condition, for example to the last"
            " 365 days, or save it: the members are worked out in the background."
        )
        super().__init__(message % {"seconds": seconds}, limit_seconds=seconds)
