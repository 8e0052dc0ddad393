"""When a message may go out by the clock on the person's wall: over midnight, on weekdays, across clock changes."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from .policies import Hours

_LONGEST = timedelta(days=9)


def is_open(moment: datetime, hours: Hours, zone: ZoneInfo) -> bool:
    """Tell whether a message may go out at an aware moment."""
    local = moment.astimezone(zone)
    return local.isoweekday() in hours.weekdays and not _is_quiet(local.time(), hours)


def next_open(moment: datetime, hours: Hours, zone: ZoneInfo) -> datetime | None:
    """Return the first moment from the given one on at which a message may go out; None if no weekday is allowed.

    It walks from one boundary on the wall clock to the next. Where the clock is changed on the way, it stops at the
    change first, because beyond it the boundary is nearer or farther than it looked.
    """
    latest = moment + _LONGEST
    while moment <= latest:
        if is_open(moment, hours, zone):
            return moment
        boundary = moment + _until_boundary(moment.astimezone(zone), hours)
        moment = _clock_change(moment, boundary, zone) or boundary
    return None


def _is_quiet(local: time, hours: Hours) -> bool:
    start, end = hours.quiet_from, hours.quiet_until
    if start is None or end is None:
        return False
    if start < end:
        return start <= local < end
    return local >= start or local < end


def _until_boundary(local: datetime, hours: Hours) -> timedelta:
    """Return how long it is on the wall clock until the quiet hours end or the day does, whichever is first."""
    wall = local.replace(tzinfo=None)
    midnight = datetime.combine(wall.date() + timedelta(days=1), time.min)
    if hours.quiet_until is None:
        return midnight - wall
    end = datetime.combine(wall.date(), hours.quiet_until)
    return min(midnight, end if end > wall else midnight) - wall


def _clock_change(start: datetime, end: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the moment after `start`, up to `end`, at which the zone's clock is changed; None if it is not."""
    if start.astimezone(zone).utcoffset() == end.astimezone(zone).utcoffset():
        return None
    before, after = start, end
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        is_before = middle.astimezone(zone).utcoffset() == start.astimezone(zone).utcoffset()
        before, after = (middle, after) if is_before else (before, middle)
    return after.replace(microsecond=0)
