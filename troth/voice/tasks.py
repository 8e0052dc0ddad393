"""Background work of what customers say; each part declares its own."""

from .complaints import tasks as _complaints

__all__ = ["_complaints"]
