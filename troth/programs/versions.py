"""Published versions, ready to evaluate, and which was in force when."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from troth.kit.statements import Written
from troth.staff import queries as staff

from .compiled import CompiledProgramme
from .compiling import compile_programme
from .document.reading import stored_document
from .document.shapes import ProgrammeDocument
from .models import ProgrammeVersion
from .tiers import Ladder, ladder_of

_PUBLISHED = Written(
    lambda: ProgrammeVersion.objects.values_list("programme_id", "programme__archived_at", "effective_at", "id")
)


@dataclass(frozen=True, slots=True)
class Version:
    """A version ready to evaluate. zone: the programme's, in which its days begin; ladder: None without tiers."""

    id: UUID
    number: int
    programme_id: UUID
    programme_code: str
    zone: ZoneInfo
    compiled: CompiledProgramme
    ladder: Ladder | None

    def day(self, moment: datetime) -> date:
        """Return the programme's day of a moment."""
        return moment.astimezone(self.zone).date()


class _Entry(NamedTuple):
    effective_at: datetime
    version_id: UUID


class Timeline:
    """Which version of each programme is in force when, as published by now."""

    def __init__(self, rows: Iterable[tuple[UUID, datetime | None, datetime, UUID]]) -> None:
        self._entries: dict[UUID, list[_Entry]] = {}
        self._ends: dict[UUID, datetime | None] = {}
        for programme_id, archived_at, effective_at, version_id in sorted(rows, key=lambda row: (str(row[0]), row[2])):
            self._entries.setdefault(programme_id, []).append(_Entry(effective_at, version_id))
            self._ends[programme_id] = archived_at

    def at(self, moment: datetime) -> list[Version]:
        """Return the version in force of every programme at a moment, always in the same order."""
        return [found for programme_id in self._entries if (found := self.of(programme_id, moment)) is not None]

    def versions(self) -> list[Version]:
        """Return every published version of every programme, each programme's in their order."""
        return [version(entry.version_id) for entries in self._entries.values() for entry in entries]

    def begins_at(self) -> datetime:
        """Return when the first version of all came, or comes, into force.

        Raises:
            ValueError: nothing was ever published.
        """
        return min(entries[0].effective_at for entries in self._entries.values())

    def of(self, programme_id: UUID, moment: datetime) -> Version | None:
        """Return a programme's version in force at a moment, None before the first and after the programme's end."""
        end = self._ends.get(programme_id)
        entries = self._entries.get(programme_id, [])
        index = bisect_right(entries, moment, key=lambda entry: entry.effective_at)
        if index == 0 or (end is not None and moment >= end):
            return None
        return version(entries[index - 1].version_id)

    def version(self, version_id: UUID) -> Version:
        """Return any published version; see `version`."""
        return version(version_id)


def timeline() -> Timeline:
    """Return all published versions; one small query."""
    return Timeline(_PUBLISHED.fetch())


@lru_cache(maxsize=64)
def version(version_id: UUID) -> Version:
    """Return a published version ready to evaluate; versions never change, so each is compiled once a process.

    Raises:
        ProgrammeVersion.DoesNotExist: no such version.
    """
    row = ProgrammeVersion.objects.select_related("programme").get(id=version_id)
    document = stored_document(row.document)
    return ready(document, version_id=row.id, number=row.number, programme_id=row.programme_id)


def ready(document: ProgrammeDocument, *, version_id: UUID, number: int, programme_id: UUID) -> Version:
    """Return a document, also a draft's, as a version ready to evaluate."""
    zone = ZoneInfo(document.time_zone or staff.company().time_zone)
    compiled = compile_programme(document)
    return Version(version_id, number, programme_id, document.programme, zone, compiled, ladder_of(document))
