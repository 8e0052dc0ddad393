"""Effects of journeys, targets, the net value and a past in a real browser: axe in both languages, widths."""

from datetime import timedelta
from decimal import Decimal

import polars as pl
import pytest

from troth.access.actors import system_actor
from troth.care.journeys import services as journeys
from troth.console.journeys.tests.test_effect import TEXT
from troth.console.journeys.tests.test_effect import measured as effect_of
from troth.console.value.tests.test_outlook_screens import store, with_net
from troth.insights import history, targets
from troth.insights.models import ReportFrame
from troth.insights.tests.making import make_customer, make_outlook
from troth.insights.tests.test_conditions import score_of
from troth.insights.tests.test_targets import analysed
from troth.kit.clock import utc_now

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ACTOR = system_actor("test")


@pytest.fixture
def pages(open_page, settings, tmp_path):
    """Addresses of the screens, each with something to show."""
    settings.LAKE_DIR = tmp_path
    run, today = store(), utc_now().date()
    with_net(run)
    journey = journeys.create_journey(actor=ACTOR, now=utc_now(), text=TEXT)
    journeys.publish(actor=ACTOR, now=utc_now(), journey_id=journey.id)
    effect_of(journey)
    ann = make_customer(name="Ann Stone")
    score_of(ann, status="active", rung="at_least_repeat_buyer", rung_before="first_time_buyer")
    make_outlook(ann, net_value=190, reward_share="0.0125", referred=2, influence_value=45)
    ReportFrame.objects.create(
        run=run, name="influence", columns=["customer_id", "referred", "reach", "influence_value"],
        rows=[[str(ann), 2, 3, 45.0]], facts={"is_recorded": True, "told": 4, "links": 3, "unknown": 1, "circular": 0,
                                              "introducers": 2, "bought": 2, "total": 85.0},
    )  # fmt: skip
    ReportFrame.objects.create(
        run=run, name="ladder_flow", columns=["before", "rung", "customers"], facts={},
        rows=[["", "first_time_buyer", 3], ["first_time_buyer", "at_least_repeat_buyer", 2]],
    )  # fmt: skip
    ReportFrame.objects.create(
        run=run, name="waterfall", columns=["step", "customers"], rows=[["start", 3], ["new", 2], ["end", 5]],
        facts={"start": (today - timedelta(days=30)).isoformat(), "end": today.isoformat()},
    )  # fmt: skip
    for days, index in ((80, 40.0), (50, 48.5), (10, 72.4)):
        frame = pl.DataFrame(
            {"customer_id": [str(ann)], "loyalty_index": [index], "probability_alive": [index / 80],
             "potential_value": [index * 3], "made_value": [0.0]}
        )  # fmt: skip
        history.write(tmp_path, frame, today - timedelta(days=days))
    reports = ReportFrame.objects.filter(run=run)
    kept = list(reports)
    analysed(today - timedelta(days=60), active="100.0000")
    now = utc_now() - timedelta(days=60)
    row = targets.set_target(
        actor=ACTOR,
        now=now,
        indicator="active",
        goal=Decimal(200),
        due_date=today + timedelta(days=60),
        reason="Double them",
    )
    targets.review_target(actor=ACTOR, now=now, target_id=row.id, note="The spring mail helped; stamps next.")
    later = analysed(today, active="140.0000")
    ReportFrame.objects.bulk_create(
        ReportFrame(run=later, name=one.name, columns=one.columns, rows=one.rows, facts=one.facts) for one in kept
    )
    addresses = [f"/journeys/{journey.id}/effect/", "/value/targets/", "/value/expected/", "/value/lifecycle/"]
    return [*addresses, f"/customers/{ann}/"]


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh-hans", "dark")])
def test_axe_finds_nothing(open_page, pages, axe, language, theme):
    page = open_page("/value/targets/", language=language, theme=theme)
    for path in pages:
        page.goto(path)
        assert axe(page) == [], path
    assert page.complaints == []


@pytest.mark.parametrize("width", [390, 1440])
def test_no_page_is_wider_than_the_screen(open_page, pages, width):
    page = open_page("/value/targets/", width=width)
    for path in pages:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
