"""What surveys refuse."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.utils.translation import gettext as _

from troth.kit.errors import ConflictError, InvalidError, NotFoundError, TrothError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: where ("pages[0].questions[2].options", or a question's code), a code, a sentence."""

    path: str
    code: str
    message: str


class SurveyInvalidError(InvalidError):
    """The document cannot be a survey; `problems` names every wrong with its place and the way out."""

    code = "survey_invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        message = _("%(path)s: %(message)s") % {"path": first.path or "/", "message": first.message}
        super().__init__(message, problems=[asdict(one) for one in self.problems])


class AnswerRefusedError(InvalidError):
    """Answers do not fit their questions; `problems` names each by the question's code. Nothing was kept."""

    code = "answer_refused"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        message = _("%(path)s: %(message)s") % {"path": first.path, "message": first.message}
        super().__init__(message, problems=[asdict(one) for one in self.problems])


class SurveyNotFoundError(NotFoundError):
    """No such survey, or no such version of it."""

    code = "survey_not_found"

    def __init__(self, name: object) -> None:
        super().__init__(_("There is no survey “%(name)s”.") % {"name": name}, survey=str(name))


class SheetNotFoundError(NotFoundError):
    """No such answer sheet."""

    code = "answer_sheet_not_found"

    def __init__(self, name: object) -> None:
        super().__init__(_("There is no answer sheet %(name)s.") % {"name": name}, sheet=str(name))


class SurveyRefusedError(InvalidError):
    """A value of a survey or of its sending breaks its rule."""

    code = "survey_refused"


class SurveyStateError(ConflictError):
    """The survey is not in a state in which this could be done."""

    code = "survey_state"


class SurveyChangedError(ConflictError):
    """Somebody else saved the draft meanwhile."""

    code = "survey_changed"


class LinkRefusedError(NotFoundError):
    """The address leads to no survey: cut off, changed, or of a survey that is gone."""

    code = "survey_link_refused"

    def __init__(self) -> None:
        super().__init__(_("This link leads nowhere. Open it again from the message you got, whole."))


class SurveyOverError(ConflictError):
    """The survey takes no more answers: closed, full, or the invitation ended."""

    code = "survey_over"


class AlreadyAnsweredError(ConflictError):
    """This invitation, or this device, has answered already: one answer each."""

    code = "already_answered"

    def __init__(self) -> None:
        super().__init__(_("This survey has been answered already. Thank you!"))


class AnswerTooLargeError(InvalidError):
    """More was sent than any answer needs; nothing was kept."""

    code = "answer_too_large"
    status = 413


class TooManyRequestsError(TrothError):
    """One address sent too many pages in a minute."""

    code = "too_many_requests"
    status = 429

    def __init__(self) -> None:
        super().__init__(_("Too many answers came from your connection just now. Please try again in a minute."))
