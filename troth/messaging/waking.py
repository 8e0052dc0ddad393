"""Having the delivery run as soon as there is something to deliver."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from troth.access.actors import system_actor
from troth.jobs import services as jobs
from troth.jobs.errors import JobAlreadyActiveError

DELIVER = "messaging.deliver"
TEND = "messaging.tend"
TEND_EVERY = timedelta(minutes=1)
ACTOR = system_actor("messaging")


def wake(channels: Iterable[str], now: datetime) -> None:
    """Ask for the delivery of each channel, unless it is waiting or running already; called within a transaction."""
    for channel in sorted(channels):
        try:
            jobs.enqueue(DELIVER, actor=ACTOR, now=now, payload={"channel": channel}, unique_key=channel)
        except JobAlreadyActiveError:
            continue


def schedule(now: datetime) -> None:
    """Have the queue tended every minute from now on."""
    jobs.schedule(TEND, every=TEND_EVERY, first_at=now + TEND_EVERY)
