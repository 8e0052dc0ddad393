"""What staff refuses."""

from django.utils.translation import gettext_lazy as _

from troth.kit.errors import InvalidError, NotFoundError


class CompanyMissingError(NotFoundError):
    """The installation has no company yet."""

    code = "company_missing"

    def __init__(self) -> None:
        super().__init__(_("No company is set up yet. Run “troth migrate” and “troth createuser”, or “troth demo”."))


class CompanyRefusedError(InvalidError):
    """A company setting breaks its rule."""

    code = "company_refused"


class StaffRefusedError(InvalidError):
    """A store or member of staff cannot be stored this way."""

    code = "staff_refused"


class StaffNotFoundError(NotFoundError):
    """No store or member of staff has the code."""

    code = "staff_not_found"

    def __init__(self, code: str) -> None:
        text = _("There is no store or member of staff with the code “%(code)s”.")
        super().__init__(text % {"code": code}, value=code)
