"""What all offers brought: both groups as counted by hand, the same days for all, and no figure where there is none."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from troth.customers.models import Customer
from troth.insights import services as insights
from troth.insights.tests.making import make_order
from troth.jobs import running
from troth.ledger import services as ledger
from troth.ledger.currencies import CurrencyRules, create_currency
from troth.ledger.operations import Earn, Owner, Reason
from troth.messaging import control_gate, control_results, services
from troth.messaging.errors import ControlRefusedError
from troth.messaging.models import Contact
from troth.messaging.policy_versions import in_force
from troth.staff.models import Company

pytestmark = pytest.mark.django_db

BEGAN = datetime(2026, 1, 10, 4, tzinfo=UTC)
AS_OF = date(2026, 4, 30)
LONG_AGO = datetime(2025, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def lake(tmp_path, settings):
    settings.LAKE_DIR = tmp_path


@pytest.fixture
def offer():
    """No template is needed here."""


@pytest.fixture
def company(db):
    return Company.objects.create(name="Test", currency="CNY", time_zone="Asia/Shanghai", country="CN")


@pytest.fixture
def people(company):
    made = [Customer(name=f"P{number}", created_at=LONG_AGO, updated_at=LONG_AGO) for number in range(40)]
    return sorted(Customer.objects.bulk_create(made), key=lambda one: one.id)


@pytest.fixture
def kept_out(monkeypatch, people):
    """Of ten in a hundred the first four are kept out, of twenty the first eight."""
    places = {one.id: place for place, one in enumerate(people)}
    monkeypatch.setattr(
        control_gate,
        "_is_kept_out",
        lambda customer_id, terms, group, percent: places.get(customer_id, 99) * 100 < percent * len(people),
    )


def govern(actor, *, at=BEGAN, **changes):
    version, terms = in_force()
    wanted = replace(terms, **changes)
    services.save_policy(terms=wanted, note="", expected_version=version, actor=actor, now=at)


def analysed(actor):
    return insights.analyse(actor=actor, now=datetime(2026, 4, 30, 12, tzinfo=UTC), as_of=AS_OF)


def make_contact(owner_id, *, sent_at, key):
    Contact.objects.create(
        owner_id=owner_id, key=key, purpose="marketing", template="offer", content_hash="x", source="test",
        relevant_until=sent_at, state="sent", due_at=sent_at, decided_at=sent_at, created_at=sent_at,
        created_by="test", sent_at=sent_at,
    )  # fmt: skip


def test_nobody_kept_out_is_nothing_to_compare_with(company, actor):
    assert control_results.control_group() == control_results.ControlGroup(0, None, 0)
    with pytest.raises(ControlRefusedError, match="nothing to compare with"):
        services.measure_control(days=30, actor=actor, now=BEGAN)
    assert control_results.under_way() is None


def test_the_group_is_as_old_as_its_draw_whatever_its_share(company, actor):
    govern(actor, control_percent=5)
    govern(actor, at=BEGAN + timedelta(days=10), control_percent=10)
    assert control_results.control_group().since == BEGAN
    govern(actor, at=BEGAN + timedelta(days=20), control_draw="2")
    assert control_results.control_group().since == BEGAN + timedelta(days=20)
    govern(actor, at=BEGAN + timedelta(days=30), control_percent=0)
    assert control_results.control_group().since is None


@pytest.mark.slow
def test_both_groups_stand_beside_each_other_as_counted_by_hand(people, kept_out, company, actor):
    govern(actor, control_percent=10)
    for place, one in enumerate(people):
        make_order(one.id, date(2026, 4, 20), "30" if place < 4 else "50", cost="10")
        make_order(one.id, date(2026, 3, 31), "900", cost="10")  # the last day before
    late = Customer.objects.create(name="Late", created_at=datetime(2026, 4, 2, tzinfo=UTC), updated_at=LONG_AGO)
    make_order(late.id, date(2026, 4, 20), "7000", cost="10")
    imported = Customer.objects.create(name="Imported", created_at=late.created_at, updated_at=LONG_AGO)
    make_order(imported.id, date(2026, 3, 1), "9", cost="1")
    make_order(imported.id, date(2026, 4, 20), "50", cost="10")
    analysed(actor)
    group = control_results.control_group()
    assert (group.percent, group.since, group.most_days, group.spans) == (10, BEGAN, 110, (30, 90))

    found = control_results.work_out(days=30)
    assert (found["from_date"], found["as_of_date"], found["percent"]) == ("2026-04-01", "2026-04-30", 10)
    assert found["counts"] == {"control": 4, "may": 37}
    revenue, profit = found["outcomes"]["revenue"], found["outcomes"]["profit"]
    assert revenue["difference"] == pytest.approx(20, abs=0.1)
    assert profit["mean"] - profit["control_mean"] == pytest.approx(20, abs=0.1)
    assert revenue["total"] == pytest.approx(revenue["difference"] * 37)
    assert "small_group" in revenue["doubts"]


@pytest.mark.slow
def test_what_points_gifts_and_messages_cost_is_taken_off_by_person(people, kept_out, company, actor):
    govern(actor, control_percent=10)
    for place, one in enumerate(people):
        make_order(one.id, date(2026, 4, 20), "30" if place < 4 else "50", cost="10")
    analysed(actor)
    inside, before = datetime(2026, 4, 20, 4, tzinfo=UTC), datetime(2026, 3, 31, 15, 59, tzinfo=UTC)
    points = create_currency(actor=actor, now=BEGAN, code="points", rules=CurrencyRules(name="Points"))
    for number, one in enumerate(people[4:]):
        for at in (inside, before):
            earn = Earn(
                key=f"{number} {at}",
                owner=Owner("customer", one.id),
                currency=points.code,
                occurred_at=at,
                reason=Reason("test", {}),
                amount=200,
                unit_cost=Decimal("0.01"),
                cost_currency="CNY",
            )
            assert ledger.post([earn], actor=actor, now=at)[0].error is None
        make_contact(one.id, sent_at=inside, key=f"m{number}")
        make_contact(one.id, sent_at=before, key=f"b{number}")
    make_contact(people[0].id, sent_at=inside, key="service")

    found = control_results.work_out(days=30, message_price=Decimal("0.5"))
    costs = {kind: (found["costs"][kind]["may"], found["costs"][kind]["control"]) for kind in found["costs"]}
    assert costs["points"] == pytest.approx((2, 0))
    assert costs["messages"] == pytest.approx((0.5, 0.125))
    assert costs["gifts"] == (0, 0)
    profit, net = found["outcomes"]["profit"], found["outcomes"]["net"]
    assert net["difference"] == pytest.approx(profit["difference"] - 2 - 0.375)
    free = control_results.work_out(days=30)
    assert free["outcomes"]["net"]["difference"] == pytest.approx(profit["difference"] - 2)


@pytest.mark.slow
def test_what_can_be_no_price_is_refused(people, kept_out, company, actor):
    govern(actor, control_percent=10)
    make_order(people[0].id, date(2026, 4, 20), "30")
    analysed(actor)
    for price in ("-0.01", "NaN", "Infinity", "1000.01"):
        with pytest.raises(ControlRefusedError) as refused:
            services.measure_control(days=30, message_price=Decimal(price), actor=actor, now=BEGAN)
        assert refused.value.fields["field"] == "message_price"


@pytest.mark.slow
def test_who_changed_sides_with_the_share_is_on_neither(people, kept_out, company, actor):
    govern(actor, control_percent=20)
    govern(actor, at=datetime(2026, 4, 15, tzinfo=UTC), control_percent=10)
    make_order(people[0].id, date(2026, 4, 20), "30")
    analysed(actor)
    assert control_results.work_out(days=30)["counts"] == {"control": 4, "may": 32}
    assert control_results.work_out(days=10)["counts"] == {"control": 4, "may": 36}


@pytest.mark.slow
def test_days_before_the_group_are_refused_and_a_day_of_its_own_is_not(people, kept_out, company, actor):
    govern(actor, control_percent=10)
    with pytest.raises(ControlRefusedError, match="analysis"):
        services.measure_control(days=30, actor=actor, now=BEGAN)
    make_order(people[0].id, date(2026, 4, 20), "30")
    analysed(actor)
    for days in (0, 111):
        with pytest.raises(ControlRefusedError) as refused:
            services.measure_control(days=days, actor=actor, now=BEGAN)
        assert (refused.value.fields["field"], refused.value.fields["value"]) == ("days", str(days))
    assert control_results.work_out(days=110)["percent"] == 10


@pytest.mark.slow
def test_a_job_does_it_and_the_newest_one_is_shown(people, kept_out, company, actor):
    govern(actor, control_percent=10)
    make_order(people[0].id, date(2026, 4, 20), "30")
    analysed(actor)
    job = services.measure_control(days=30, actor=actor, now=BEGAN)
    assert (control_results.under_way(), control_results.measurement()) == (job, None)
    running.run(job.id)
    shown = control_results.measurement()
    assert control_results.under_way() is None
    assert shown.result["counts"] == {"control": 4, "may": 36}


def test_a_kept_measurement_is_read_in_our_order():
    told = {
        "costs": {"past": {}, "messages": {}, "points": {}},
        "outcomes": {name: {} for name in sorted(control_results.BEFORE, key=len)},
    }
    assert list(control_results.costs_of(told)) == ["points", "messages", "past"]
    assert list(control_results.outcomes_of(told)) == list(control_results.BEFORE)
    assert control_results.costs_of({"outcomes": {}}) == control_results.outcomes_of({"outcomes": {}}) == {}
