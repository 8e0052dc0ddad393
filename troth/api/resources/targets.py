"""Targets of the company's figures: set, follow, review, give up."""

from decimal import Decimal
from uuid import UUID

from ninja import Path, Router

from troth.access.permissions import Permission
from troth.insights import targets
from troth.insights.models import Indicator, Target, TargetReview
from troth.insights.targets import Progress
from troth.staff import queries as staff

from ..fields import number_text
from ..keys import ApiRequest
from ..operations import reads, writes
from .target_schemas import TargetIn, TargetOut, TargetPage, TargetPointOut, TargetReviewIn, TargetReviewOut

router = Router(tags=["Targets"])
P = Permission


@reads(router, "/targets", scope=P.INSIGHTS_VIEW, response=TargetPage)
def list_targets(request: ApiRequest) -> TargetPage:
    """List every target with how it stands, the next due first.

    Dropped ones are left out; a company sets a handful, so there are no pages.
    """
    today = staff.company().today(request.now)
    return TargetPage(items=[_target(one) for one in targets.progress(today=today)])


@reads(router, "/targets/{target_id}", scope=P.INSIGHTS_VIEW, response=TargetOut)
def get_target(request: ApiRequest, target_id: Path[UUID]) -> TargetOut:
    """Get a target with how it stands and its reviews."""
    return _of(target_id, request)


@writes(router, "POST", "/targets", scope=P.INSIGHTS_RUN, response=TargetOut, status=201)
def set_target(request: ApiRequest, target: TargetIn) -> TargetOut:
    """Set what a figure of the company shall be by a day; where it stands now is kept as the start."""
    row = targets.set_target(
        actor=request.auth,
        now=request.now,
        indicator=target.indicator,
        goal=target.goal,
        due_date=target.due_date,
        reason=target.reason,
    )
    return _of(row.id, request)


@writes(router, "POST", "/targets/{target_id}/reviews", scope=P.INSIGHTS_RUN, response=TargetReviewOut, status=201)
def review_target(request: ApiRequest, target_id: Path[UUID], review: TargetReviewIn) -> TargetReviewOut:
    """Note what was learned, with what the figure is by the newest analysis."""
    made = targets.review_target(actor=request.auth, now=request.now, target_id=target_id, note=review.note)
    return _review(made)


@writes(router, "POST", "/targets/{target_id}/drop", scope=P.INSIGHTS_RUN, status=204)
def drop_target(request: ApiRequest, target_id: Path[UUID]) -> None:
    """Give a target up; the log keeps that it was there."""
    targets.drop_target(actor=request.auth, now=request.now, target_id=target_id)


def _of(target_id: UUID, request: ApiRequest) -> TargetOut:
    return _target(targets.one(target_id, today=staff.company().today(request.now)))


def _target(found: Progress) -> TargetOut:
    row: Target = found.target
    return TargetOut(
        id=row.id,
        indicator=Indicator(row.indicator),
        start=_text(row.start),
        start_date=row.start_date,
        goal=number_text(row.goal),
        due_date=row.due_date,
        reason=row.reason,
        set_at=row.set_at,
        set_by=row.set_by,
        course=str(found.course),
        actual=_text(found.actual),
        as_of_date=found.day,
        expected_now=_text(found.due_now),
        series=[TargetPointOut(as_of_date=day, value=number_text(value)) for day, value in found.series],
        reviews=[_review(one) for one in found.reviews],
    )


def _review(row: TargetReview) -> TargetReviewOut:
    return TargetReviewOut(
        id=row.id,
        actual=_text(row.actual),
        as_of_date=row.as_of_date,
        note=row.note,
        reviewed_at=row.reviewed_at,
        reviewed_by=row.reviewed_by,
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else number_text(value)
