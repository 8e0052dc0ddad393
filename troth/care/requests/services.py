"""Writing service requests. Import: `from troth.care.requests import services as requests`."""

from .callers import Caller, open_for
from .following import follow_tasks
from .handling import cancel, confirm, move, schedule, set_parts, write_note
from .opening import NewRequest, open_request
from .steps import Kind, Step, save_kind

__all__ = [
    "Caller",
    "Kind",
    "NewRequest",
    "Step",
    "cancel",
    "confirm",
    "follow_tasks",
    "move",
    "open_for",
    "open_request",
    "save_kind",
    "schedule",
    "set_parts",
    "write_note",
]
