"""The past of one customer: kept day by day, told later where nothing was kept; equal to the library on that day."""

from datetime import date

import polars as pl
import pytest

from troth import value
from troth.insights import history, knowing, loyal, queries, services
from troth.insights.live import models_of
from troth.insights.models import CustomerOutlook
from troth.insights.outlook import values_of
from troth.kit.ids import new_id
from troth.value.loyalty import LoyaltyTerms

from .making import NOW, make_company
from .test_outlook import ACTOR, TODAY, buyers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def lake(tmp_path, settings):
    settings.LAKE_DIR = tmp_path
    make_company(as_of_date=TODAY)
    return tmp_path


def kept(*rows):
    return pl.DataFrame(
        [(str(owner), index, 0.5, 100.0, 10.0) for owner, index in rows],
        schema=["customer_id", *history.FIGURES],
        orient="row",
    )


def test_the_last_day_of_each_month_is_read_the_oldest_first(lake):
    ann, bo = new_id(), new_id()
    for day, index in (("2026-01-05", 1.0), ("2026-01-31", 2.0), ("2026-02-14", 3.0), ("2026-03-02", 9.0)):
        history.write(lake, kept((ann, index), (bo, 50.0)), date.fromisoformat(day))
    found = queries.history_of(ann, until=date(2026, 3, 1))
    assert [(one.day.isoformat(), one.loyalty_index) for one in found] == [("2026-01-31", 2.0), ("2026-02-14", 3.0)]
    assert not found[0].is_told_later
    assert queries.history_of(new_id(), until=TODAY) == []
    history.write(lake, kept((ann, 4.0)), date(2026, 2, 14))  # the day again: in its place
    assert [one.loyalty_index for one in queries.history_of(ann, until=TODAY)] == [2.0, 4.0]


def test_a_year_back_and_no_further(lake):
    ann = new_id()
    for month in range(1, 13):
        history.write(lake, kept((ann, float(month))), date(2025, month, 20))
    for month in (1, 2, 3):
        history.write(lake, kept((ann, 100.0 + month)), date(2026, month, 1))
    found = queries.history_of(ann, until=TODAY)
    assert [one.loyalty_index for one in found] == [*(float(month) for month in range(3, 13)), 101.0, 102.0, 103.0]


def test_nothing_kept_is_no_past_and_what_is_missing_is_known(lake):
    assert queries.history_of(new_id(), until=TODAY) == []
    assert history.missing(lake, TODAY)[:2] == [date(2026, 2, 28), date(2026, 1, 31)]
    assert len(history.missing(lake, TODAY)) == 12
    history.write(lake, kept((new_id(), 1.0)), date(2026, 2, 3))
    assert history.missing(lake, TODAY)[0] == date(2026, 1, 31)


@pytest.mark.slow
def test_past_months_are_told_by_the_models_of_today_from_the_orders_of_then(lake):
    buyers(130)
    run = services.analyse(actor=ACTOR, now=NOW)
    one = CustomerOutlook.objects.order_by("owner_id").first()
    (now,) = queries.history_of(one.owner_id, until=TODAY)
    assert now.loyalty_index == pytest.approx(float(one.loyalty_index), abs=6e-5)
    assert now.probability_alive == pytest.approx(float(one.probability_alive), abs=6e-5)

    seen = []
    told = services.look_back(report=lambda done, total: seen.append((done, total)))
    assert told == 10  # the first orders are of last May
    assert seen[0] == (0, 12)
    assert services.look_back(report=lambda _done, _total: None) == 0  # but those before the first order
    day = date(2026, 1, 31)
    models = models_of(run.id)
    with value.Lake(lake, currency="CNY") as facts:
        scores = value.scores(facts, as_of=day).frame.sort("customer_id")
    values = values_of(scores, models.buying, models.spend, margin=models.margin, as_of=day)
    known = knowing.known(scores, day, LoyaltyTerms(), window_days=365)
    direct = values.join(loyal.of(scores, known.frame, day, LoyaltyTerms()).frame, on="customer_id").filter(
        pl.col("customer_id") == str(one.owner_id)
    )
    (then,) = [moment for moment in queries.history_of(one.owner_id, until=TODAY) if moment.day == day]
    assert then.is_told_later
    for name in history.FIGURES:
        assert getattr(then, name) == pytest.approx(float(direct[name][0]))
