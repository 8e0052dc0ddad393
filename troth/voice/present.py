"""What counts as now: the present, or the day that a demonstration stands still on."""

from datetime import datetime

from troth.kit import clock
from troth.staff import queries as staff


def present() -> datetime:
    """Return the moment that complaints are opened, answered and counted at."""
    return staff.moment(clock.utc_now())
