"""Events of what customers say; each part declares its own."""

from .complaints import events as _complaints
from .surveys import event_types as _surveys

__all__ = ["_complaints", "_surveys"]
