"""The care calendar: what will go to whom on which day, beside festivals and days off."""

from datetime import date
from typing import Annotated

from ninja import Query, Router
from pydantic import BaseModel, Field, StringConstraints

from troth.access.permissions import Permission
from troth.care.calendar import queries as calendar
from troth.care.calendar.queries import Day as CalendarDay
from troth.kit.festivals import DayKind, FestivalKind
from troth.staff import queries as staff

from ..fields import Response
from ..keys import ApiRequest
from ..operations import reads

router = Router(tags=["Care calendar"])
Month = Annotated[str, StringConstraints(pattern=r"^(19|20)\d\d-(0[1-9]|1[0-2])$")]


class CareMonthNarrowing(BaseModel):
    """Which month."""

    month: Month | None = Field(None, description="Such as 2026-11; left out: the company's present one.")


class CareFestivalOut(Response):
    """A festival on a day."""

    code: str = Field(description="Stays the same over the years; journeys name it.")
    name: str = Field(description="Its name.")
    name_zh: str = Field(description="Its name in Chinese.")
    kind: FestivalKind = Field(description="Why it stands in the calendar.")


class CareEntryOut(Response):
    """Something that goes to people on a day."""

    source: str = Field(description="What kind of thing: birthdays, points that expire, a journey.")
    ref: str = Field(description="Which one of its kind, such as the id of a journey; may be empty.")
    count: int = Field(description="To how many people.")


class CareDayOut(Response):
    """A day."""

    day: date = Field(description="The day.")
    kind: DayKind = Field(description="Whether people work on it, and why not.")
    lunar: str = Field(description="Its day in the lunar calendar, such as 正月初一; empty where none is kept.")
    festivals: list[CareFestivalOut] = Field(description="What is kept on it.")
    entries: list[CareEntryOut] = Field(description="What goes to people, as far as the key may see it.")


class CareMonthOut(Response):
    """A month of the care calendar."""

    items: list[CareDayOut] = Field(description="Its days.")


@reads(router, "/care-calendar", scope=Permission.JOURNEYS_VIEW, response=CareMonthOut)
def get_care_calendar(request: ApiRequest, which: Annotated[CareMonthNarrowing, Query(...)]) -> CareMonthOut:
    """Get a month of the care calendar of the company's country."""
    today = staff.company().today(request.now)
    first = today.replace(day=1) if which.month is None else today.fromisoformat(f"{which.month}-01")
    shown = calendar.month(first, actor=request.auth, now=request.now)
    return CareMonthOut(items=[_day(day) for day in shown.days])


def _day(day: CalendarDay) -> CareDayOut:
    return CareDayOut(
        day=day.date,
        kind=day.kind,
        lunar=f"{day.lunar.month_name}{day.lunar.day_name}" if day.lunar else "",
        festivals=[
            CareFestivalOut(code=one.code, name=one.label_en, name_zh=one.label_zh, kind=one.kind)
            for one in day.festivals
        ],
        entries=[CareEntryOut(source=one.source.code, ref=one.tally.ref, count=one.tally.count) for one in day.entries],
    )
