"""What complaints add to the modules below, at start-up."""

from troth.messaging.services import register_gate

from . import conditions, privacy
from .gates import GATE


def register() -> None:
    """Register the gate, the steps of erasure and export, and the fields of conditions."""
    register_gate(GATE)
    privacy.register()
    conditions.register()
