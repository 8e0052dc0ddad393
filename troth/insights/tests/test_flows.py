"""Movement of a month and coming back, on a few customers counted by hand."""

from datetime import timedelta

import pytest

from troth.access.actors import system_actor
from troth.insights import queries, services

from .making import NOW, make_company, make_customer, make_order

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TODAY = NOW.date()
ACTOR = system_actor("test")


@pytest.fixture(autouse=True)
def lake(tmp_path, settings):
    settings.LAKE_DIR = tmp_path
    make_company(as_of_date=TODAY)


def test_flows_and_curve_count_everybody_once():
    for gaps in ((200, 190), (200, 140), (200,), (20,), (0,)):
        person = make_customer()
        for days in gaps:
            make_order(person, TODAY - timedelta(days=days))
    run = services.analyse(actor=ACTOR, now=NOW)
    tables = queries.tables(run, "status_flow", "coming_back")
    flow = {(row["before"], row["status"]): row["customers"] for row in tables["status_flow"].rows}
    assert sum(flow.values()) == 5
    assert flow["", "new"] == 2

    # Three had bought by then, once or twice; the two of this month had not. Nobody made a second purchase in it.
    ladder = {
        (row["before"], row["rung"]): row["customers"] for row in queries.tables(run, "ladder_flow")["ladder_flow"].rows
    }
    assert ladder == {
        ("", "first_time_buyer"): 2, ("first_time_buyer", "first_time_buyer"): 1,
        ("at_least_repeat_buyer", "at_least_repeat_buyer"): 2,
    }  # fmt: skip
    for (before, rung), count in ladder.items():
        wanted = queries.People(rung_before=before or queries.NO_BUYER, rung=rung)
        assert queries.people(wanted, as_of=TODAY).count() == count

    curve = {row["days"]: row for row in tables["coming_back"].rows}
    # Watched for longer than a day: four. One came back after 10 days, of three watched on one after 60: 1 - 3/4 · 1/2.
    assert tables["coming_back"].facts == {"customers": 4, "median_days": 60.0}
    assert curve[7]["came_back"] == 0
    assert curve[14]["came_back"] == pytest.approx(0.25)
    assert curve[60]["came_back"] == pytest.approx(1 - 0.75 * 0.5)
    assert (curve[30]["at_risk"], curve[180]["at_risk"]) == (2, 1)
    assert max(curve) == 180
    assert all(row["low"] <= row["came_back"] <= row["high"] for row in curve.values())


def test_nobody_watched_for_a_day_makes_no_curve():
    make_order(make_customer(), TODAY)
    run = services.analyse(actor=ACTOR, now=NOW)
    assert queries.tables(run, "coming_back")["coming_back"].rows == []
