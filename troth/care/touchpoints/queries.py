"""The journey map: each touchpoint with what customers feel there, measured where they were asked or complained."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Avg, Count, QuerySet

from troth.staff import queries as staff
from troth.value.voice.bands import BANDS, ScoreBands
from troth.voice.complaints import queries as complaints
from troth.voice.surveys import queries as surveys
from troth.voice.surveys.scoring import score_kind

from ..models import Stage, Touchpoint

WINDOW_DAYS = 90
FEW = 5
"""Fewer answers than this say too little to be shown as a feeling."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A touchpoint with what was measured in the window.

    score: the mean answer to the survey's main question; feeling: the same from 0 (bad) to 1 (good), None where nobody
    asked or too few answered; answers, complaints: how many since the day, today included, None where no survey or
    category is named; survey_id: of the survey with the answers, None without any.
    """

    touchpoint: Touchpoint
    score: float | None
    feeling: float | None
    answers: int | None
    complaints: int | None
    since: date
    survey_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """What a survey's main question was answered with: mean, how often, on which scale."""

    survey_id: UUID
    mean: float
    answers: int
    band: ScoreBands


def touchpoints(*, is_active: bool | None = True) -> QuerySet[Touchpoint]:
    """Return the touchpoints in the order of the way; None for those out of use too."""
    rows = Touchpoint.objects.select_related("owner").order_by("position", "code")
    return rows if is_active is None else rows.filter(is_active=is_active)


def journey_map(now: datetime) -> list[tuple[Stage, list[Measured]]]:
    """Return the touchpoints stage by stage, measured over the last ninety days; stages without one are left out."""
    rows = list(touchpoints())
    today = staff.company().today(now)
    since = today - timedelta(days=WINDOW_DAYS - 1)
    scores = _scores({row.survey for row in rows if row.survey}, since)
    counts = _complaints({row.category for row in rows if row.category}, since, today)
    found: dict[str, list[Measured]] = {}
    for row in sorted(rows, key=lambda one: (list(Stage).index(Stage(one.stage)), one.position)):
        found.setdefault(row.stage, []).append(_measured(row, scores, counts, since))
    return [(Stage(stage), points) for stage, points in found.items()]


def _measured(row: Touchpoint, scores: dict[str, Score], counts: dict[str, int], since: date) -> Measured:
    found = scores.get(row.survey)
    mean = found.mean if found and found.answers >= FEW else None
    return Measured(
        touchpoint=row,
        score=mean,
        feeling=None if found is None or mean is None else (mean - found.band.low) / (found.band.high - found.band.low),
        answers=(found.answers if found else 0) if row.survey else None,
        complaints=counts.get(row.category, 0) if row.category else None,
        since=since,
        survey_id=found.survey_id if found else None,
    )


def _scores(codes: set[str], since: date) -> dict[str, Score]:
    """Return mean, count and scale by survey code; surveys without a usual score, or without answers, are left out."""
    found = {}
    for survey in surveys.surveys().filter(code__in=codes):
        document = surveys.document(survey)
        kind = score_kind(document) if document else None
        sheets = surveys.sheets(survey.id).filter(measured_date__gte=since, score__isnull=False).order_by()
        numbers = sheets.aggregate(mean=Avg("score"), count=Count("id"))
        if kind and numbers["count"]:
            found[survey.code] = Score(survey.id, float(numbers["mean"]), numbers["count"], BANDS[kind])
    return found


def _complaints(codes: set[str], since: date, until: date) -> dict[str, int]:
    """Return how many complaints came in by category, with what lies below it."""
    return {code: complaints.counted(since, until, category=code).count() for code in sorted(codes)}
