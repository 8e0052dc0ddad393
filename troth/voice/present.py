"""What counts as now: the present, or the day that a demonstration stands still on."""

from datetime import datetime

from troth.kit import clock
from troth.staff import queries as staff


def present() -> datetime:
    """Return the moment that complaints are opened, answered and counted at."""
    company = staff.company_or_none()
    now = clock.utc_now()
    return company.moment(now) if company else now
