"""What insights refuses."""

from django.utils.translation import gettext_lazy as _

from troth.kit.errors import ConflictError, InvalidError, NotFoundError


class LakeBusyError(ConflictError):
    """Another export of the same lake is running."""

    code = "lake_busy"

    def __init__(self) -> None:
        super().__init__(_("The analysis data is being written already; wait until that is done."))


class MeasureSettingsError(InvalidError):
    """A measure setting is outside its limits."""

    code = "measure_settings"


class ScoreNotFoundError(NotFoundError):
    """The customer has no score: no purchase yet, or no analysis since."""

    code = "score_not_found"


class ProspectNotFoundError(NotFoundError):
    """The customer stands on no rung below the first purchase: has an order, or wants no profile."""

    code = "prospect_not_found"

    def __init__(self) -> None:
        super().__init__(_("This customer is no prospect: has an order already, or wants no profile."))


class TargetRefusedError(InvalidError):
    """A target cannot be set or reviewed so."""

    code = "target_refused"


class TargetNotFoundError(NotFoundError):
    """No such target, or it was dropped."""

    code = "target_not_found"


class FactsRefusedError(InvalidError):
    """The recorded facts cannot be analysed as they are."""

    code = "facts_refused"
