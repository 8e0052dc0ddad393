"""Draws that keep some out of what is given: for good, for everybody's records, and what they tell afterwards."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from troth.customers import queries as customers
from troth.customers.models import Customer
from troth.insights import services as insights
from troth.insights.tests.making import make_order
from troth.jobs import running
from troth.messaging import control_draws, control_gate, control_trials, services
from troth.messaging.control_draws import counts_of, draws_of
from troth.messaging.errors import ControlRefusedError
from troth.messaging.models import ControlDraw
from troth.messaging.policy_versions import in_force
from troth.staff.models import Company

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 31, 4, tzinfo=UTC)
LONG_AGO = datetime(2025, 6, 1, tzinfo=UTC)
AS_OF = date(2026, 4, 30)


@pytest.fixture
def offer():
    """No template is needed here."""


@pytest.fixture
def people(db):
    Company.objects.create(name="Test", currency="CNY", time_zone="Asia/Shanghai", country="CN")
    made = [Customer(name=f"P{number}", created_at=LONG_AGO, updated_at=LONG_AGO) for number in range(40)]
    return sorted(one.id for one in Customer.objects.bulk_create(made))


@pytest.fixture
def drawn(monkeypatch, people):
    """Of ten in a hundred the first four are kept out of a thing; of all offers, of ten in a hundred, the last four."""
    places = {one: place for place, one in enumerate(people)}
    monkeypatch.setattr(control_draws, "_is_drawn", lambda _subject, one, percent: places[one] * 100 < percent * 40)
    monkeypatch.setattr(
        control_gate, "is_kept_out", lambda one, _terms, *, percent: (39 - places[one]) * 100 < percent * 40
    )


def keep(people: list[UUID], *, percent: int = 10, spares_all: bool = True, now: datetime = NOW) -> set[UUID]:
    return services.kept_out("coupon:tea", people, percent=percent, spares_all=spares_all, now=now)


def govern(actor, percent: int) -> None:
    version, terms = in_force()
    wanted = replace(terms, control_percent=percent)
    services.save_policy(terms=wanted, note="", expected_version=version, actor=actor, now=LONG_AGO)


def test_without_a_share_nobody_is_drawn(people):
    assert keep(people, percent=0) == set()
    assert keep([], percent=10) == set()
    assert not ControlDraw.objects.exists()


def test_a_draw_holds_for_good_whatever_the_share_becomes(people, drawn):
    assert keep(people) == set(people[:4])
    assert counts_of("coupon:tea") == (36, 4)
    assert keep(people, percent=50, now=NOW + timedelta(days=30)) == set(people[:4])
    assert keep(people[4:], percent=0, spares_all=False) == set()
    assert ControlDraw.objects.count() == 40
    assert {one.drawn_at for one in ControlDraw.objects.all()} == {NOW}


def test_the_hash_keeps_out_about_its_share_and_no_thing_like_another(people):
    many = [UUID(int=number) for number in range(4_000)]
    first, second = (
        {one for one in many if control_draws._is_drawn(subject, one, 10)} for subject in ("coupon:a", "coupon:b")
    )
    assert 300 < len(first) < 500
    assert 300 < len(second) < 500
    assert 10 < len(first & second) < 90


def test_whoever_gets_no_offers_at_all_gets_none_of_this_where_it_says_so(people, drawn, actor):
    govern(actor, 10)
    assert keep(people, percent=0, spares_all=False) == set()
    assert keep(people) == {*people[:4], *people[36:]}
    assert draws_of(people[39]).get().is_of_all
    assert not draws_of(people[0]).get().is_of_all


def test_of_merged_records_the_side_that_got_it_counts(people, drawn, monkeypatch):
    keep(people[:6])
    one, other = people[0], people[5]
    groups = {one: (one, other), other: (one, other)}
    monkeypatch.setattr(customers, "record_groups", lambda ids: {key: groups.get(key, (key,)) for key in ids})
    assert keep([one, people[1]]) == {people[1]}
    assert ControlDraw.objects.count() == 6


@pytest.mark.slow
def test_both_sides_stand_beside_each_other_from_the_day_of_their_draw(people, drawn, actor, tmp_path, settings):
    settings.LAKE_DIR = tmp_path
    with pytest.raises(ControlRefusedError, match="nothing to compare with"):
        services.measure_draws(subject="coupon:tea", days=10, actor=actor, now=NOW)
    keep(people[:30])
    keep(people[30:], now=NOW + timedelta(days=25))  # 25 April: their ten days are not over
    for place, one in enumerate(people):
        make_order(one, date(2026, 3, 31), "900", cost="10")  # the day of the draw is no day after it
        make_order(one, date(2026, 4, 5), "30" if place < 4 else "50", cost="10")
    insights.analyse(actor=actor, now=datetime(2026, 4, 30, 12, tzinfo=UTC), as_of=AS_OF)
    for wrong in ({"days": 0}, {"days": 366}, {"cost": Decimal(-1)}, {"message_price": Decimal("NaN")}):
        with pytest.raises(ControlRefusedError):
            services.measure_draws(subject="coupon:tea", actor=actor, now=NOW, **({"days": 10} | wrong))

    job = services.measure_draws(subject="coupon:tea", days=10, cost=Decimal(3), actor=actor, now=NOW)
    assert control_trials.under_way_of("coupon:tea") == job
    running.run(job.id)
    found = control_trials.measurement_of("coupon:tea").result
    assert control_trials.measurement_of("coupon:other") is None
    assert (found["counts"], found["waiting"], found["is_of_all"]) == ({"control": 4, "may": 26}, 10, False)
    assert found["outcomes"]["profit"]["difference"] == pytest.approx(20)
    assert found["outcomes"]["net"]["difference"] == pytest.approx(17)
    assert "small_group" in found["outcomes"]["net"]["doubts"]
