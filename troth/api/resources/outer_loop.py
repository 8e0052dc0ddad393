"""What complaints teach: their causes by number, and what handling them earned."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any

from ninja import Query, Router
from pydantic import BaseModel, Field

from troth.access.permissions import Permission
from troth.staff import queries as staff
from troth.voice.complaints import queries as complaints

from ..fields import Day, MomentText, Response, Text64
from ..keys import ApiRequest
from ..operations import reads

router = Router(tags=["Complaints"])
USUAL_DAYS = 90
DRAWN = ("came_back_more_low", "came_back_more_high", "spent_more_low", "spent_more_high")
"""Ends of intervals that are found by drawing people again."""


class CauseNarrowing(BaseModel):
    """Which complaints are counted."""

    since: Day | None = Field(None, description="Opened on this day or later; left out: 90 days up to `until`.")
    until: Day | None = Field(None, description="Opened on this day or before; left out: today.")
    category: Text64 = Field("", description="Code of a category, with what lies below it.")
    store: Text64 = Field("", description="Code of a store.")


class CauseCountOut(Response):
    """A cause and its complaints."""

    cause: str = Field(description="Its code.")
    name: str = Field(description="Its name.")
    name_zh: str = Field(description="Its name in Chinese, may be empty.")
    count: int = Field(description="How many complaints.")
    share: float = Field(description="Of all complaints with a known cause, 0 to 1.")
    cumulative: float = Field(description="Share of it and of all above it, 0 to 1.")


class CauseCountsOut(Response):
    """Complaints by cause."""

    since: date = Field(description="First day counted.")
    until: date = Field(description="Last day counted.")
    items: list[CauseCountOut] = Field(description="The most first.")
    unknown: int = Field(description="Complaints whose cause nobody has named yet.")


class RecoveredOut(Response):
    """Customers whose complaints ended in one way, beside similar customers without a complaint."""

    outcome: str = Field(description="well, unsaid, badly, never; all: all together.")
    people: int = Field(description="How many complained.")
    came_back: float = Field(description="Share of them who bought again, 0 to 1.")
    came_back_low: float = Field(description="Lower end of its 95 % interval (Wilson).")
    came_back_high: float = Field(description="Upper end of it.")
    control_came_back: float = Field(description="Share of the similar customers who bought again.")
    came_back_more: float = Field(description="Difference of both shares.")
    came_back_more_low: float | None = Field(description="Lower end of its 95 % interval; null for one person alone.")
    came_back_more_high: float | None = Field(description="Upper end of it.")
    spent: float = Field(description="What they spent afterwards, a head, in the currency of the report.")
    control_spent: float = Field(description="What the similar customers spent, a head.")
    spent_more: float = Field(description="Difference of both.")
    spent_more_low: float | None = Field(description="Lower end of its 95 % interval; null for one person alone.")
    spent_more_high: float | None = Field(description="Upper end of it.")


class RecoveryOut(Response):
    """What handling complaints earned, as last measured."""

    as_of: date | None = Field(description="The last day that counts; null: never measured.")
    measured_at: MomentText | None = Field(description="When it was measured; null: never.")
    currency: str = Field(description="ISO 4217 code of what was spent; empty: never measured.")
    window_days: int = Field(description="For so many days after the complaint both were watched.")
    items: list[RecoveredOut] = Field(description="By how complaints ended; ends that nobody had are left out.")
    without_history: int = Field(description="Left out: bought nothing before the complaint.")
    too_recent: int = Field(description="Left out: the window is not over.")
    unmatched: int = Field(description="Left out: nobody without a complaint was like them.")


@reads(router, "/complaint-causes", scope=Permission.CASES_VIEW, response=CauseCountsOut)
def count_complaint_causes(request: ApiRequest, which: Annotated[CauseNarrowing, Query(...)]) -> CauseCountsOut:
    """Count complaints by cause. Merged ones and those that were no complaints are left out."""
    until = which.until or staff.company().today(request.now)
    since = which.since or until - timedelta(days=USUAL_DAYS - 1)
    found = complaints.pareto(since, until, category=which.category, store=which.store)
    items = [
        CauseCountOut(
            cause=line.cause.code,
            name=line.cause.name,
            name_zh=line.cause.name_zh,
            count=line.count,
            share=line.share,
            cumulative=line.cumulative,
        )
        for line in found.lines
    ]
    return CauseCountsOut(since=since, until=until, items=items, unknown=found.unknown)


@reads(router, "/complaint-recovery", scope=Permission.INSIGHTS_VIEW, response=RecoveryOut)
def get_complaint_recovery(request: ApiRequest) -> RecoveryOut:
    """Get who came back after a complaint and what they spent, beside similar customers without one.

    It is a comparison of likes and no experiment. It is measured anew every day, or in the console when asked.
    """
    report = complaints.newest_report()
    result: dict[str, Any] = report.result if report else {}
    return RecoveryOut(
        as_of=report.as_of_date if report else None,
        measured_at=report.created_at if report else None,
        currency=result.get("currency", ""),
        items=[_recovered(row) for row in result.get("rows", ())],
        **{name: result.get(name, 0) for name in ("window_days", "without_history", "too_recent", "unmatched")},
    )


def _recovered(row: Mapping[str, Any]) -> RecoveredOut:
    """Return an outcome's figures; a single person leaves nothing to draw an interval from."""
    unknown = dict.fromkeys(DRAWN) if row["people"] < 2 else {}
    return RecoveredOut(**{name: row[name] for name in RecoveredOut.model_fields} | unknown)
