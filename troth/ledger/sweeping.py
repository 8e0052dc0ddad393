"""What the clock does: points that ended expire, holds that were forgotten are released, and every night a proof."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from troth.access.actors import Actor
from troth.jobs import services as jobs
from troth.kit import clock
from troth.kit.ids import new_id

from .as_of import end_at
from .balances import last_activity
from .groups import groups_of
from .idling import idle_by
from .models import Account, Hold, HoldState, Lot, PointCurrency
from .operations import Expire, Operation, Outcome, Owner, Posted, Reason, Release
from .posting import post_batch

EXPIRE, RELEASE, PROVE = "ledger.expire", "ledger.release_holds", "ledger.prove"
ACTIVATE = "ledger.activate"
AT_ONCE = 500
NIGHT_HOUR = 2


def expire_next(*, actor: Actor, now: datetime, after: UUID | None = None) -> tuple[UUID | None, int]:
    """Expire what has ended on the next accounts; return the last account looked at (None: all done) and the points.

    Each account's points expire at the moment at which they ended, so that history tells it so.
    """
    accounts = _accounts_with_ended_lots(now, after)
    if not accounts:
        return None, 0
    operations = list(_expiries(accounts, now))
    answers = post_batch(operations, actor=actor, now=now) if operations else []
    return accounts[-1].id, _moved(answers)


def _accounts_with_ended_lots(now: datetime, after: UUID | None) -> list[Account]:
    """Return the next accounts of which lots ended: by their day, by inactivity, or waiting in vain."""
    open_lots = Lot.objects.filter(is_open=True)
    kinds = [
        open_lots.filter(expires_at__lte=now, activates_at__lte=now),
        open_lots.filter(Q(expires_at__lte=now) | Q(awaits_until__lte=now), activates_at=None),
        idle_by(now),
    ]
    ids: set[UUID] = set()
    for lots in kinds:
        beyond = lots if after is None else lots.filter(account_id__gt=after)
        ids.update(beyond.order_by("account_id").values_list("account_id", flat=True).distinct()[:AT_ONCE])
    return list(Account.objects.filter(id__among=sorted(ids)[:AT_ONCE]).order_by("id"))


def _expiries(accounts: Sequence[Account], now: datetime) -> Iterator[Operation]:
    """Yield one operation for each moment at which lots of an account ended, in order."""
    together = groups_of({account.owner_id for account in accounts})
    everyone = {record for group in together.values() for record in group}
    wanted = {account.currency_id for account in accounts}
    known = list(Account.objects.filter(owner_id__among=everyone, currency_id__in=wanted))
    codes = dict(PointCurrency.objects.filter(id__in=wanted).values_list("id", "code"))
    active_at: dict[UUID, datetime | None] = {}
    for currency_id in wanted:
        active_at |= last_activity([one for one in known if one.currency_id == currency_id], together)
    run = new_id().hex
    owners = {account.id: account for account in accounts}
    ends: dict[UUID, set[datetime]] = {}
    lots = Lot.objects.filter(owner_id__among={account.owner_id for account in accounts}, is_open=True)
    for lot in lots.filter(Q(activates_at__lte=now) | Q(activates_at=None), currency_id__in=wanted):
        end = end_at(lot, active_at.get(lot.account_id))
        if end is not None and end <= now and lot.remaining > lot.held and lot.account_id in owners:
            ends.setdefault(lot.account_id, set()).add(end)
    for account in accounts:
        for end in sorted(ends.get(account.id, ())):
            yield Expire(
                key=f"expire:{run}:{account.id.hex}:{end:%Y%m%d%H%M%S%f}",
                owner=Owner(account.owner_kind, account.owner_id),
                currency=codes[account.currency_id],
                occurred_at=end,
                reason=Reason("expired"),
            )


def release_next(*, actor: Actor, now: datetime) -> int:
    """Release holds whose time is over; return how many."""
    holds = Hold.objects.filter(state=HoldState.OPEN, expires_at__lte=now).order_by("expires_at", "id")
    page = list(holds[:AT_ONCE])
    kinds = dict(Account.objects.filter(id__among=[hold.account_id for hold in page]).values_list("id", "owner_kind"))
    codes = dict(PointCurrency.objects.values_list("id", "code"))
    operations = [
        Release(
            key=f"timeout:{hold.id.hex}",
            owner=Owner(kinds[hold.account_id], hold.owner_id),
            currency=codes[hold.currency_id],
            occurred_at=hold.expires_at,
            reason=Reason("timed_out"),
            of=hold.id,
            is_timeout=True,
        )
        for hold in page
    ]
    answers = post_batch(operations, actor=actor, now=now) if operations else []
    return sum(answer.outcome is Outcome.POSTED for answer in answers)


def _moved(answers: Sequence[Posted]) -> int:
    return sum(answer.amount for answer in answers if answer.outcome is Outcome.POSTED)


def ensure_schedule(currency: PointCurrency, now: datetime) -> None:
    """Have the ledger's background work done from now on: nightly in the small hours, the rest every few minutes."""
    tomorrow = clock.business_date(now, currency.time_zone) + timedelta(days=1)
    night = clock.day_start(tomorrow, currency.time_zone) + timedelta(hours=NIGHT_HOUR)
    jobs.schedule(EXPIRE, every=timedelta(days=1), first_at=night)
    jobs.schedule(PROVE, every=timedelta(days=1), first_at=night + timedelta(hours=1))
    jobs.schedule(RELEASE, every=timedelta(minutes=5), first_at=now + timedelta(minutes=5))
    jobs.schedule(ACTIVATE, every=timedelta(minutes=1), first_at=now + timedelta(minutes=1))
