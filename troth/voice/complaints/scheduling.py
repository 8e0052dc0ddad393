"""Regular work of complaints, asked for by whatever first needs it."""

from datetime import datetime, timedelta

from troth.jobs import services as jobs

WATCH = "voice.watch_cases"
EVERY = timedelta(minutes=5)


def schedule_escalation(now: datetime) -> None:
    """Have deadlines and missing words looked after every five minutes from now on."""
    jobs.schedule(WATCH, every=EVERY, first_at=now + EVERY)
