"""Events of the module, declared by each part."""

from .journeys import events as journeys

__all__ = ["journeys"]
