"""Background work on journeys."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from troth.access.actors import system_actor
from troth.jobs.lanes import Lane
from troth.jobs.registry import handler
from troth.jobs.running import JobContext
from troth.kit import clock
from troth.staff import queries as staff

from . import engine, log_reading, rehearsing, sweeping, trials


def _advanced_text(result: Mapping[str, Any]) -> Sequence[str]:
    count = result["people"]
    text = ngettext("%(count)d person was moved on.", "%(count)d people were moved on.", count)
    found = [text % {"count": count}]
    if failed := result["failed"]:
        more = ngettext("%(count)d could not be; see the journey.", "%(count)d could not be; see the journeys.", failed)
        found.append(more % {"count": failed})
    return found


@handler("care.advance_journeys", label=_("Move people on in journeys"), result_text=_advanced_text, lane=Lane.PROMPT)
def advance_journeys(context: JobContext) -> dict[str, Any]:
    """Read the log, then move on everybody whose time has come, until nobody's has."""
    company = staff.company_or_none()
    if company is None:
        return {"people": 0, "failed": 0}
    actor, total = system_actor("care"), engine.Advanced(**context.checkpoint)
    while log_reading.read_log(actor=actor, now=company.moment(clock.utc_now())) is not None:
        context.progress(total.people, None)
        context.give_way({"people": total.people, "failed": total.failed})
    while True:
        done = engine.advance(actor=actor, now=company.moment(clock.utc_now()))
        total += done
        context.progress(total.people, None)
        context.give_way({"people": total.people, "failed": total.failed})
        if done.people == 0 and done.failed == 0:
            return {"people": total.people, "failed": total.failed}


def _swept_text(result: Mapping[str, Any]) -> Sequence[str]:
    count = result["entered"]
    text = ngettext("%(count)d person entered a journey.", "%(count)d people entered journeys.", count)
    return [text % {"count": count}]


@handler("care.sweep_journeys", label=_("Look for those whose day has come"), result_text=_swept_text, lane=Lane.PROMPT)
def sweep_journeys(context: JobContext) -> dict[str, Any]:
    """Let in whoever has a birthday, a festival or meets a journey's condition today."""
    company = staff.company_or_none()
    if company is None:
        return {"entered": 0}
    now = company.moment(clock.utc_now())
    entered = sweeping.sweep(actor=system_actor("care"), now=now, report=lambda done: context.progress(done, None))
    return {"entered": entered}


def _rehearsed_text(result: Mapping[str, Any]) -> Sequence[str]:
    count = result["entered"]
    text = ngettext("%(count)d person would have entered.", "%(count)d people would have entered.", count)
    return [text % {"count": count}]


@handler(rehearsing.JOB, label=_("Rehearse a journey"), result_text=_rehearsed_text, max_attempts=2)
def rehearse_journey(context: JobContext) -> dict[str, Any]:
    """Replay a journey over the past."""
    row = rehearsing.play_rehearsal(
        actor=system_actor("care"),
        now=staff.company().moment(clock.utc_now()),
        rehearsal_id=UUID(context.payload["rehearsal"]),
        report=lambda done: context.progress(done, None),
    )
    return {"entered": row.result["entered"]}


def _measured_text(result: Mapping[str, Any]) -> Sequence[str]:
    count = result["people"]
    text = ngettext("%(count)d person was compared.", "%(count)d people were compared.", count)
    return [text % {"count": count}]


@handler(trials.JOB, label=_("Measure what a journey brought"), result_text=_measured_text, max_attempts=2)
def measure_journey(context: JobContext) -> dict[str, Any]:
    """Compare the groups of a journey's random splits."""
    now = staff.company().moment(clock.utc_now())
    row = trials.work_out(actor=system_actor("care"), now=now, trial_id=UUID(context.payload["trial"]))
    return {"people": sum(one["people"] for one in row.result.values())}
