"""The rules of sending as they are calculated with: quiet hours by purpose, caps, consent, ages, repeats, delays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from troth.customers.models import ConsentPurpose

MARKETING, SERVICE, SURVEY = (
    ConsentPurpose.MARKETING.value,
    ConsentPurpose.SERVICE.value,
    ConsentPurpose.SURVEY.value,
)
PURPOSES = (MARKETING, SERVICE, SURVEY)
"""What a message can be for; profiling is no purpose of a message."""

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)


@dataclass(frozen=True, slots=True)
class Hours:
    """When messages may go out, by the clock on the person's wall.

    quiet_from and quiet_until: nothing goes out from the first on, before the second; over midnight where the first
    is later; both None: at any time. weekdays: 1 is Monday, 7 Sunday.
    """

    quiet_from: time | None = None
    quiet_until: time | None = None
    weekdays: tuple[int, ...] = EVERY_DAY


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many messages in so many days, the present day counted."""

    days: int
    most: int


CONFIRMABLE = tuple(f"{purpose}:{channel}" for purpose in (MARKETING, SURVEY) for channel in ("email", "sms"))
"""What the rules may want confirmed: purpose and channel."""
_POLITE = Hours(time(21), time(9))


@dataclass(frozen=True, slots=True)
class Terms:
    """The rules of sending.

    hours: by purpose; caps: over all journeys, for the purposes in `capped` together; consent_needed: purposes that
    need a consent given, others only that none was withdrawn; confirmed: consents, such as "marketing:email", that
    count, where a customer gives them on our pages, once confirmed by a link; minimum_age: years, for all but
    service messages; longest_delay_days: how long a message without an end of its own may be put off; repeat_hours:
    within which the same content does not go to the same person twice. control_percent: of the customers that get
    no offers at all; control_groups: of those that get none of one group of messages, such as a journey's;
    control_draw: another one draws all of them anew.
    """

    hours: Mapping[str, Hours] = field(default_factory=lambda: {MARKETING: _POLITE, SURVEY: _POLITE, SERVICE: Hours()})
    caps: tuple[Cap, ...] = (Cap(1, 1), Cap(7, 3), Cap(30, 8))
    capped: tuple[str, ...] = (MARKETING, SURVEY)
    consent_needed: tuple[str, ...] = (MARKETING, SURVEY)
    confirmed: tuple[str, ...] = ()
    minimum_age: int = 14
    longest_delay_days: int = 7
    repeat_hours: int = 24
    control_percent: int = 0
    control_groups: Mapping[str, int] = field(default_factory=dict)
    control_draw: str = "1"


def to_json(terms: Terms) -> dict[str, Any]:
    """Return the rules as the database keeps them."""
    return {
        "hours": {
            purpose: {"from": _text(one.quiet_from), "until": _text(one.quiet_until), "weekdays": list(one.weekdays)}
            for purpose, one in terms.hours.items()
        },
        "caps": [[cap.days, cap.most] for cap in terms.caps],
        "capped": list(terms.capped),
        "consent_needed": list(terms.consent_needed),
        "confirmed": list(terms.confirmed),
        "minimum_age": terms.minimum_age,
        "longest_delay_days": terms.longest_delay_days,
        "repeat_hours": terms.repeat_hours,
        "control_percent": terms.control_percent,
        "control_groups": dict(terms.control_groups),
        "control_draw": terms.control_draw,
    }


def from_json(stored: Mapping[str, Any]) -> Terms:
    """Return the rules that `to_json` wrote."""
    return Terms(
        hours={
            purpose: Hours(_time(one["from"]), _time(one["until"]), tuple(one["weekdays"]))
            for purpose, one in stored["hours"].items()
        },
        caps=tuple(Cap(days, most) for days, most in stored["caps"]),
        capped=tuple(stored["capped"]),
        consent_needed=tuple(stored["consent_needed"]),
        confirmed=tuple(stored.get("confirmed", ())),
        minimum_age=stored["minimum_age"],
        longest_delay_days=stored["longest_delay_days"],
        repeat_hours=stored["repeat_hours"],
        control_percent=stored.get("control_percent", 0),
        control_groups=stored.get("control_groups", {}),
        control_draw=stored.get("control_draw", "1"),
    )


def _text(moment: time | None) -> str:
    return f"{moment:%H:%M}" if moment else ""


def _time(text: str) -> time | None:
    return time.fromisoformat(text) if text else None
