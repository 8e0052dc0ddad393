"""What people do to others' journeys: put in, take out, move to another version, try again."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from troth.access.actors import Actor
from troth.care.models import Journey, JourneyRun, JourneyState, JourneyVersion, RunState
from troth.customers import queries as customers
from troth.events import services as events

from . import compiled, ending
from .engine import newest
from .entering import MAX_KEY, Candidate, admit
from .errors import JourneyNotFoundError, JourneyRefusedError, JourneyStateError
from .tallies import Tallies

PAGE = 2_000
MAX_AT_ONCE = 100_000


def enter(
    *,
    actor: Actor,
    now: datetime,
    journey_id: UUID,
    customer_ids: Iterable[UUID],
    key: str = "",
    facts: Mapping[str, Any] | None = None,
) -> dict[str, int]:
    """Put people into a journey, by its rules of who may and how often; return how many went which way.

    The ways: entered, again, under_way, too_often, audience, automation_refused, erased, unknown. In transactions of
    2,000; called again after a crash, nobody enters twice. key: the occasion, where the journey lets people in once for
    each.

    Raises:
        JourneyNotFoundError: no such journey.
        JourneyStateError: it does not run.
        JourneyRefusedError: more than 100,000 people, or an occasion that is missing or too long.
    """
    row = Journey.objects.filter(id=journey_id).first()
    if row is None:
        raise JourneyNotFoundError(journey_id)
    if row.state != JourneyState.RUNNING:
        raise JourneyStateError(_("Only a running journey lets people in; publish or resume it first."))
    journey = newest(row)
    wanted = list(dict.fromkeys(customer_ids))
    _check(journey, wanted, key)
    ways: Counter[str] = Counter()
    waiting = iter(wanted)
    while page := list(islice(waiting, PAGE)):
        with transaction.atomic():
            tallies = Tallies()
            candidates = [Candidate(one, now, key, facts or {}) for one in page]
            ways.update(admit(journey, candidates, actor=actor, now=now, tallies=tallies).values())
            tallies.write()
    return dict(ways)


def _check(journey: compiled.CompiledJourney, wanted: list[UUID], key: str) -> None:
    if len(wanted) > MAX_AT_ONCE:
        message = _("%(count)d people at once are too many; send at most %(limit)d.")
        values = {"count": len(wanted), "limit": MAX_AT_ONCE}
        raise JourneyRefusedError(message % values, field="customers", value=len(wanted), limit=MAX_AT_ONCE)
    if journey.document.reentry.rule == "each_key" and not key:
        message = _("This journey lets people in once for each occasion; name it in “key”.")
        raise JourneyRefusedError(message, field="key", value="")
    if len(key) > MAX_KEY:
        message = _("key: at most %(limit)d characters") % {"limit": MAX_KEY}
        raise JourneyRefusedError(message, field="key", value=key[:40], limit=MAX_KEY)


@transaction.atomic
def take_out(
    *, actor: Actor, now: datetime, journey_id: UUID, customer_ids: Iterable[UUID], reason: str = "taken_out"
) -> int:
    """Take people out of a journey, wherever they are in it; return how many runs ended."""
    groups = customers.record_groups(customer_ids)
    canonical = {record: group[0] for group in groups.values() for record in group}
    open_ = JourneyRun.objects.filter(journey_id=journey_id, owner_id__among=list(canonical), state__in=ending.OPEN)
    leaving = open_.order_by("id").values_list("owner_id", "journey__code", "version__number")
    news = [
        events.NewEvent("care.journey.left", canonical[owner], {"journey": code, "version": number, "reason": reason})
        for owner, code, number in leaving
    ]
    events.append_many(news, actor=actor, now=now)
    return ending.stop_people(journey_id, canonical, reason, actor, now)


@transaction.atomic
def move_people(
    *,
    actor: Actor,
    now: datetime,
    journey_id: UUID,
    to_version: int,
    steps: Mapping[str, str] | None = None,
) -> int:
    """Put everybody who is under way on another version; return how many.

    Whoever is at a step that the version has goes on there; of the others `steps` says where: old step → new one.
    What a step did under the earlier version is not done again.

    Raises:
        JourneyNotFoundError: no such journey or version.
        JourneyRefusedError: people are at a step that the version does not have, and `steps` does not say where to.
    """
    row = JourneyVersion.objects.filter(journey_id=journey_id, number=to_version).select_related("journey").first()
    if row is None:
        raise JourneyNotFoundError(f"{journey_id} v{to_version}")
    nodes, given = compiled.version(row.id).nodes, dict(steps or {})
    open_ = JourneyRun.objects.filter(journey_id=journey_id, state__in=ending.OPEN).exclude(version_id=row.id)
    places = {step: given.get(step, step) for step in open_.order_by().values_list("step", flat=True).distinct()}
    if homeless := sorted({step for step, place in places.items() if place not in nodes}):
        message = _("People are at “%(steps)s”, which version %(version)d does not have; say in “steps” where they go.")
        values = {"steps": ", ".join(homeless), "version": to_version}
        raise JourneyRefusedError(message % values, field="steps", value=homeless)
    moved = 0
    for step, place in places.items():
        # Due at once: the engine works out anew how long they wait there, from when they came.
        moved += open_.filter(step=step).update(
            version_id=row.id, step=place, moved_at=now, due_at=now, awaits_event="", awaits_value="", updated_at=now
        )
    data = {"journey": row.journey.code, "version": to_version, "count": moved}
    events.append("care.people.moved", actor=actor, now=now, data=data)
    return moved


@transaction.atomic
def try_again(*, actor: Actor, now: datetime, journey_id: UUID, step: str = "") -> int:
    """Let those who are stuck go on, all or those at a step; return how many.

    What they were stuck at is tried as if it fell due now.
    """
    stuck = JourneyRun.objects.filter(journey_id=journey_id, state=RunState.STUCK)
    if step:
        stuck = stuck.filter(step=step)
    count = stuck.update(state=RunState.ACTIVE, failures=0, due_at=now, error="", updated_at=now)
    if count:
        code = Journey.objects.values_list("code", flat=True).get(id=journey_id)
        data = {"journey": code, "step": step, "count": count}
        events.append("care.people.tried_again", actor=actor, now=now, data=data)
    return count
