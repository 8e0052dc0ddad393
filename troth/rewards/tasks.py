"""Background work of rewards: what ends by itself, and birthday gifts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from troth.access.actors import system_actor
from troth.jobs.lanes import Lane
from troth.jobs.registry import handler
from troth.jobs.running import JobContext
from troth.kit import clock
from troth.staff import queries as staff

from .expiring import BATCH, expire_coupons, release_timed_out
from .fulfilling import cancel_timed_out
from .gifts import give_birthday_gifts
from .models import BirthdayGift
from .scheduling import BIRTHDAYS, EXPIRE
from .segment_coupons import ASSIGN, assign_next

ACTOR = system_actor("rewards")
COUNTED = ("given", "had", "refused", "kept_out")


def _ended_text(result: Mapping[str, Any]) -> Sequence[str]:
    figures = {name: f"{result[name]:,}" for name in ("released", "expired", "cancelled")}
    return [
        gettext("Reservations released: %(released)s.") % figures,
        gettext("Coupons expired: %(expired)s.") % figures,
        gettext("Redemptions cancelled because their time was over: %(cancelled)s.") % figures,
    ]


def _given_text(result: Mapping[str, Any]) -> Sequence[str]:
    figures = {name: f"{result[name]:,}" for name in ("given", "refused")}
    return [gettext("Birthday gifts given: %(given)s; refused: %(refused)s.") % figures]


def _assigned_text(result: Mapping[str, Any]) -> Sequence[str]:
    figures = {name: f"{result.get(name, 0):,}" for name in COUNTED}
    found = [gettext("Coupons given: %(given)s; had one already: %(had)s; refused: %(refused)s.") % figures]
    if result.get("kept_out"):
        found.append(gettext("Kept out by chance, to see what the coupon brings: %(kept_out)s.") % figures)
    return found


@handler(EXPIRE, label=_("Expire coupons and free what was reserved"), result_text=_ended_text, lane=Lane.PROMPT)
def expire(context: JobContext) -> dict[str, Any]:
    """Release reservations, expire coupons and cancel redemptions whose time is over, until nothing is left."""
    now = clock.utc_now()
    done = 0

    def all_of(step: Callable[..., int]) -> int:
        nonlocal done
        found = 0
        while some := step(actor=ACTOR, now=now, limit=BATCH):
            found, done = found + some, done + some
            context.progress(done)
        return found

    return {
        "released": all_of(release_timed_out),
        "expired": all_of(expire_coupons),
        "cancelled": all_of(cancel_timed_out),
    }


@handler(BIRTHDAYS, label=_("Give birthday gifts"), result_text=_given_text)
def birthdays(context: JobContext) -> dict[str, Any]:
    """Give every active birthday gift to those whose birthday it is time for."""
    counts = {"given": 0, "refused": 0}
    gifts = list(BirthdayGift.objects.filter(is_active=True).select_related("campaign", "reward").order_by("code"))
    for place, gift in enumerate(gifts):
        context.progress(place, len(gifts), note=str(gift))
        found = give_birthday_gifts(actor=ACTOR, now=staff.moment(clock.utc_now()), gift=gift)
        counts = {name: counts[name] + found[name] for name in counts}
    return counts


@handler(ASSIGN, label=_("Give a coupon to a segment"), result_text=_assigned_text)
def assign_segment(context: JobContext) -> dict[str, Any]:
    """Give everybody in a segment a coupon; after a crash it goes on where it was."""
    campaign_id, segment_id = UUID(context.payload["campaign"]), UUID(context.payload["segment"])
    state: dict[str, Any] = {"after": None} | dict.fromkeys(COUNTED, 0) | context.checkpoint
    while True:
        with transaction.atomic():
            after = UUID(state["after"]) if state["after"] else None
            last, counts = assign_next(
                actor=ACTOR, now=clock.utc_now(), campaign_id=campaign_id, segment_id=segment_id, after=after
            )
            if last is None:
                return {name: state[name] for name in COUNTED}
            state |= {name: state[name] + number for name, number in counts.items()}
            state["after"] = str(last)
            context.save_checkpoint(state)
        context.progress(sum(state[name] for name in COUNTED))
