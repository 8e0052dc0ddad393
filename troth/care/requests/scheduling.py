"""Regular work of service requests, asked for by whatever first needs it."""

from datetime import datetime, timedelta

from troth.jobs import services as jobs

FOLLOW = "care.follow_services"
EVERY = timedelta(minutes=2)


def schedule_following(now: datetime) -> None:
    """Have requests follow their technicians' tasks from now on."""
    jobs.schedule(FOLLOW, every=EVERY, first_at=now + EVERY)
