"""Adjustments and their second person, a new expiry for old points, permissions, jobs, explanations."""

from dataclasses import replace

import pytest

from troth.access.actors import Actor
from troth.access.errors import PermissionMissingError
from troth.access.permissions import ROLE_PERMISSIONS, Role
from troth.events.models import Event
from troth.jobs import services as jobs
from troth.jobs.models import Job, Schedule
from troth.jobs.running import run
from troth.kit.ids import new_id
from troth.ledger import errors, queries
from troth.ledger import services as ledger
from troth.ledger.models import AdjustmentRequest, ExpiryChange, Lot
from troth.ledger.tests.conftest import DAY, NOW, snapshot

pytestmark = pytest.mark.django_db


def person(name: str, role: Role = Role.MANAGER) -> Actor:
    return Actor("user", name, name, ROLE_PERMISSIONS[role])


def test_a_small_adjustment_is_posted_at_once(make_currency, desk, member):
    make_currency(adjust_approval_limit=100)
    answer, request = ledger.request_adjustment(
        actor=person("ann", Role.AGENT), now=NOW, operation=desk.make("Adjust", member, amount=100)
    )
    assert (answer.balance, request) == (100, None)


def test_a_large_one_waits_for_a_second_person(make_currency, desk, member):
    make_currency(adjust_approval_limit=100)
    operation = desk.make("Adjust", member, amount=101)
    assert desk.refused("Adjust", member, amount=101) == "approval_needed"
    ask = {"actor": person("ann", Role.AGENT), "now": NOW, "operation": operation, "note": "Lost parcel"}
    answer, request = ledger.request_adjustment(**ask)
    assert answer is None
    assert ledger.request_adjustment(**ask) == (None, request)
    with pytest.raises(errors.OperationConflictError):
        ledger.request_adjustment(**{**ask, "operation": replace(operation, amount=102)})
    assert queries.balances([member], "points", now=NOW)[member].balance == 0
    before = snapshot()
    with pytest.raises(PermissionMissingError):
        ledger.approve_adjustment(actor=person("ann", Role.AGENT), now=NOW, request_id=request.id)
    with pytest.raises(errors.SamePersonError):
        ledger.approve_adjustment(actor=person("ann"), now=NOW, request_id=request.id)
    assert snapshot() == before
    answer = ledger.approve_adjustment(actor=person("bo"), now=NOW + DAY, request_id=request.id)
    assert answer.balance == 101
    request.refresh_from_db()
    assert (request.state, request.transaction_id, request.decided_by) == ("approved", answer.transaction_id, "user:bo")
    with pytest.raises(errors.RequestClosedError):
        ledger.approve_adjustment(actor=person("bo"), now=NOW, request_id=request.id)
    assert not Event.objects.filter(data__icontains="parcel").exists()


def test_an_approval_allows_exactly_what_was_approved(make_currency, desk, member):
    make_currency(adjust_approval_limit=10)
    operation = desk.make("Adjust", member, amount=50)
    _none, request = ledger.request_adjustment(actor=person("ann"), now=NOW, operation=operation)
    AdjustmentRequest.objects.filter(id=request.id).update(state="approved")
    other = {"amount": 51, "request_id": request.id, "key": operation.key}
    assert desk.refused("Adjust", member, **other) == "approval_needed"


def test_a_refused_request_waits_on_and_can_be_rejected(make_currency, desk, member):
    make_currency(adjust_approval_limit=10)
    operation = desk.make("Adjust", member, amount=-50)
    _none, request = ledger.request_adjustment(actor=person("ann"), now=NOW, operation=operation)
    with pytest.raises(errors.ShortfallRefusedError):
        ledger.approve_adjustment(actor=person("bo"), now=NOW, request_id=request.id)
    assert AdjustmentRequest.objects.get().state == "waiting"
    assert ledger.reject_adjustment(actor=person("ann"), now=NOW, request_id=request.id).state == "rejected"


