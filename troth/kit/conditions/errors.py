"""What the condition language refuses."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from troth.kit.errors import ForbiddenError, InvalidError

WITHHELD = "field_withheld"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: where in the tree ("all[1].value"; the root is ""), a code, a sentence for people."""

    path: str
    code: str
    message: str


class ConditionInvalidError(InvalidError):
    """The condition cannot be understood; `problems` names every wrong with its place and the way out.

    Where the only wrong is that somebody may not ask by a field, the status says so: 403.
    """

    code = "condition_invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        message = _("The condition at %(path)s: %(message)s") % {
            "path": first.path or "/",
            "message": first.message,
        }
        listed = [{"path": one.path, "code": one.code, "message": one.message} for one in self.problems]
        super().__init__(message, problems=listed)
        if all(one.code == WITHHELD for one in self.problems):
            self.status = ForbiddenError.status


class RecordIncompleteError(LookupError):
    """A record to be judged lacks a field that the condition reads; unknown values are given as None."""
