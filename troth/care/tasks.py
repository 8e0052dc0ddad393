"""Background work of the module, declared by each part."""

from .journeys import tasks as journeys
from .requests import tasks as requests
from .training import tasks as training

__all__ = ["journeys", "requests", "training"]
