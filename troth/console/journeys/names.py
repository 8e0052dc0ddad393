"""What codes in a document are called, asked once for each page."""

from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from troth.care.journeys.document.kinds import (
    DATES,
    ENTRY_KINDS,
    PURPOSES,
    RULES,
    STEP_KINDS,
    WEEKDAYS,
    Kind,
    Parameter,
)
from troth.care.journeys.fields import catalogue_of, event_catalogue
from troth.console import formats
from troth.kit.conditions.errors import ConditionInvalidError
from troth.segments import queries as segments

__all__ = ["DATES", "ENTRY_KINDS", "PURPOSES", "RULES", "STEP_KINDS", "WEEKDAYS", "Names"]


class Names:
    """The names of a document's codes. event: what the journey's entry waits for, "" where nothing."""

    def __init__(self, event: str = "") -> None:
        self.event = event
        self._known: dict[int, dict[str, str]] = {}

    def choices(self, parameter: Parameter) -> dict[str, str]:
        """Return what may be chosen for a parameter, by code."""
        if parameter.choices is None:
            return {}
        if id(parameter) not in self._known:
            self._known[id(parameter)] = {code: str(label) for code, label in parameter.choices().items()}
        return self._known[id(parameter)]

    def label(self, kind: Kind, code: str, value: Any) -> str:
        """Return how people read a value of a parameter; one that is not known is shown as it is written."""
        parameter = next((one for one in kind.parameters if one.code == code), None)
        known = self.choices(parameter) if parameter else {}
        return known.get(str(value), str(value))

    @cached_property
    def customer_fields(self) -> Any:
        """Return what branches, exits and the audience may ask."""
        return catalogue_of(self.event)

    @cached_property
    def _words(self) -> Any:
        return segments.words(self.customer_fields)

    def condition(self, raw: Any, *, of_event: str = "") -> str:
        """Return a condition as a sentence, "" for none; what cannot be read says so. of_event: asked of its data."""
        if not raw or raw in ({"all": []}, {"any": []}):
            return ""
        fields = event_catalogue(of_event) if of_event else self.customer_fields
        words = segments.words(fields) if of_event else self._words
        try:
            return str(words.sentence(segments.condition_of(raw, fields)))
        except ConditionInvalidError as error:
            return str(error)
        except (TypeError, ValueError, AttributeError):
            return _("This condition cannot be read; open it.")


def named(value: Any) -> str:
    """Return a name of a document in the language in use; "" where there is none."""
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return ""
    english, chinese = str(value.get("en") or ""), str(value.get("zh") or "")
    return (chinese or english) if formats.is_chinese() else (english or chinese)
