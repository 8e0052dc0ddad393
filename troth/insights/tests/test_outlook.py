"""What is expected of customers: equal to the library asked directly, and honest where the past is too short."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from troth import value
from troth.access.actors import system_actor
from troth.customers import services as customers
from troth.insights import queries, services
from troth.insights.models import CustomerOutlook, CustomerScore
from troth.value import loyalty, models

from .making import NOW, make_company, make_customer, make_order

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 1)
ACTOR = system_actor("test")


@pytest.fixture(autouse=True)
def lake(tmp_path, settings):
    settings.LAKE_DIR = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def company():
    return make_company(as_of_date=TODAY)


def buyers(count, seed=11):
    """Made-up customers who buy at rates of their own over most of a year; some stop."""
    random = np.random.default_rng(seed)
    for number in range(count):
        gap, stops = random.gamma(3, 12), random.random() < 0.3
        at, until = float(random.integers(0, 150)), 300 if not stops else int(random.integers(100, 250))
        days = []
        while at < until:
            days.append(int(at))
            at += max(1.0, random.exponential(gap))
        customer = make_customer()
        for day in dict.fromkeys(days) or [number % 100]:
            amount = str(Decimal(int(random.gamma(2, 2000))) / 100 + 1)
            make_order(customer, TODAY - timedelta(days=300 - day), amount, cost=str(Decimal(amount) / 2))


@pytest.mark.slow
def test_where_the_past_is_short_no_value_to_come_is_said():
    ann = make_customer()
    make_order(ann, TODAY - timedelta(days=20), "100", cost="60")
    run = services.analyse(actor=ACTOR, now=NOW)

    found = queries.outlook(ann)
    assert found is not None
    assert found.made_value == 40
    assert (found.probability_alive, found.potential_value, found.stake, found.action) == (None, None, None, "")
    assert found.attitude is None
    assert found.loyalty_index > 0
    assert queries.tables(run, "model_trials")["model_trials"].facts == {"is_fitted": False}


@pytest.mark.slow
def test_figures_are_those_of_the_library(lake):
    buyers(130)
    run = services.analyse(actor=ACTOR, now=NOW)

    with value.Lake(lake, currency="CNY") as facts:
        best = models.fit_best(facts, as_of=TODAY, unit="days", ahead=91, folds=2)
        scores = value.scores(facts, as_of=TODAY).frame.sort("customer_id")
    alive = best.model.probability_alive(scores)
    stored = {str(one.owner_id): one for one in CustomerOutlook.objects.all()}
    assert len(stored) == CustomerScore.objects.count() == 130
    for row in alive.to_dicts():
        one = stored[row["customer_id"]]
        assert float(one.probability_alive) == pytest.approx(row["probability_alive"], abs=6e-5)
        assert float(one.alive_low) == pytest.approx(row["probability_alive_low"], abs=6e-5)
    index = loyalty.loyalty_index(loyalty.from_scores(scores, as_of=TODAY), as_of=TODAY)
    for row in index.frame.to_dicts():
        assert float(stored[row["customer_id"]].loyalty_index) == pytest.approx(row["loyalty_index"], abs=6e-5)
    facts_of = queries.tables(run, "model_trials", "actions", "quadrant", "loyalty_types", "value_layers")
    told = facts_of["model_trials"].facts
    assert (told["winner"], told["reason"], told["ahead_days"]) == (best.winner, best.reason, 91)
    for name in ("actions", "quadrant", "loyalty_types", "value_layers"):
        assert sum(row["customers"] for row in facts_of[name].rows) == 130
    total = sum(one.potential_value for one in stored.values())
    assert float(total) == pytest.approx(sum(row["potential"] for row in facts_of["value_layers"].rows), abs=0.05)
    assert all(one.potential_low <= one.potential_value <= one.potential_high for one in stored.values())
    assert all((one.reward_share, one.net_value) == (0, one.potential_value) for one in stored.values())


@pytest.mark.slow
def test_a_second_analysis_replaces_the_rows_and_leaves_nobody_behind():
    buyers(130)
    services.analyse(actor=ACTOR, now=NOW)
    before = pl.DataFrame(list(CustomerOutlook.objects.order_by("owner_id").values("owner_id", "potential_value")))
    gone = CustomerOutlook.objects.order_by("owner_id").first()
    customers.erase_customer(actor=ACTOR, now=NOW, customer_id=gone.owner_id)
    services.analyse(actor=ACTOR, now=NOW)
    assert not CustomerOutlook.objects.filter(owner_id=gone.owner_id).exists()
    assert CustomerOutlook.objects.count() == before.height - 1


@pytest.mark.slow
def test_a_new_purchase_tells_at_once_without_a_new_fit(lake):
    buyers(130)
    services.analyse(actor=ACTOR, now=NOW)
    one = CustomerOutlook.objects.filter(probability_alive__lt=Decimal("0.5")).order_by("owner_id").first()
    later = TODAY + timedelta(days=10)
    unchanged, days = queries.outlook_now(one.owner_id, today=later)
    assert (days, unchanged.potential_value) == (0, one.potential_value)

    for day, amount in ((4, "20"), (4, "10"), (9, "60")):
        make_order(one.owner_id, TODAY + timedelta(days=day), amount, cost="5")
    found, days = queries.outlook_now(one.owner_id, today=later)
    assert days == 2
    assert found.probability_alive > Decimal("0.9")
    assert CustomerOutlook.objects.get(owner_id=one.owner_id).probability_alive == one.probability_alive

    told = queries.tables(queries.latest_run(), "model_trials")["model_trials"].facts
    buying = getattr(models, told["model"]).from_params(
        {row[0]: row[1] for row in told["params"]}, covariance=told["covariance"]
    )
    services.export_facts(now=NOW)
    with value.Lake(lake, currency="CNY") as facts:
        scores = value.scores(facts, as_of=later).frame.filter(pl.col("customer_id") == str(one.owner_id))
    alive = buying.probability_alive(scores).row(0, named=True)
    assert float(found.probability_alive) == pytest.approx(alive["probability_alive"], abs=6e-5)
    assert float(found.alive_low) == pytest.approx(alive["probability_alive_low"], abs=6e-5)
    assert found.net_value == found.potential_value  # nobody collects points here
    CustomerOutlook.objects.filter(owner_id=one.owner_id).update(reward_share=Decimal("0.02"))
    net, _days = queries.outlook_now(one.owner_id, today=later)
    share = (told["margin"] - 0.02) / told["margin"]
    assert float(net.net_value) == pytest.approx(float(net.potential_value) * share, abs=1e-3)
    assert net.net_low <= net.net_value <= net.net_high
