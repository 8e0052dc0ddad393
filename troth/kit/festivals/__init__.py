"""Festivals and working days of China and of other countries: pure functions, no tables.

`between` and `choices` for calendars and journeys, `occurrences` for one festival's days, `day_off_kind` for clocks
that count working days, `gaps` and `is_arranged` for what nobody can know yet.
"""

from troth.kit.festivals.calendar import between, choices, day_off_kind, gaps, is_arranged, occurrences
from troth.kit.festivals.days import DayKind, Festival, FestivalKind, Gap, Missing

__all__ = [
    "DayKind",
    "Festival",
    "FestivalKind",
    "Gap",
    "Missing",
    "between",
    "choices",
    "day_off_kind",
    "gaps",
    "is_arranged",
    "occurrences",
]
