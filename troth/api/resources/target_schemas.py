"""Bodies about targets of the company's figures."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from troth.insights.models import Indicator

from ..fields import NO_NUL, Amount, AmountText, Day, MomentText, Request, Response, example

Reason = Annotated[str, StringConstraints(max_length=300, pattern=NO_NUL)]
Note = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=NO_NUL)]


class TargetIn(Request):
    """What a figure of the company shall be by a day."""

    model_config = example(
        {"indicator": "repeat_rate", "goal": "0.45", "due_date": "2027-06-30", "reason": "The new welcome journey"}
    )

    indicator: Indicator = Field(description="Which figure.")
    goal: Amount = Field(
        description="What it shall be, as text: an amount in the company's currency, a share from 0 to 1, an index up"
        " to 100, or a number of people."
    )
    due_date: Day = Field(description="By which day; it lies ahead.")
    reason: Reason = Field("", description="Why it can be reached.")


class TargetReviewIn(Request):
    """What somebody saw who looked at a target."""

    model_config = example({"note": "Half of it came from the second mail; we send a third."})

    note: Note = Field(description="What was learned, and what follows.")


class TargetReviewOut(Response):
    """A review of a target. It never changes."""

    id: UUID = Field(description="Its id.")
    actual: AmountText | None = Field(description="What the figure was; null where no analysis told it.")
    as_of_date: date | None = Field(description="The day of the analysis that told it.")
    note: str = Field(description="What was learned.")
    reviewed_at: MomentText = Field(description="When.")
    reviewed_by: str = Field(description="Who, as a code.")


class TargetPointOut(Response):
    """What a figure was by one analysis."""

    as_of_date: date = Field(description="The day of the analysis.")
    value: AmountText = Field(description="What the figure was.")


class TargetOut(Response):
    """A target, how it stands, and what was said about it."""

    id: UUID = Field(description="Its id.")
    indicator: Indicator = Field(description="Which figure.")
    start: AmountText | None = Field(description="Where it stood when the target was set; null where it was not known.")
    start_date: date = Field(description="The day of that.")
    goal: AmountText = Field(description="What it shall be.")
    due_date: date = Field(description="By which day.")
    reason: str = Field(description="Why it can be reached.")
    set_at: MomentText = Field(description="When the target was set.")
    set_by: str = Field(description="By whom, as a code.")
    course: str = Field(
        description="How it stands, by the straight line from start to goal: one of reached, on_course, behind, missed,"
        " unknown."
    )
    actual: AmountText | None = Field(description="What the figure is by the newest analysis; null where none told it.")
    as_of_date: date | None = Field(description="The day of that analysis.")
    expected_now: AmountText | None = Field(description="Where the straight line is on that day.")
    series: list[TargetPointOut] = Field(description="Every analysis since the start, the oldest first.")
    reviews: list[TargetReviewOut] = Field(description="What was learned, the newest first.")


class TargetPage(Response):
    """Every target that was not dropped."""

    items: list[TargetOut] = Field(description="The targets, the next due first.")
