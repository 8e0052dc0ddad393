"""Points that wait for an event of the log become usable when it is there, once, and lapse when it is too late."""

from datetime import timedelta

import pytest

from troth.events import services as events
from troth.jobs import services as jobs
from troth.jobs.models import Job
from troth.jobs.running import run
from troth.kit import clock
from troth.kit.ids import new_id
from troth.ledger import groups, queries
from troth.ledger.awaiting import AT_ONCE, activate_next
from troth.ledger.models import Lot, Transaction
from troth.ledger.operations import Expiry, Owner, Reason
from troth.ledger.proofs import prove
from troth.ledger.sweeping import expire_next

from .conftest import DAY, NOW

PAID = "activity.moment.recorded"
LATE = NOW + DAY


@pytest.fixture
def happen(actor):
    """Appends an event of payment."""

    def append(owner, at=NOW, *, recorded_at=None, order=""):
        data = {"order": order} if order else {}
        return events.append(PAID, actor=actor, now=recorded_at or at, occurred_at=at, customer_id=owner, data=data)

    return append


def wait(desk, member, amount=50, order="", **values):
    reason = Reason("order", {"order": order} if order else None)
    return desk.done("Earn", member, amount=amount, awaits_event=PAID, reason=reason, **values)


def activate(actor, now=LATE, *, is_everything=True):
    return activate_next(actor=actor, now=now, is_everything=is_everything)[1]


def state(member, now=LATE):
    found = queries.balances([member], "points", now=now)[member]
    return found.available, found.pending


def test_the_event_makes_points_usable_once_from_its_moment(make_currency, desk, member, actor, happen):
    make_currency(expiry_kind="days", expiry_count=30)
    wait(desk, member)
    assert (activate(actor), state(member)) == (0, (0, 50))
    happen(new_id(), NOW + timedelta(hours=1))  # somebody else's
    happen(member, NOW - timedelta(hours=1))  # before they were earned
    assert activate(actor) == 0
    paid = happen(member, NOW + timedelta(hours=5))
    assert (activate(actor), activate(actor), state(member)) == (50, 0, (50, 0))
    lot = Lot.objects.get()
    assert (lot.activates_at, lot.expires_at) == (NOW + timedelta(hours=5), NOW + timedelta(days=30, hours=5))
    made = Transaction.objects.get(transaction_kind="activate")
    assert (made.reason, made.reason_data) == ("awaited", {"event": str(paid.id), "name": PAID})
    assert all(verdict.holds for verdict in prove(LATE))


def test_an_event_that_names_an_order_counts_for_that_order(make_currency, desk, member, actor, happen):
    make_currency()
    wait(desk, member, 10, order="a")
    wait(desk, member, 20, order="b")
    happen(member, NOW - timedelta(minutes=1), order="b")  # paid before the till had told the order
    assert (activate(actor), state(member)) == (20, (20, 10))
    assert Lot.objects.get(amount=20).activates_at == NOW
    happen(member, NOW + timedelta(hours=1))  # names none
    assert (activate(actor), state(member)) == (10, (30, 0))


def test_an_event_on_another_record_of_the_customer_counts(make_currency, desk, member, actor, happen, monkeypatch):
    make_currency()
    other = new_id()
    monkeypatch.setitem(
        groups._resolvers, "test", lambda ids: {one: (member, other) for one in ids if one in (member, other)}
    )
    wait(desk, member)
    happen(other, NOW + timedelta(hours=1), recorded_at=LATE)
    assert activate(actor, is_everything=False) == 50


def test_the_frequent_look_sees_what_came_lately_and_the_nightly_one_the_rest(
    make_currency, desk, member, actor, happen
):
    make_currency()
    wait(desk, member)
    happen(member, NOW + timedelta(hours=1))
    assert activate(actor, is_everything=False) == 0
    assert activate(actor) == 50
    early = new_id()
    happen(early, NOW + timedelta(hours=1), order="a")
    wait(desk, early, 7, order="a", at=LATE)  # the order came after its payment
    assert activate(actor, is_everything=False) == 7


