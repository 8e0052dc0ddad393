"""When a contact may go out: quiet hours in the person's zone, caps over all journeys, whether it is too late."""

from bisect import insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from troth.kit import clock

from .intents import Candidate, Result, Verdict
from .policies import Cap, Hours, Terms
from .quiet_hours import next_open

HOURS, CAPS, RELEVANCE = "hours", "caps", "relevance"

_ANY_TIME = Hours()
_TRIES = 62


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another message to the same person that counts: when it went out, or will; the higher of two ranks goes first."""

    contact_id: UUID
    purpose: str
    content_hash: str
    at: datetime
    is_waiting: bool
    rank: tuple[int, int]


def rank_of(priority: int, contact_id: UUID) -> tuple[int, int]:
    """Return what orders messages that are waiting: by priority, then the older one first; the smaller goes first."""
    return (-priority, contact_id.int)


class Openings:
    """Finds when the hours open, once for everybody who shares zone and hours."""

    def __init__(self) -> None:
        self._found: dict[tuple[datetime, Hours, str], datetime | None] = {}

    def after(self, moment: datetime, hours: Hours, zone: str) -> datetime | None:
        key = (moment, hours, zone)
        if key not in self._found:
            self._found[key] = next_open(moment, hours, ZoneInfo(zone))
        return self._found[key]


def place(
    one: Candidate, start: datetime, now: datetime, terms: Terms, earlier: Iterable[Earlier], openings: Openings
) -> list[Verdict]:
    """Return what hours, caps and relevance say of a contact that could go out from `start` on."""
    hours = terms.hours.get(one.intent.purpose, _ANY_TIME)
    opened = openings.after(start, hours, one.zone)
    if opened is None:
        return [Verdict(HOURS, Result.STOP, {"zone": one.zone, "never": True})]
    verdicts = [_verdict(HOURS, start, opened, {"zone": one.zone} if hours != _ANY_TIME else {})]
    at: datetime | None = opened
    if one.intent.purpose in terms.capped and terms.caps:
        at, values = _with_room(one, opened, hours, terms, earlier, openings)
        verdicts.append(_verdict(CAPS, opened, at, values))
    verdicts.append(_relevance(one, at, now))
    return verdicts


def _verdict(gate: str, wanted: datetime, at: datetime | None, values: Mapping[str, object]) -> Verdict:
    if at is None:
        return Verdict(gate, Result.STOP, values)
    if at > wanted:
        return Verdict(gate, Result.DELAY, values, at)
    return Verdict(gate, Result.PASS, values)


def _relevance(one: Candidate, at: datetime | None, now: datetime) -> Verdict:
    values = {"until": one.relevant_until.isoformat(timespec="minutes")}
    is_late = at is None or max(at, now) > one.relevant_until
    return Verdict(RELEVANCE, Result.STOP if is_late else Result.PASS, values)


def _with_room(
    one: Candidate,
    opened: datetime,
    hours: Hours,
    terms: Terms,
    earlier: Iterable[Earlier],
    openings: Openings,
) -> tuple[datetime | None, dict[str, int]]:
    """Return the first moment from `opened` on at which no cap is full, and the cap that put it off, if one did."""
    days: list[date] = []
    for other in earlier:
        if other.purpose in terms.capped:
            insort(days, clock.business_date(other.at, one.zone))
    at: datetime | None = opened
    values: dict[str, int] = {}
    for _try in range(_TRIES):
        if at is None or at > one.relevant_until:
            return at, values
        today = clock.business_date(at, one.zone)
        full = _full(terms.caps, days, today)
        if full is None:
            return at, values
        cap, count = full
        values = values or {"days": cap.days, "most": cap.most, "count": count}
        at = openings.after(clock.day_start(today + timedelta(days=1), one.zone), hours, one.zone)
    return None, values


def _full(caps: Sequence[Cap], days: Sequence[date], today: date) -> tuple[Cap, int] | None:
    """Return the first cap that leaves no room on a day, with how many messages fall under it."""
    for cap in caps:
        first = today - timedelta(days=cap.days - 1)
        count = sum(first <= day <= today for day in days)
        if count >= cap.most:
            return cap, count
    return None
