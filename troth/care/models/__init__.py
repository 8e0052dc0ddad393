"""Tables of the module, one file for each part of it; one migration for all."""

from .journeys import (
    Journey,
    JourneyCursor,
    JourneyRehearsal,
    JourneyRun,
    JourneyState,
    JourneyTally,
    JourneyTrial,
    JourneyVersion,
    JourneyVisit,
    RehearsalState,
    RehearsedAct,
    RunState,
)
from .requests import RequestEntry, RequestKind, RequestState, ServiceRequest, Technician
from .touchpoints import Stage, Touchpoint
from .training import Course, CourseKind, Seat, SeatState, SessionState, TrainingSession

__all__ = [
    "Course",
    "CourseKind",
    "Journey",
    "JourneyCursor",
    "JourneyRehearsal",
    "JourneyRun",
    "JourneyState",
    "JourneyTally",
    "JourneyTrial",
    "JourneyVersion",
    "JourneyVisit",
    "RehearsalState",
    "RehearsedAct",
    "RequestEntry",
    "RequestKind",
    "RequestState",
    "RunState",
    "Seat",
    "SeatState",
    "ServiceRequest",
    "SessionState",
    "Stage",
    "Technician",
    "Touchpoint",
    "TrainingSession",
]
