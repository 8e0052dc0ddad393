"""What the library refuses, each with the table, the column, how many rows, and the way out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the facts: `code` for programs, the rest for people."""

    code: str
    table: str
    column: str
    rows: int
    what: str
    way_out: str

    def __str__(self) -> str:
        return f"{self.table}: {self.column}: {self.what}: {self.way_out}"


class ValueFault(ValueError):
    """Anything this library refuses; the message names the way out."""


class NoFrameError(ValueFault, TypeError):
    """What was given is no frame at all."""


class FactsError(ValueFault):
    """The facts cannot be computed with; `problems` lists every reason found, not only the first."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("; ".join(str(problem) for problem in problems))


class TermsError(ValueFault):
    """A setting of the calculation is outside its limits; `field` names it."""

    def __init__(self, field: str, given: object, limit: str) -> None:
        self.field = field
        self.given = given
        super().__init__(f"{field} {given!r}: {limit}")
