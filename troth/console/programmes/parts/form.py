"""A form of a part: its sections, what it reads from a posted form, and what it draws of a part."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from troth.kit.documents.source import Path

from .inputs import Input, Surroundings, Text, at


@dataclass(frozen=True, slots=True)
class Section:
    """Inputs under a heading. is_open: shown at once, not only once something stands in it."""

    title: Text
    inputs: tuple[Input, ...]
    lead: Text = ""
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class PartForm:
    """A part. path: of its list, or of itself; keys: what of it the form has, all of it where empty."""

    path: Path
    title: Text
    new_title: Text
    sections: tuple[Section, ...]
    is_list: bool = True
    keys: tuple[str, ...] = ()
    finish: Callable[[dict[str, Any]], dict[str, Any]] = lambda part: part

    def inputs(self) -> Iterator[Input]:
        """Yield every input."""
        for section in self.sections:
            yield from section.inputs

    def read(self, before: Any, form: QueryDict) -> dict[str, Any]:
        """Return the part that was posted, its keys in the order in which they stood."""
        found: dict[str, Any] = {}
        for one in self.inputs():
            if one.shown is None or one.shown.holds(form):
                one.put(found, form)
                one.keep(before, found)
        found = self.finish(found)
        known = [key for key in before if key in found] if isinstance(before, dict) else []
        return {key: found[key] for key in [*known, *(key for key in found if key not in known)]}


@dataclass(frozen=True, slots=True)
class Drawn:
    """An input with what it holds. id: in the page."""

    id: str
    input: Input
    holds: dict[str, Any]
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class DrawnSection:
    """A section with what its inputs hold."""

    section: Section
    inputs: list[Drawn]
    is_open: bool


def drawn(form: PartForm, part: Any, around: Surroundings) -> list[DrawnSection]:
    """Return a form with what a part holds."""
    values = _controls(form, part, around)
    found = []
    for place, section in enumerate(form.sections):
        inputs = [
            Drawn(
                f"field-{place}-{number}",
                one,
                one.drawn(part, around),
                one.shown is not None and not one.shown.holds(values),
            )
            for number, one in enumerate(section.inputs)
        ]
        is_used = any(at(part, one.path) not in (None, {}, []) for one in section.inputs if one.path)
        found.append(DrawnSection(section, inputs, section.is_open or is_used))
    return found


def _controls(form: PartForm, part: Any, around: Surroundings) -> dict[str, Any]:
    """Return the values that decide what else belongs."""
    wanted = {one.shown.name for one in form.inputs() if one.shown}
    return {one.name: one.drawn(part, around).get("value", "") for one in form.inputs() if one.name in wanted}
