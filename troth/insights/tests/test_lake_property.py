"""Many small exports between changes make the same lake as one export at the end."""

import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from troth.activity.models import Order, OrderLine, Return, ServiceCost
from troth.customers.models import Customer
from troth.insights.lake import compaction, exporting

from .making import NOW, make_customer, make_order, make_return, make_service_cost, revise_order
from .test_lake_export import whole

pytestmark = pytest.mark.django_db

MOMENTS = st.integers(-50, 50).map(lambda hours: NOW + timedelta(minutes=20 * hours))
DAYS = st.integers(0, 60).map(lambda days: date(2026, 1, 1) + timedelta(days=days))
AMOUNTS = st.integers(-10_000, 10_000).map(lambda units: f"{units / 100:.2f}")
LINES = st.sampled_from([(), ("a",), ("a", "b"), ("b", "b", "c")])
STEPS = st.one_of(
    st.tuples(st.just("order"), DAYS, AMOUNTS, LINES, MOMENTS),
    st.tuples(st.just("revise"), st.integers(0, 9), AMOUNTS, LINES, MOMENTS),
    st.tuples(st.just("return"), DAYS, st.integers(0, 9)),
    st.tuples(st.just("cost"), DAYS),
    st.tuples(st.just("merge"), st.integers(0, 9)),
    st.tuples(st.just("export")),
    st.tuples(st.just("export")),
    st.tuples(st.just("compact")),
)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, max_size=20))
def test_increments_equal_one_full_export(steps):
    for model in (OrderLine, Order, Return, ServiceCost, Customer):
        model.objects.all().delete()
    with tempfile.TemporaryDirectory() as folder:
        grown, fresh = Path(folder) / "grown", Path(folder) / "fresh"
        play(steps, grown)
        exporting.export(grown, now=NOW)
        exporting.export(fresh, now=NOW)
        assert whole(grown) == whole(fresh)


def play(steps, lake: Path) -> None:
    people, orders = [make_customer()], []
    for step in steps:
        match step:
            case ("order", day, amount, lines, at):
                orders.append(make_order(people[-1], day, amount, categories=lines, at=at))
            case ("revise", number, amount, lines, at) if orders:
                revise_order(orders[number % len(orders)], amount, at, lines)
            case ("return", day, number):
                make_return(people[-1], day, "5", orders[number % len(orders)] if orders else None)
            case ("cost", day):
                make_service_cost(people[-1], day, "1.5")
            case ("merge", number):
                people.append(make_customer())
                Customer.objects.filter(id=people[number % (len(people) - 1)]).update(canonical_id=people[-1])
            case ("export",):
                exporting.export(lake, now=NOW)
            case ("compact",) if lake.exists():
                compaction.compact(lake, now=NOW, is_forced=True)
            case _:
                pass
