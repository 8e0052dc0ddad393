"""When the log is looked through for what may earn."""

from datetime import datetime, timedelta

from troth.jobs import services as jobs

REWARD_EVENTS = "sales.reward_events"
EVERY = timedelta(minutes=1)


def schedule_rewards(now: datetime) -> None:
    """Look through the log every minute from now on."""
    jobs.schedule(REWARD_EVENTS, every=EVERY, first_at=now + EVERY)
