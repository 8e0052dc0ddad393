"""Events of the module, declared by each part."""

from .journeys import events as journeys
from .requests import events as requests
from .touchpoints import events as touchpoints
from .training import events as training

__all__ = ["journeys", "requests", "touchpoints", "training"]
