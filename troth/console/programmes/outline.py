"""A draft as a list of its parts in words, each with the way to its form and to its line in the text."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from troth.kit.documents.source import Path, Source
from troth.programs.document.reading import parse
from troth.programs.document.shapes import ProgrammeDocument
from troth.programs.words import Speaker

from . import telling
from .parts.forms import FORMS
from .telling import Part


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of part. is_ordered: whether the order of its parts has a meaning."""

    code: str
    title: str | Promise
    icon: str
    lead: str | Promise
    add: str | Promise = ""
    is_ordered: bool = False


KINDS = (
    Kind("rule", gettext_lazy("What earns"), "stars", gettext_lazy("When something happens, and what it gives."),
         gettext_lazy("Add a rule"), is_ordered=True),
    Kind("group", gettext_lazy("Groups of rules"), "stack-2", gettext_lazy("Of several rules that hold, which count."),
         gettext_lazy("Add a group of rules")),
    Kind("cap", gettext_lazy("Caps over several rules"), "lock",
         gettext_lazy("At most so much for one member, order, store."),
         gettext_lazy("Add a cap")),
    Kind("budget", gettext_lazy("Budgets"), "coins", gettext_lazy("At most so much for all members together."),
         gettext_lazy("Add a budget")),
    Kind("challenge", gettext_lazy("Challenges"), "target", gettext_lazy("A goal to reach, and what it gives."),
         gettext_lazy("Add a challenge")),
    Kind("streak", gettext_lazy("Streaks"), "bolt", gettext_lazy("So many days, weeks or months in a row."),
         gettext_lazy("Add a streak")),
    Kind("badge", gettext_lazy("Badges"), "award", gettext_lazy("Something to be proud of."),
         gettext_lazy("Add a badge")),
    Kind("tier", gettext_lazy("Tiers, from the lowest"), "stairs", gettext_lazy("What each asks for and brings."),
         gettext_lazy("Add a tier"), is_ordered=True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A part in the list."""

    place: str
    part: Part
    line: int
    is_first: bool = True
    is_last: bool = True


@dataclass(frozen=True, slots=True)
class Chapter:
    """The parts of a kind. before: what stands above them as a part of its own, by kind of form."""

    kind: Kind
    entries: list[Entry]
    before: list[tuple[str, Entry]]


def outline(document: ProgrammeDocument, text: str) -> dict[str, list[Chapter] | list[tuple[str, Entry]]]:
    """Return a document's parts: its basics, and chapter by chapter. text: what it was read from."""
    source, speaker = parse(text), Speaker(document)
    basics = [("head", _whole(speaker, source, "head")), ("excludes", _whole(speaker, source, "excludes"))]
    chapters = []
    for kind in KINDS:
        before = []
        if kind.code == "tier" and document.tiers is not None:
            before = [("ladder", _whole(speaker, source, "ladder"))]
        chapters.append(Chapter(kind, _entries(speaker, source, kind.code), before))
    return {"basics": basics, "chapters": chapters}


def _whole(speaker: Speaker, source: Source, code: str) -> Entry:
    path = FORMS[code].path
    found = telling.part_of(speaker, code, path)
    assert found is not None, "these parts are there"
    titles = {"head": _("Basics"), "excludes": _("What earns nothing"), "ladder": _("How tiers are counted and kept")}
    return Entry("one", Part("", titles[code], found.lead, found.facets), source.place(path)[0])


def _entries(speaker: Speaker, source: Source, code: str) -> list[Entry]:
    count = len(_parts(speaker.document, code))
    found = []
    for index in range(count):
        path: Path = (*FORMS[code].path, index)
        part = telling.part_of(speaker, code, path)
        if part is not None:
            found.append(Entry(str(index), part, source.place(path)[0], index == 0, index == count - 1))
    return found


def _parts(document: ProgrammeDocument, code: str) -> tuple[object, ...]:
    tiers = document.tiers.ladder if document.tiers else ()
    lists: dict[str, tuple[object, ...]] = {
        "rule": document.rules,
        "group": document.groups,
        "cap": document.caps,
        "budget": document.budgets,
        "challenge": document.challenges,
        "streak": document.streaks,
        "badge": document.badges,
        "tier": tiers,
    }
    return lists[code]
