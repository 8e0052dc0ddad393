"""Background work of the ledger."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from troth.access.actors import system_actor
from troth.events import services as events
from troth.jobs.lanes import Lane
from troth.jobs.registry import handler
from troth.jobs.running import JobContext
from troth.kit import clock
from troth.kit.proofs import examine_all

from .awaiting import activate_next
from .errors import ProofBrokenError
from .expiry_changes import APPLY, apply_part
from .models import ExpiryChange, PointCurrency
from .proofs import PROOFS
from .sweeping import ACTIVATE, EXPIRE, PROVE, RELEASE, expire_next, release_next

ACTOR = system_actor("ledger")


def _activated_text(result: Mapping[str, Any]) -> Sequence[str]:
    return [gettext("%(points)s points became usable.") % {"points": f"{result['points']:,}"}]


@handler(
    ACTIVATE, label=_("Make points usable that waited for an event"), result_text=_activated_text, lane=Lane.PROMPT
)
def activate(context: JobContext) -> dict[str, Any]:
    """Make usable what waited for something that happened lately."""
    return {"points": _activate(context, is_everything=False)}


def _activate(context: JobContext, *, is_everything: bool) -> int:
    """Go over waiting lots page by page. Begun again it finds only what is left: nothing needs a checkpoint."""
    after, points = None, 0
    while True:
        now = clock.utc_now()
        after, more = activate_next(actor=ACTOR, now=now, after=after, is_everything=is_everything)
        if after is None:
            return points
        points += more
        context.progress(points)


def _expired_text(result: Mapping[str, Any]) -> Sequence[str]:
    return [gettext("%(points)s points expired.") % {"points": f"{result['points']:,}"}]


@handler(EXPIRE, label=_("Expire points"), result_text=_expired_text)
def expire(context: JobContext) -> dict[str, Any]:
    """Expire what has ended, account by account; after a crash it goes on where it was.

    What waited for an event is made usable first, wherever that event is in the log: only then can it be too late.
    """
    if not context.checkpoint:
        _activate(context, is_everything=True)
    after, points = context.checkpoint.get("after"), int(context.checkpoint.get("points", 0))
    while True:
        with transaction.atomic():
            last, more = expire_next(actor=ACTOR, now=clock.utc_now(), after=UUID(after) if after else None)
            points += more
            if last is None:
                return {"points": points}
            after = str(last)
            context.save_checkpoint({"after": after, "points": points})
        context.progress(points)


def _released_text(result: Mapping[str, Any]) -> Sequence[str]:
    return [gettext("Forgotten holds released: %(count)s.") % {"count": f"{result['holds']:,}"}]


def _proved_text(result: Mapping[str, Any]) -> Sequence[str]:
    return [gettext("All %(count)d claims hold.") % {"count": result["claims"]}]


def _applied_text(result: Mapping[str, Any]) -> Sequence[str]:
    figures = {name: f"{result[name]:,}" for name in ("lots", "points")}
    return [gettext("The new expiry holds for %(lots)s lots with %(points)s points.") % figures]


@handler(RELEASE, label=_("Release forgotten holds"), result_text=_released_text, lane=Lane.PROMPT)
def release_holds(context: JobContext) -> dict[str, Any]:
    """Release holds whose time is over."""
    count = 0
    while released := release_next(actor=ACTOR, now=clock.utc_now()):
        count += released
        context.progress(count)
    return {"holds": count}


@handler(PROVE, label=_("Prove the ledger"), max_attempts=1, result_text=_proved_text)
def prove(context: JobContext) -> dict[str, Any]:
    """Examine every claim; a broken one fails the job and names the first row."""
    broken = []
    for place, verdict in enumerate(examine_all(PROOFS), start=1):
        context.progress(place, len(PROOFS), note=verdict.proof.code)
        if not verdict.holds:
            broken.append(f"{verdict.proof.code}: {verdict.violations} ({verdict.first})")
    if broken:
        raise ProofBrokenError(broken)
    return {"claims": len(PROOFS)}


@handler(APPLY, label=_("Apply a new expiry to old points"), result_text=_applied_text)
def apply_expiry(context: JobContext) -> dict[str, Any]:
    """Apply an approved change lot by lot; after a crash it goes on where it was."""
    change_id = UUID(context.payload["change"])
    state = {"after": None, "lots": 0, "points": 0} | context.checkpoint
    while True:
        with transaction.atomic():
            now = clock.utc_now()
            after = UUID(state["after"]) if state["after"] else None
            last, lots, points = apply_part(actor=ACTOR, now=now, change_id=change_id, after=after)
            if last is None:
                break
            state = {"after": str(last), "lots": state["lots"] + lots, "points": state["points"] + points}
            context.save_checkpoint(state)
        context.progress(state["lots"])
    change = ExpiryChange.objects.get(id=change_id)
    figures = {"lots": state["lots"], "points": state["points"]}
    code = PointCurrency.objects.get(id=change.currency_id).code
    data = {"change": str(change_id), "currency": code, **figures}
    events.append("ledger.expiry.applied", actor=ACTOR, now=clock.utc_now(), data=data)
    return figures
