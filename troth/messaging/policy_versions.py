"""Versions of the rules of sending: which are in force, and replacing them."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.events import services as events
from troth.staff import queries as staff

from .errors import PolicyRefusedError
from .models import Contact, ContactState, SendingPolicy
from .policies import CONFIRMABLE, PURPOSES, Terms, from_json, to_json

LONGEST_CAP_DAYS = 31
LONGEST_DELAY_DAYS = 60
LARGEST_CONTROL = 50
MOST_CONTROLS = 20


def in_force() -> tuple[int, Terms]:
    """Return number and rules of the version in force; 0 and the rules a new company starts with before the first."""
    newest = SendingPolicy.objects.order_by("-version").values_list("version", "terms").first()
    return (newest[0], from_json(newest[1])) if newest else (0, Terms())


def versions() -> QuerySet[SendingPolicy]:
    """Return all versions, the newest first."""
    return SendingPolicy.objects.order_by("-version")


@transaction.atomic
def save_policy(*, terms: Terms, note: str, expected_version: int, actor: Actor, now: datetime) -> SendingPolicy:
    """Put new rules in force, also for messages that are waiting; nothing happens if they do not differ.

    What a gate had put off is judged anew at once, since it may go out earlier, later or not at all by these rules.

    Args:
        expected_version: the version that whoever changed it had read.

    Raises:
        PolicyRefusedError: a rule cannot be kept, or somebody else changed them meanwhile.
    """
    version, present = in_force()
    if version != expected_version:
        message = _("Somebody changed the rules meanwhile (version %(version)s). Look at them, then change them again.")
        raise PolicyRefusedError(message % {"version": version}, field="version", value=expected_version, limit=version)
    check(terms)
    newest = SendingPolicy.objects.order_by("-version").first()
    if newest is not None and terms == present:
        return newest
    row = SendingPolicy.objects.create(
        version=version + 1, terms=to_json(terms), note=note.strip()[:200], created_at=now, created_by=actor.code
    )
    _judge_anew(staff.moment(now))
    events.append("messaging.policy.changed", actor=actor, now=now, data={"version": row.version})
    return row


def _judge_anew(moment: datetime) -> None:
    """Make due what a gate had put off; what a provider asked to repeat later stays so."""
    put_off = Contact.objects.filter(state=ContactState.DELAYED, due_at__gt=moment).exclude(held_by="")
    put_off.update(due_at=moment)


def check(terms: Terms) -> None:
    """Refuse rules that contradict themselves or would keep everything back.

    Raises:
        PolicyRefusedError: names the rule.
    """
    for purpose, hours in terms.hours.items():
        if purpose not in PURPOSES:
            raise _refused("purpose", purpose, ", ".join(PURPOSES))
        if (hours.quiet_from is None) != (hours.quiet_until is None):
            raise _refused("quiet_hours", purpose, _("both a beginning and an end, or neither"))
        if hours.quiet_from is not None and hours.quiet_from == hours.quiet_until:
            raise _refused("quiet_hours", f"{hours.quiet_from:%H:%M}", _("an end that is not the beginning"))
        if not hours.weekdays or not set(hours.weekdays) <= set(range(1, 8)):
            raise _refused("weekdays", purpose, _("at least one weekday"))
    for cap in terms.caps:
        if not (1 <= cap.days <= LONGEST_CAP_DAYS and 1 <= cap.most <= 1000):
            raise _refused("caps", f"{cap.most}/{cap.days}", _("1 to 1000 messages in 1 to 31 days"))
    if unknown := (set(terms.capped) | set(terms.consent_needed)) - set(PURPOSES):
        raise _refused("purpose", ", ".join(sorted(unknown)), ", ".join(PURPOSES))
    if unknown := set(terms.confirmed) - set(CONFIRMABLE):
        raise _refused("confirmed", ", ".join(sorted(unknown)), ", ".join(CONFIRMABLE))
    _within("minimum_age", terms.minimum_age, 0, 30)
    _within("longest_delay_days", terms.longest_delay_days, 1, LONGEST_DELAY_DAYS)
    _within("repeat_hours", terms.repeat_hours, 0, 24 * LONGEST_CAP_DAYS)
    _within("control_percent", terms.control_percent, 0, LARGEST_CONTROL)
    _within("control_groups", len(terms.control_groups), 0, MOST_CONTROLS)
    for group, percent in terms.control_groups.items():
        if not 1 <= len(group) <= 120:
            raise _refused("control_groups", group, _("the code of a journey, or the group that it names"))
        _within("control_groups", percent, 1, LARGEST_CONTROL)
    if not 1 <= len(terms.control_draw) <= 40:
        raise _refused("control_draw", terms.control_draw, _("1 to %(most)s characters") % {"most": 40})


def _within(field: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise _refused(field, str(value), f"{least}–{most}")


def _refused(field: str, value: str, expected: Any) -> PolicyRefusedError:
    text = _("%(field)s is “%(value)s”; it must be: %(expected)s.")
    values = {"field": field, "value": value, "expected": expected}
    return PolicyRefusedError(text % values, field=field, value=value)
