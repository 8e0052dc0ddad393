"""What surveys register with modules below at start-up."""

from troth.insights import services as insights
from troth.messaging import services as messaging

from . import attitude, gate, over_gate, privacy
from .document import fields


def register() -> None:
    """Register everything, once."""
    fields.declare()
    insights.register_measurements(attitude.source())
    messaging.register_gate(gate.GATE)
    messaging.register_gate(over_gate.GATE)
    privacy.register()
