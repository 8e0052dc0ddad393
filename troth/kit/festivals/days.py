"""What a festival is, and what a day is for those who work."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.translation import get_language


class FestivalKind(StrEnum):
    """Why a day stands in the calendar."""

    TRADITIONAL = "traditional"  # of the lunar calendar or a solar term, day off or not
    STATUTORY = "statutory"  # a public holiday by law
    OBSERVANCE = "observance"  # kept, worked on: Women's Day, Teachers' Day
    COMMERCIAL = "commercial"  # the trade's own: Singles' Day, Mother's Day
    DAY_OFF = "day_off"  # off because of a holiday on another day
    MAKEUP_WORKDAY = "makeup_workday"  # a weekend day worked in exchange for a day off


class DayKind(StrEnum):
    """Whether people work on a day, and why not."""

    WORKDAY = "workday"
    MAKEUP_WORKDAY = "makeup_workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    IN_LIEU = "in_lieu"  # a weekday off in exchange for a weekend day worked

    @property
    def is_off(self) -> bool:
        """Return whether nobody is expected to work."""
        return self not in {DayKind.WORKDAY, DayKind.MAKEUP_WORKDAY}


@dataclass(frozen=True, slots=True)
class Festival:
    """One festival on one day.

    code: stable over years and countries' languages; what a journey names. is_estimated: the day hangs on the
    sight of the moon and may move by one.
    """

    code: str
    label_en: str
    label_zh: str
    date: date
    kind: FestivalKind
    is_day_off: bool = False
    is_makeup_workday: bool = False
    is_estimated: bool = False

    @property
    def label(self) -> str:
        """Return the name in the language in use."""
        return self.label_in(get_language() or "en")

    def label_in(self, language: str) -> str:
        """Return the name in a language: Chinese for any Chinese, else English."""
        return self.label_zh if language.lower().startswith("zh") else self.label_en


class Missing(StrEnum):
    """What a calendar does not know of a year."""

    ARRANGEMENT = "arrangement"  # the legal days are known, the days moved around them are not published yet
    HOLIDAYS = "holidays"  # no public holidays are known
    LUNAR = "lunar"  # beyond the lunar calendar's tables


@dataclass(frozen=True, slots=True)
class Gap:
    """A year of which something is not known, so that nobody takes silence for an answer."""

    year: int
    country: str
    missing: Missing
