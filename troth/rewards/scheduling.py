"""Regular work of rewards, asked for by whatever first needs it."""

from datetime import datetime, timedelta

from troth.jobs import services as jobs
from troth.kit import clock
from troth.staff import queries as staff

EXPIRE = "rewards.expire"
BIRTHDAYS = "rewards.birthdays"
EXPIRE_EVERY = timedelta(minutes=10)
MORNING_HOUR = 6


def schedule_expiry(now: datetime) -> None:
    """Have what ends by itself ended every ten minutes from now on."""
    jobs.schedule(EXPIRE, every=EXPIRE_EVERY, first_at=now + EXPIRE_EVERY)


def schedule_birthdays(now: datetime) -> None:
    """Have birthday gifts given every morning of the company's day from tomorrow on."""
    zone = staff.company().time_zone
    tomorrow = clock.business_date(now, zone) + timedelta(days=1)
    morning = clock.day_start(tomorrow, zone) + timedelta(hours=MORNING_HOUR)
    jobs.schedule(BIRTHDAYS, every=timedelta(days=1), first_at=morning)
