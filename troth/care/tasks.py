"""Background work of the module, declared by each part."""

from .journeys import tasks as journeys

__all__ = ["journeys"]
