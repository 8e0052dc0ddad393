"""What the log refuses of a company's own events."""

from troth.kit.errors import ConflictError, InvalidError, NotFoundError


class EventTypeRefusedError(InvalidError):
    """The company's own kind of event breaks a rule."""

    code = "event_type_refused"


class EventTypeChangedError(ConflictError):
    """A field of the kind has another type already; what was written under it would no longer be true."""

    code = "event_type_changed"


class EventTypeUnknownError(NotFoundError):
    """The company has no such kind of event."""

    code = "event_type_unknown"


class EventRefusedError(InvalidError):
    """An event does not fit its kind."""

    code = "event_refused"
