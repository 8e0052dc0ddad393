"""Writing journeys. Import as one thing: `from troth.care.journeys import services as journeys`."""

from .drafting import create_journey, discard_draft, pause, publish, resume, save_draft, stop

__all__ = [
    "create_journey",
    "discard_draft",
    "pause",
    "publish",
    "resume",
    "save_draft",
    "stop",
]
