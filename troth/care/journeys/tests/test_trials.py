"""What a journey's random splits brought: equal to the library asked directly, and to a count by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from troth import value
from troth.care.journeys import queries, services, trials
from troth.care.journeys.errors import JourneyNotFoundError, JourneyRefusedError
from troth.care.models import JourneyTrial, JourneyVisit
from troth.events.models import Event
from troth.insights import services as insights
from troth.insights.tests.making import make_order
from troth.kit.ids import new_id
from troth.value import experiments

from .conftest import NOW
from .making import text

DRAWN = date(2026, 3, 2)  # of NOW, in Shanghai
AS_OF = date(2026, 4, 30)
STEPS = """
  - id: draw
    type: split
    arms:
      - {code: written, share: 50, steps: [{id: a, type: tag, tag: A}]}
      - {code: nothing, share: 50, is_control: true}
"""


@pytest.fixture(autouse=True)
def lake(tmp_path, settings):
    settings.LAKE_DIR = tmp_path
    return tmp_path


@pytest.fixture
def journey(publish):
    return publish(text(STEPS))


def deal(journey, owner_id, arm, at=NOW):
    """Note that chance gave a person a group."""
    version = queries.versions(journey.id).first()
    return JourneyVisit.objects.create(
        owner_id=owner_id, run_id=new_id(), journey=journey, version=version, step="draw", arrived_at=at, left_at=at,
        outcome=arm,
    )  # fmt: skip


def analysed(actor):
    return insights.analyse(actor=actor, now=datetime(2026, 4, 30, 12, tzinfo=UTC), as_of=AS_OF)


def asked(journey, actor, **more):
    terms = {"days": 30, "in_background": False} | more
    row = services.measure(actor=actor, now=NOW + timedelta(days=60), journey_id=journey.id, **terms)
    return services.work_out(actor=actor, now=NOW + timedelta(days=60), trial_id=row.id)


@pytest.mark.slow
def test_the_groups_stand_beside_each_other_as_counted_by_hand(journey, person, actor):
    people = [person() for _ in range(6)]
    for owner_id, arm in zip(people, ["written"] * 3 + ["nothing"] * 3, strict=True):
        deal(journey, owner_id, arm)
    late = person()
    deal(journey, late, "written", at=NOW + timedelta(days=40))
    for owner_id, amount in zip(people, ["90", "30", "60", "10", "20", "30"], strict=True):
        make_order(owner_id, DRAWN + timedelta(days=5), amount, cost="0")
    make_order(people[0], DRAWN, "500", cost="0")  # on the day itself: before
    make_order(late, DRAWN + timedelta(days=50), "900", cost="0")
    analysed(actor)

    row = asked(journey, actor)
    told = row.result["draw"]
    assert (told["control"], told["people"], told["counts"]) == ("nothing", 6, {"written": 3, "nothing": 3})
    (effect,) = told["outcomes"]["revenue"]["effects"]
    assert (effect["arm"], effect["people"]) == ("written", 3)
    direct = experiments.compare(
        pl.DataFrame(
            {
                "arm": ["control"] * 3 + ["mail"] * 3,
                "revenue": [10.0, 20.0, 30.0, 90.0, 30.0, 60.0],
                "before": [0.0, 0.0, 0.0, 500.0, 0.0, 0.0],
            }
        ),
        outcome="revenue",
        before="before",
    ).effect("mail")
    assert effect["difference"] == pytest.approx(direct.difference)
    assert (effect["low"], effect["high"]) == pytest.approx((direct.low, direct.high))
    assert "small_group" in told["outcomes"]["revenue"]["doubts"]
    assert told["uplift"] == {}  # too few to ask whom it moves
    assert (row.as_of_date, row.currency, row.days) == (AS_OF, "CNY", 30)
    event = Event.objects.get(name="care.trial.measured")
    assert event.data == {"journey": "test", "people": 6}


@pytest.mark.slow
def test_measured_again_it_takes_the_place_of_itself(journey, person, actor):
    deal(journey, person(), "written")
    make_order(person(), DRAWN, "10")
    analysed(actor)
    first, second = asked(journey, actor), asked(journey, actor, days=10, cost=Decimal("0.5"))
    assert first.id == second.id == JourneyTrial.objects.get().id
    assert (second.days, second.cost) == (10, Decimal("0.5"))
    assert second.result["draw"]["outcomes"] == {}  # nobody without it


@pytest.mark.slow
def test_whom_it_moves_is_what_the_library_says(journey, actor, company):
    rng = np.random.default_rng(5)
    drawn, orders = [], []
    for number in range(500):
        owner_id, arm = new_id(), "written" if number % 2 else "nothing"
        deal(journey, owner_id, arm)
        is_regular = bool(rng.random() < 0.5)
        if is_regular:
            orders.append((owner_id, DRAWN - timedelta(days=30), "200"))
        gain = 40 if is_regular and arm == "written" else 0
        orders.append((owner_id, DRAWN + timedelta(days=3), str(round(20 + gain + float(rng.random()) * 10, 2))))
        drawn.append((str(owner_id), arm, DRAWN))
    for owner_id, day, amount in orders:
        make_order(owner_id, day, amount, cost="0")
    run = analysed(actor)

    told = asked(journey, actor, cost=Decimal(5)).result["draw"]["uplift"]["written"]
    people = pl.DataFrame(drawn, schema=["customer_id", "arm", "drawn_date"], orient="row")
    with value.Lake(insights.lake_dir(), currency=run.currency) as facts:
        seen = experiments.observed(facts, people, days=30, as_of=AS_OF)
    direct = experiments.uplift(
        seen, outcome="profit", features=experiments.BEFORE, control="nothing", offer="written", cost=5.0
    )
    assert told["verdict"] == str(direct.verdict) == "aim"
    assert told["coefficient"] == [direct.coefficient.value, direct.coefficient.low, direct.coefficient.high]
    assert told["aimed"][0] == pytest.approx(direct.aimed.value)
    assert len(told["curve"]) == direct.curve.height
    assert told["tenths"][0]["effect"] == pytest.approx(float(direct.tenths["effect"][0]), abs=1e-6)


def test_what_cannot_be_measured_is_refused_and_nothing_is_kept(journey, publish, person, actor):
    plain = publish(text("  - {id: a, type: tag, tag: A}", code="plain"))
    with pytest.raises(JourneyNotFoundError):
        asked_of(new_id(), actor)
    with pytest.raises(JourneyRefusedError, match="nothing to compare"):
        asked_of(plain.id, actor)
    for terms, field in (({"days": 0}, "days"), ({"days": 366}, "days"), ({"cost": Decimal(-1)}, "cost")):
        with pytest.raises(JourneyRefusedError) as refused:
            asked_of(journey.id, actor, **terms)
        assert refused.value.fields["field"] == field
    with pytest.raises(JourneyRefusedError, match="analysis"):
        asked_of(journey.id, actor)
    assert not JourneyTrial.objects.exists()


def asked_of(journey_id, actor, **terms):
    return services.measure(actor=actor, now=NOW, journey_id=journey_id, in_background=False, **terms)


def test_the_group_without_is_the_one_marked_or_the_idle_one(publish):
    marked = publish(text(STEPS, code="marked"))
    idle = publish(text(STEPS.replace(", is_control: true", ""), code="idle"))
    assert trials.control_of(trials.splits(marked)["draw"]) == "nothing"
    assert trials.control_of(trials.splits(idle)["draw"]) == "nothing"
