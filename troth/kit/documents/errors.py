"""What is wrong in a document."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar

from django.utils.translation import gettext as _

from troth.kit.errors import InvalidError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a document: line and column count from 1; path as in `rules[2].effect.points`."""

    line: int
    column: int
    path: str
    code: str
    message: str


class DocumentError(InvalidError):
    """The text is no document of its kind; `problems` names every wrong with its line and the way out.

    first_key: what a document of the kind begins with.
    """

    first_key: ClassVar[str]

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda one: (one.line, one.column)))
        first = self.problems[0]
        place = {"line": first.line, "path": first.path or "/", "message": first.message}
        message = _("line %(line)d: %(path)s: %(message)s") % place
        super().__init__(message, problems=[asdict(one) for one in self.problems])
