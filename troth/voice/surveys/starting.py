"""What surveys register with modules below at start-up."""

from .document import fields


def register() -> None:
    """Register everything, once."""
    fields.declare()