def test_too_late_an_event_no_longer_counts_and_the_points_lapse(make_currency, desk, member, actor, happen):
    make_currency(expiry_kind="inactivity", expiry_count=1)
    answer = wait(desk, member, awaits_until=NOW + 3 * DAY)
    assert queries.expiring(member, "points", now=NOW) == [(NOW + 3 * DAY, 50)]
    assert expire_next(actor=actor, now=NOW + 2 * DAY) == (None, 0)  # what waits does not end by inactivity
    happen(member, NOW + 3 * DAY)
    assert activate(actor, NOW + 4 * DAY) == 0
    assert expire_next(actor=actor, now=NOW + 4 * DAY)[1] == 50
    gone = Transaction.objects.get(transaction_kind="expire")
    assert (gone.amount, gone.occurred_at) == (50, NOW + 3 * DAY)
    assert state(member, NOW + 4 * DAY) == (0, 0)
    assert desk.refused("Activate", member, of=answer.transaction_id, at=NOW + 4 * DAY) == "nothing_to_do"
    assert desk.done("Reverse", member, of=answer.transaction_id, at=NOW + 4 * DAY).already_expired == 50
    assert all(verdict.holds for verdict in prove(NOW + 4 * DAY))


def test_points_that_lapse_fill_no_arrears(make_currency, desk, member, actor):
    """They were never usable, so nothing could be paid with them."""
    make_currency(shortfall="arrears")
    first = desk.done("Earn", member, amount=30)
    desk.done("Spend", member, amount=30)
    wait(desk, member, awaits_until=NOW + DAY)
    assert desk.done("Reverse", member, of=first.transaction_id).arrears == 30
    assert expire_next(actor=actor, now=NOW + 2 * DAY)[1] == 50
    assert queries.balances([member], "points", now=NOW + 2 * DAY)[member].arrears == 30


def test_until_when_points_wait_is_checked(make_currency, desk, member):
    make_currency()
    assert desk.refused("Earn", member, amount=1, awaits_until=LATE) == "operation_refused"
    assert desk.refused("Earn", member, amount=1, awaits_event=PAID, awaits_until=NOW) == "operation_refused"


def test_the_jobs_activate_and_the_nightly_one_expires_only_what_waited_in_vain(make_currency, desk, actor, happen):
    make_currency()
    now = clock.utc_now()
    lucky, late = Owner("customer", new_id()), Owner("customer", new_id())
    for owner in (lucky, late):
        wait(desk, owner, at=now - 9 * DAY, awaits_until=now - 2 * DAY)
    happen(lucky.id, now - 5 * DAY)  # in time, but nobody looked since
    job = jobs.enqueue("ledger.activate", actor=actor, now=now)
    run(job.id)
    job.refresh_from_db()
    assert (job.status, job.result) == ("succeeded", {"points": 0})
    job = jobs.enqueue("ledger.expire", actor=actor, now=now)
    run(job.id)
    assert Job.objects.get(id=job.id).result == {"points": 50}
    found = queries.balances([lucky.id, late.id], "points", now=now)
    assert (found[lucky.id].available, found[late.id].balance) == (50, 0)


@pytest.mark.slow
def test_more_than_a_page_is_gone_through(make_currency, desk, actor, happen):
    make_currency()
    people = [new_id() for _ in range(AT_ONCE + 3)]
    for one in people:
        wait(desk, one, 1, expiry=Expiry("days", 5))
        happen(one, NOW + timedelta(hours=1))
    after, points = activate_next(actor=actor, now=LATE, is_everything=True)
    assert points == AT_ONCE
    after, points = activate_next(actor=actor, now=LATE, is_everything=True, after=after)
    assert points == 3
    assert activate_next(actor=actor, now=LATE, is_everything=True, after=after) == (None, 0)