def test_a_new_expiry_for_old_points_is_previewed_and_approved(make_currency, desk, member, actor):
    make_currency(expiry_kind="days", expiry_count=30)
    desk.done("Earn", member, amount=10)
    desk.done("Earn", member, amount=5, expires_at=NOW + 3 * DAY)
    desk.done("Earn", member, amount=7, at=NOW - 55 * DAY)
    later = NOW + DAY
    change = ledger.request_expiry_change(
        actor=person("ann"), now=later, currency="points", expiry_kind="days", expiry_count=60
    )
    assert {name: value for name, value in change.preview.items() if value} == {"later_lots": 2, "later_points": 17}
    assert Lot.objects.filter(first_expires_at=None).count() == 3
    with pytest.raises(errors.SamePersonError):
        ledger.decide_expiry_change(actor=person("ann"), now=later, change_id=change.id, is_approved=True)
    desk.done("Earn", member, amount=1, at=later)
    ledger.decide_expiry_change(actor=person("bo"), now=later, change_id=change.id, is_approved=True)
    job = Job.objects.get(name="ledger.apply_expiry")
    run(job.id)
    job.refresh_from_db()
    assert (job.status, job.result) == ("succeeded", {"lots": 2, "points": 17})
    assert dict(Lot.objects.values_list("amount", "expires_at")) == {
        10: NOW + 60 * DAY, 5: NOW + 3 * DAY, 7: NOW + 5 * DAY, 1: later + 30 * DAY,
    }  # fmt: skip
    assert Lot.objects.get(amount=10).first_expires_at == NOW + 30 * DAY
    assert ExpiryChange.objects.get().done_at is not None
    assert desk.done("Spend", member, amount=20, at=later + DAY).available == 3


def test_the_nightly_work_is_scheduled_and_runs(make_currency, desk, member, actor):
    make_currency()
    assert set(Schedule.objects.values_list("name", flat=True)) == {
        "ledger.activate", "ledger.expire", "ledger.release_holds", "ledger.prove",
    }  # fmt: skip
    desk.done("Earn", member, amount=10, expires_at=NOW + DAY)
    desk.done("HoldPoints", member, amount=4, expires_at=NOW + DAY)
    results = {}
    for name in ("ledger.release_holds", "ledger.expire", "ledger.prove"):
        job = jobs.enqueue(name, actor=actor, now=NOW)
        run(job.id)
        job.refresh_from_db()
        results[name] = (job.status, job.result)
    assert results == {
        "ledger.release_holds": ("succeeded", {"holds": 1}),
        "ledger.expire": ("succeeded", {"points": 10}),
        "ledger.prove": ("succeeded", {"claims": 14}),
    }
    Lot.objects.update(remaining=3, is_open=True)
    job = jobs.enqueue("ledger.prove", actor=actor, now=NOW)
    run(job.id)
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "proof_broken")
    assert str(Lot.objects.get().id) in job.error_message


def test_every_point_is_explained(make_currency, desk, member):
    make_currency()
    earned = desk.done("Earn", member, amount=60, rule="weekend")
    spent = desk.done("Spend", member, amount=40, key="gift")
    desk.done("Reverse", member, of="gift", amount=10)
    told = queries.explain(member, earned.transaction_id)
    assert [(link.amount, link.other.transaction_kind) for link in told.uses] == [(40, "spend"), (-10, "reverse")]
    assert told.remaining == 30
    told = queries.explain(member, spent.transaction_id)
    assert [(link.amount, link.rule, link.other.id) for link in told.sources] == [
        (40, "weekend", earned.transaction_id)
    ]
    assert [undo.amount for undo in told.reversals] == [10]
    with pytest.raises(errors.TransactionUnknownError):
        queries.explain(new_id(), spent.transaction_id)


@pytest.mark.parametrize(
    "changes",
    [{"decimals": 2}, {"expiry_kind": "days"}, {"shortfall": "x"}, {"time_zone": "Mars"}, {"grace_days": -1}],
)
def test_a_currency_refuses_what_breaks_its_rules(make_currency, actor, changes):
    make_currency()
    before = snapshot()
    with pytest.raises((errors.CurrencyRefusedError, errors.OperationRefusedError)):
        ledger.change_currency(actor=actor, now=NOW, code="points", **changes)
    with pytest.raises(PermissionMissingError):
        ledger.change_currency(actor=person("ann", Role.AGENT), now=NOW, code="points", name="P")
    assert snapshot() == before
