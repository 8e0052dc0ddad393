"""What changed between two versions, line by line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """One line: same, gone or new."""

    state: str
    text: str


@dataclass(frozen=True, slots=True)
class Changed:
    """One part of a template that differs: its place ("zh-hans.email.subject") and its lines."""

    place: str
    lines: tuple[Line, ...]


def compared(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Changed]:
    """Return the parts that differ, in the order of the newer document."""
    before, after = dict(_parts(old)), dict(_parts(new))
    places = [*after, *(place for place in before if place not in after)]
    return [
        Changed(place, tuple(_lines(before.get(place, ""), after.get(place, ""))))
        for place in places
        if before.get(place, "") != after.get(place, "")
    ]


def _parts(document: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, str]]:
    for name, value in document.items():
        where = f"{place}.{name}".removeprefix(".languages").removeprefix(".")
        if isinstance(value, Mapping):
            yield from _parts(value, where)
        elif isinstance(value, list):
            yield where, "\n".join(", ".join(f"{key}: {part}" for key, part in one.items()) for one in value)
        else:
            yield where, str(value)


def _lines(old: str, new: str) -> Iterator[Line]:
    before, after = old.split("\n"), new.split("\n")
    for tag, start, end, other_start, other_end in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (Line("same", text) for text in before[start:end])
            continue
        yield from (Line("gone", text) for text in before[start:end] if text)
        yield from (Line("new", text) for text in after[other_start:other_end] if text)
