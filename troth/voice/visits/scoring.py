"""A checklist's shape and the score of a visit: pure, in whole hundredths from 0 to 10,000."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from .errors import ChecklistRefusedError

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Item(_Part):
    """One thing to look at. weight: against the others; points: the most it can get; is_critical: 0 fails the visit."""

    key: Key
    text: Text
    text_zh: Annotated[str, StringConstraints(max_length=300)] = ""
    weight: Annotated[int, Field(ge=1, le=100)] = 1
    points: Annotated[int, Field(ge=1, le=10)] = 1
    is_critical: bool = False


class Section(_Part):
    """Items that belong together."""

    title: Text
    title_zh: Annotated[str, StringConstraints(max_length=300)] = ""
    items: Annotated[list[Item], Field(min_length=1, max_length=60)]


class ChecklistDocument(_Part):
    """A whole checklist."""

    sections: Annotated[list[Section], Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def _keys_once(self) -> "ChecklistDocument":
        keys = [item.key for item in self.items]
        if len(keys) != len(set(keys)):
            raise ValueError("each item has a key of its own")
        return self

    @property
    def items(self) -> list[Item]:
        """Return all items in order."""
        return [item for section in self.sections for item in section.items]


@dataclass(frozen=True, slots=True)
class Score:
    """hundredths: 0 to 10,000; failed_key: the first critical item that got nothing, "" for none."""

    hundredths: int
    failed_key: str


def read_checklist(document: dict[str, Any]) -> ChecklistDocument:
    """Return the document checked.

    Raises:
        ChecklistRefusedError: names the first field that breaks its rule.
    """
    try:
        return ChecklistDocument.model_validate(document)
    except ValidationError as invalid:
        first = invalid.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ChecklistRefusedError(f"{place}: {first['msg']}", field=place) from invalid


def score_of(document: ChecklistDocument, points: Mapping[str, int | None]) -> Score | None:
    """Return the weighted share of points, half a hundredth up; what did not apply (None) counts neither way.

    None where nothing applied. Every item has a mark between 0 and its points: see `services.score_visit`.
    """
    got, weight = Fraction(0), 0
    failed = ""
    for item in document.items:
        mark = points[item.key]
        if mark is None:
            continue
        got += Fraction(item.weight * mark, item.points)
        weight += item.weight
        if item.is_critical and mark == 0 and not failed:
            failed = item.key
    if not weight:
        return None
    return Score(int(got / weight * 10_000 + Fraction(1, 2)), failed)
