"""Background work of the demo."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from troth.access.actors import system_actor
from troth.demo import (
    birthday_made,
    catalogue,
    club,
    complaints_made,
    household_facts,
    journeys_made,
    prospects_made,
    rewards_made,
    segments_made,
    surveys_made,
    targets_made,
    tasks_made,
    texts_made,
    ties_made,
)
from troth.jobs.registry import handler
from troth.jobs.running import JobContext
from troth.kit import clock
from troth.staff import queries as staff

DESCRIBE = "demo.describe"
RELATE = "demo.relate"
TAKE = "demo.take"
FILLS = (
    texts_made.fill, tasks_made.fill, surveys_made.fill, complaints_made.fill, journeys_made.fill, targets_made.fill,
    ties_made.fill, prospects_made.fill, segments_made.fill,
)  # fmt: skip
"""What the company says to its customers and hears from them, in the order in which it builds up. All is made up."""


def _described_text(result: Mapping[str, Any]) -> Sequence[str]:
    counts = {"customers": f"{result['customers']:,}", "known": f"{result['with_demographics']:,}"}
    return (gettext("Of %(customers)s households %(known)s told who lives in them.") % counts,)


@handler(DESCRIBE, label=_("Demo: demographics, campaigns and coupons"), result_text=_described_text)
def describe(context: JobContext) -> dict[str, Any]:
    """Add to the imported customers what the data tell of them; started again, it doubles nothing."""
    actor, now = system_actor("demo"), clock.utc_now()
    owners = household_facts.customer_ids()
    answered = household_facts.set_attributes(owners, actor=actor, now=now, report=context.progress)
    if not context.checkpoint.get("has_events"):
        with transaction.atomic():
            household_facts.append_events(owners, actor=actor, now=now)
            context.save_checkpoint({"has_events": True})
    club.redeem_coupons(owners, actor=actor, now=now)
    catalogue.set_up(actor=actor, now=now, points=club.POINTS)
    birthday_made.set_up(actor=actor, now=now)
    rewards_made.name_payments(owners, points=club.POINTS, actor=actor, now=now)
    return {"customers": len(owners), "with_demographics": answered}


def _related_text(result: Mapping[str, Any]) -> Sequence[str]:
    return (
        gettext("Made up: texts, tasks, surveys, complaints, journeys and messages. None of them left the machine."),
    )


@handler(RELATE, label=_("Demo: made-up messages, surveys, complaints and tasks"), result_text=_related_text)
def relate(context: JobContext) -> dict[str, Any]:
    """Fill the screens of care and listening; each part is safe to run again."""
    actor, now = system_actor("demo"), clock.utc_now()
    for number, fill in enumerate(FILLS):
        context.progress(number, len(FILLS))
        with translation.override(context.payload["language"]):
            fill(actor=actor, now=now, language=context.payload["language"])
    return {"parts": len(FILLS)}


def _taken_text(result: Mapping[str, Any]) -> Sequence[str]:
    counts = {"taken": f"{result['taken']:,}", "cancelled": f"{result['cancelled']:,}"}
    return (gettext("Made up: %(taken)s rewards taken, %(cancelled)s of them cancelled.") % counts,)


@handler(TAKE, label=_("Demo: made-up rewards taken"), result_text=_taken_text)
def take(context: JobContext) -> dict[str, Any]:
    """Have members take rewards for the points of the year; started again, it doubles nothing."""
    actor, now = system_actor("demo"), clock.utc_now()
    owners = household_facts.customer_ids()
    found = rewards_made.take(owners, points=club.POINTS, today=staff.moment(now), actor=actor, now=now)
    return {"taken": found.get("taken", 0), "cancelled": found.get("cancelled", 0)}
