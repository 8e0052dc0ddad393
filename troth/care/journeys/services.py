"""Writing journeys. Import as one thing: `from troth.care.journeys import services as journeys`."""

from .by_hand import enter, move_people, take_out, try_again
from .drafting import create_journey, discard_draft, pause, publish, resume, save_draft, stop
from .engine import Advanced, advance
from .log_reading import read_log
from .rehearsing import play_rehearsal, rehearse
from .sweeping import sweep
from .trials import measure, work_out

__all__ = [
    "Advanced",
    "advance",
    "create_journey",
    "discard_draft",
    "enter",
    "measure",
    "move_people",
    "pause",
    "play_rehearsal",
    "publish",
    "read_log",
    "rehearse",
    "resume",
    "save_draft",
    "stop",
    "sweep",
    "take_out",
    "try_again",
    "work_out",
]
