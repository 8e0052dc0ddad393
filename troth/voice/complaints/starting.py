"""What complaints add to the modules below, at start-up."""

from troth.insights import services as insights
from troth.messaging.services import register_gate

from . import conditions, privacy, staying
from .gates import GATE


def register() -> None:
    """Register the gate, steps of erasure and export, fields of conditions, and what the loyalty index hears of it."""
    register_gate(GATE)
    privacy.register()
    conditions.register()
    insights.register_measurements(staying.source())
