"""The delivered value of a survey, as the API tells it."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from troth.value.voice.marks import Rated
from troth.voice.surveys.given import US
from troth.voice.surveys.results import ValueParts

from .survey_schemas import DeliveredQuestionOut, DeliveredValueOut, PartMarkOut

FIGURES = [one.name for one in fields(Rated) if one.name not in ("who", "people")]


def delivered(one: ValueParts) -> DeliveredQuestionOut:
    """Return a question's figures by who was rated, us first."""
    names = {rival.code: rival.text for rival in one.question.rivals}
    placed: Mapping[str, dict[str, Any]] = {} if one.map is None else {row["name"]: row for row in one.map.to_dicts()}
    rated = []
    for who, means in one.means.items():
        sums, place = one.sums.get(who), placed.get(who, {})
        rated.append(
            DeliveredValueOut(
                who=who,
                name="" if who == US else names[who].en,
                name_zh="" if who == US else names[who].zh,
                answers=sums.people if sums else one.counts[who],
                parts=[PartMarkOut(part=str(part), mark=means[part]) for part in one.question.parts if part in means],
                **{name: getattr(sums, name) if sums else None for name in FIGURES},
                **{name: place.get(name) for name in ("relative_quality", "relative_price", "place")},
            )
        )
    return DeliveredQuestionOut(question=one.question.code, rated=rated)
