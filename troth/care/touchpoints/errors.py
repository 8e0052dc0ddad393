"""What the journey map refuses."""

from troth.kit.errors import InvalidError


class TouchpointRefusedError(InvalidError):
    """A touchpoint cannot be stored this way."""

    code = "touchpoint_refused"
