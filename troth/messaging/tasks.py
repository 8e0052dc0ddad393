"""Background work of messages: delivering each channel, and tending the queue every minute."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from troth.jobs.lanes import Lane
from troth.jobs.registry import handler
from troth.jobs.running import JobContext
from troth.kit import clock
from troth.staff import queries as staff

from . import control_results, control_trials, pausing, tending
from .delivering import deliver
from .waking import ACTOR, DELIVER, TEND


def _delivered_text(result: Mapping[str, Any]) -> Sequence[str]:
    return [gettext("Messages taken from the queue: %(count)s.") % {"count": f"{result['handled']:,}"}]


def _tended_text(result: Mapping[str, Any]) -> Sequence[str]:
    if result["is_paused"]:
        return [gettext("All sending is paused.")]
    return [
        gettext("Delayed messages that were due: %(count)s.") % {"count": f"{result['due']:,}"},
        gettext("Messages of which nobody knows whether they went out: %(count)s.") % {"count": f"{result['lost']:,}"},
    ]


@handler(DELIVER, label=_("Send messages"), result_text=_delivered_text, lane=Lane.PROMPT)
def run_delivery(context: JobContext) -> dict[str, Any]:
    """Hand over all that waits for one channel. What was handed over stands: only its count is carried on."""
    handled = int(context.checkpoint.get("handled", 0))
    if pausing.beat(clock.utc_now(), actor=ACTOR):
        while some := _deliver(str(context.payload["channel"]), clock.utc_now()):
            handled += some
            context.progress(handled)
            context.give_way({"handled": handled})
    return {"handled": handled}


def _deliver(channel: str, now: datetime) -> int:
    """Hand a slice over; in a demonstration on the day that it stands still on."""
    return deliver(channel, actor=ACTOR, now=now, moment=staff.moment(now))


@handler(TEND, label=_("Tend the queue of messages"), result_text=_tended_text, lane=Lane.PROMPT)
def run_tending(context: JobContext) -> dict[str, Any]:
    """Queue what is due, give up what was lost, and have every channel delivered that has messages waiting."""
    now = clock.utc_now()
    lost = due = 0
    while some := tending.give_up_lost(actor=ACTOR, now=now):
        lost += some
    if not pausing.beat(now, actor=ACTOR):
        return {"due": 0, "lost": lost, "is_paused": True}
    while some := tending.queue_due(now=now, moment=staff.moment(now)):
        due += some
        context.progress(due)
    tending.wake_channels(now=now)
    return {"due": due, "lost": lost, "is_paused": False}


def _control_text(result: Mapping[str, Any]) -> Sequence[str]:
    counts = {name: f"{count:,}" for name, count in result["counts"].items()}
    return [gettext("Compared: %(may)s customers who may get offers, %(control)s who get none.") % counts]


@handler(control_results.JOB, label=_("Measure what offers bring"), result_text=_control_text, max_attempts=2)
def measure_control(context: JobContext) -> dict[str, Any]:
    """Compare those who may get offers with those who are kept out of all of them."""
    price = Decimal(context.payload.get("message_price", "0"))
    return control_results.work_out(days=int(context.payload["days"]), message_price=price)


def _draws_text(result: Mapping[str, Any]) -> Sequence[str]:
    counts = {name: f"{count:,}" for name, count in result["counts"].items()}
    return [gettext("Compared: %(may)s customers who got it, %(control)s who were kept out by chance.") % counts]


@handler(control_trials.JOB, label=_("Measure what a gift brings"), result_text=_draws_text, max_attempts=2)
def measure_draws(context: JobContext) -> dict[str, Any]:
    """Compare those who got something with those who were kept out of it."""
    given = context.payload
    return control_trials.work_out(
        subject=given["subject"],
        days=int(given["days"]),
        cost=Decimal(given["cost"]),
        message_price=Decimal(given["message_price"]),
    )
