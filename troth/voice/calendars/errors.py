"""What working calendars refuse."""

from django.utils.translation import gettext as _

from troth.kit.errors import ConflictError, InvalidError, NotFoundError


class CalendarNotFoundError(NotFoundError):
    """No such working calendar."""

    code = "work_calendar_not_found"

    def __init__(self, calendar: str) -> None:
        super().__init__(_("There is no working calendar “%(code)s”.") % {"code": calendar}, calendar=calendar)


class CalendarRefusedError(InvalidError):
    """A field of a working calendar breaks its rule."""

    code = "work_calendar_refused"


class CalendarEmptyError(ConflictError):
    """The calendar does not offer the time that a deadline needs."""

    code = "work_calendar_empty"

    def __init__(self) -> None:
        text = _("The working calendar has too few hours: no deadline of this length ends within three years.")
        super().__init__(text)
