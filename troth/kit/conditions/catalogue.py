"""The catalogue: subjects (customer, order …) and the fields that modules registered for each."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from .fields import AsOf, Field, Rowset, Text


@dataclass(frozen=True, slots=True)
class Subject:
    """What a condition is about.

    records: the rows that may match, by primary key; aliases: record -> canonical, for rows merged into
    others, as a queryset of values named `record` and `canonical`; None where records come from Python only.
    """

    code: str
    label: Text
    records: Callable[[AsOf], Rowset] | None = None
    aliases: Callable[[], Rowset] | None = None


Provider = Callable[[], Iterable[Field]]

_subjects: dict[str, Subject] = {}
_fields: dict[str, dict[str, Field]] = {}
_providers: dict[str, list[Provider]] = {}


class Catalogue:
    """The fields of one subject as they are now.

    withheld: fields that exist but may not be asked by here; withheld_for: what somebody would need to hold.
    """

    def __init__(
        self, subject: Subject, fields: Iterable[Field], *, withheld: Iterable[Field] = (), withheld_for: Text = ""
    ) -> None:
        self.subject = subject
        ordered = sorted(fields, key=lambda one: (one.group.order, one.group.code, one.order, one.code))
        self._fields = {one.code: one for one in ordered}
        self.withheld = {one.code: one for one in withheld}
        self.withheld_for = withheld_for

    def withholding_personal(self, permission: Text) -> "Catalogue":
        """Return the catalogue for somebody who may not see personal data, and so may not ask by them.

        permission: what that would need, for the refusal.
        """
        return Catalogue(
            self.subject,
            [one for one in self if not one.is_personal],
            withheld=[one for one in self if one.is_personal],
            withheld_for=permission,
        )

    def __getitem__(self, code: str) -> Field:
        return self._fields[code]

    def __contains__(self, code: str) -> bool:
        return code in self._fields

    def __iter__(self) -> Iterator[Field]:
        return iter(self._fields.values())

    def __len__(self) -> int:
        return len(self._fields)


def declare(subject: Subject) -> None:
    """Declare a subject.

    Raises:
        ValueError: the code is taken.
    """
    if subject.code in _subjects:
        raise ValueError(f"subject {subject.code!r} is declared twice")
    _subjects[subject.code] = subject


def register(subject: str, *fields: Field) -> None:
    """Register fields of a subject; the subject itself may be declared later.

    Raises:
        ValueError: a code is taken or is not "group.name".
    """
    known = _fields.setdefault(subject, {})
    for one in fields:
        if one.code.count(".") != 1:
            raise ValueError(f"field code {one.code!r} is not group.name")
        if one.code in known:
            raise ValueError(f"field {one.code!r} of {subject!r} is registered twice")
        known[one.code] = one


def provide(subject: str, provider: Provider) -> None:
    """Register a function that returns fields depending on what is stored, such as attributes."""
    _providers.setdefault(subject, []).append(provider)


def catalogue(subject: str) -> Catalogue:
    """Return the subject's fields as they are now; reads the database where providers do.

    Raises:
        LookupError: nobody declared the subject.
    """
    if subject not in _subjects:
        raise LookupError(f"subject {subject!r} is not declared")
    found = list(_fields.get(subject, {}).values())
    for provider in _providers.get(subject, []):
        found.extend(provider())
    return Catalogue(_subjects[subject], found)


def subjects() -> list[Subject]:
    """Return every declared subject."""
    return list(_subjects.values())
