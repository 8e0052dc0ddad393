"""Tables of the module, one file for each part of it; one migration for all."""

from .journeys import (
    Journey,
    JourneyCursor,
    JourneyRehearsal,
    JourneyRun,
    JourneyState,
    JourneyTally,
    JourneyVersion,
    JourneyVisit,
    RehearsalState,
    RehearsedAct,
    RunState,
)

__all__ = [
    "Journey",
    "JourneyCursor",
    "JourneyRehearsal",
    "JourneyRun",
    "JourneyState",
    "JourneyTally",
    "JourneyVersion",
    "JourneyVisit",
    "RehearsalState",
    "RehearsedAct",
    "RunState",
]
