"""Regular work of complaints, asked for by whatever first needs it."""

from datetime import datetime, timedelta

from troth.jobs import services as jobs

WATCH = "voice.watch_cases"
RECOVERY = "voice.measure_recovery"
MAILBOX = "voice.read_mailbox"
EVERY = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)
DAILY = timedelta(days=1)


def schedule_escalation(now: datetime) -> None:
    """Have deadlines and missing words looked after every five minutes from now on, and what it earns once a day."""
    jobs.schedule(WATCH, every=EVERY, first_at=now + EVERY)
    jobs.schedule(RECOVERY, every=DAILY, first_at=now + timedelta(hours=12))


def schedule_mailbox(now: datetime) -> None:
    """Have the maildir emptied every minute from now on."""
    jobs.schedule(MAILBOX, every=MINUTE, first_at=now)
