"""What complaints refuse."""

from datetime import datetime

from django.utils.translation import gettext as _

from troth.kit.errors import ConflictError, InvalidError, NotFoundError


class CaseNotFoundError(NotFoundError):
    """No such case."""

    code = "case_not_found"

    def __init__(self, number: str) -> None:
        text = _("There is no case %(number)s. Read the number again, digit by digit.")
        super().__init__(text % {"number": number}, number=number)


class CaseRefusedError(InvalidError):
    """A field of a case breaks its rule."""

    code = "case_refused"


class CaseStateError(ConflictError):
    """The case does not stand where this could be done."""

    code = "case_state"


class CaseChangedError(ConflictError):
    """Somebody else changed the case meanwhile."""

    code = "case_changed"

    def __init__(self, revision: int) -> None:
        text = _("Somebody changed the case meanwhile. Reload the page, look at it, and do it again.")
        super().__init__(text, revision=revision)


class ArrivalConflictError(ConflictError):
    """Something else came in under the same key."""

    code = "case_key_conflict"

    def __init__(self, key: str) -> None:
        text = _("The key “%(key)s” was used for another complaint; use a new one.")
        super().__init__(text % {"key": key[:60]}, field="key", value=key[:60])


class PhotoRefusedError(InvalidError):
    """A file is no picture, too large, or one too many."""

    code = "case_photo_refused"


class EmailRefusedError(InvalidError):
    """A message cannot be read as a complaint."""

    code = "case_email_refused"


class RemedyRefusedError(InvalidError):
    """A field of a remedy breaks its rule or its limit."""

    code = "case_remedy_refused"


class RemedyStateError(ConflictError):
    """The remedy is not one that waits, or the same person asked for it."""

    code = "case_remedy_state"


class RemedyNotFoundError(NotFoundError):
    """No such remedy."""

    code = "case_remedy_not_found"

    def __init__(self, remedy_id: object) -> None:
        super().__init__(_("There is no remedy %(id)s.") % {"id": remedy_id}, remedy=str(remedy_id))


class CategoryRefusedError(InvalidError):
    """A field of a category or cause breaks its rule."""

    code = "case_category_refused"


class PolicyRefusedError(InvalidError):
    """A field of the rules of complaints breaks its rule."""

    code = "case_policy_refused"


class WordRefusedError(ConflictError):
    """The customer's word is not asked for, or not any more."""

    code = "case_word_refused"


class ImprovementRefusedError(InvalidError):
    """A field of an improvement breaks its rule."""

    code = "improvement_refused"


class ImprovementNotFoundError(NotFoundError):
    """No such improvement."""

    code = "improvement_not_found"

    def __init__(self, improvement_id: object) -> None:
        super().__init__(_("There is no improvement %(id)s.") % {"id": improvement_id}, improvement=str(improvement_id))


class RateLimitedError(ConflictError):
    """Too many complaints from one place in a short time."""

    code = "case_rate_limited"
    status = 429

    def __init__(self, until: datetime) -> None:
        text = _("Too many messages came from here. Try again in some minutes, or call us.")
        super().__init__(text, retry_at=until.isoformat())
