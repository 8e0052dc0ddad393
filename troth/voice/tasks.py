"""Background work of what customers say; each part declares its own."""

from .complaints import tasks as _complaints
from .surveys import tasks as _surveys

__all__ = ["_complaints", "_surveys"]
