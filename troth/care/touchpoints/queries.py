"""The journey map: each touchpoint with what customers feel there, measured where they were asked or complained."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Avg, Count, QuerySet

from troth.staff import queries as staff
from troth.value.voice.bands import BANDS, ScoreBands, ScoreKind
from troth.voice.complaints import queries as complaints
from troth.voice.surveys import queries as surveys
from troth.voice.surveys.scoring import score_kind

from ..models import Stage, Touchpoint

WINDOW = timedelta(days=90)
FEW = 5
"""Fewer answers than this say too little to be shown as a feeling."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A touchpoint with what was measured in the window.

    score: the mean answer to the survey's main question; feeling: the same from 0 (bad) to 1 (good), None where nobody
    asked or too few answered; answers, complaints: how many, None where no survey or category is named.
    """

    touchpoint: Touchpoint
    score: float | None
    feeling: float | None
    answers: int | None
    complaints: int | None


def touchpoints(*, is_active: bool | None = True) -> QuerySet[Touchpoint]:
    """Return the touchpoints in the order of the way; None for those out of use too."""
    rows = Touchpoint.objects.select_related("owner").order_by("position", "code")
    return rows if is_active is None else rows.filter(is_active=is_active)


def journey_map(now: datetime) -> list[tuple[Stage, list[Measured]]]:
    """Return the touchpoints stage by stage, measured over the last ninety days; stages without one are left out."""
    rows = list(touchpoints())
    since = staff.company().today(now) - WINDOW
    scores = _scores({row.survey for row in rows if row.survey}, since)
    counts = _complaints({row.category for row in rows if row.category}, staff.company().moment(now) - WINDOW)
    found: dict[str, list[Measured]] = {}
    for row in sorted(rows, key=lambda one: (list(Stage).index(Stage(one.stage)), one.position)):
        found.setdefault(row.stage, []).append(_measured(row, scores, counts))
    return [(Stage(stage), points) for stage, points in found.items()]


def _measured(row: Touchpoint, scores: dict[str, tuple[float, int, ScoreBands]], counts: dict[str, int]) -> Measured:
    mean, answers, band = scores.get(row.survey, (0.0, 0, BANDS[ScoreKind.NPS]))
    is_told = answers >= FEW
    return Measured(
        touchpoint=row,
        score=mean if is_told else None,
        feeling=(mean - band.low) / (band.high - band.low) if is_told else None,
        answers=answers if row.survey else None,
        complaints=counts.get(row.category, 0) if row.category else None,
    )


def _scores(codes: set[str], since: date) -> dict[str, tuple[float, int, ScoreBands]]:
    """Return mean, count and scale by survey code; surveys without a usual score, or without answers, are left out."""
    found = {}
    for survey in surveys.surveys().filter(code__in=codes):
        document = surveys.document(survey)
        kind = score_kind(document) if document else None
        sheets = surveys.sheets(survey.id).filter(measured_date__gte=since, score__isnull=False).order_by()
        numbers = sheets.aggregate(mean=Avg("score"), count=Count("id"))
        if kind and numbers["count"]:
            found[survey.code] = (float(numbers["mean"]), numbers["count"], BANDS[kind])
    return found


def _complaints(codes: set[str], since: datetime) -> dict[str, int]:
    """Return how many complaints came in by category."""
    rows = complaints.cases().filter(category__code__in=codes, opened_at__gte=since, merged_into_id=None).order_by()
    return dict(rows.values_list("category__code").annotate(Count("id")))
