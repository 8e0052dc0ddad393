"""Who may leave, from recorded orders to what screens and API read."""

import random
from datetime import date, timedelta

import pytest

from troth import value
from troth.access.actors import system_actor
from troth.customers import services as customers
from troth.events.models import Event
from troth.insights import queries, services
from troth.insights.errors import ScoreNotFoundError
from troth.insights.models import CustomerChurn

from .making import NOW, make_company, make_customer, make_order

pytestmark = pytest.mark.django_db

ACTOR = system_actor("test")
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def lake(tmp_path, settings):
    settings.LAKE_DIR = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def company():
    return make_company(as_of_date=TODAY)


def shop(count, days=300, *, seed=1):
    """Everybody buys about every tenth day; every day one in eighty leaves for good, and others begin."""
    chance = random.Random(seed)
    people = []
    for _number in range(count):
        person = make_customer()
        people.append(person)
        day = TODAY - timedelta(
            days=days - chance.randrange(10) - (chance.random() < 0.7) * chance.randrange(days - 10)
        )
        while day <= TODAY:
            make_order(person, day, "20")
            gap = 1 + int(chance.expovariate(1 / 9))
            if chance.random() < gap / 80:
                break
            day += timedelta(days=gap)
    return people


def object_to_a_profile(customer) -> None:
    customers.record_consent(
        actor=ACTOR, now=NOW, customer_id=customer, purpose="profiling", is_given=False, source="page", proof="p"
    )


def test_before_an_analysis_there_is_nothing_to_tell_from():
    with pytest.raises(ScoreNotFoundError):
        services.foretell_churn(actor=ACTOR, now=NOW)
    assert queries.churn_report() is None


@pytest.mark.slow
def test_a_short_past_tells_nothing_and_says_so():
    ann = make_customer()
    make_order(ann, TODAY - timedelta(days=5), "20")
    run = services.analyse(actor=ACTOR, now=NOW)
    CustomerChurn.objects.create(
        owner_id=ann, run_id=run.id, as_of_date=TODAY, computed_at=NOW, probability="0.5", ahead_days=28
    )
    assert services.foretell_churn(actor=ACTOR, now=NOW) == 0
    report = queries.churn_report()
    assert report is not None
    assert report.facts == {"problem": "too_short"}
    assert not CustomerChurn.objects.exists()


@pytest.mark.slow
def test_without_an_order_nothing_is_told_either():
    services.analyse(actor=ACTOR, now=NOW)
    assert services.foretell_churn(actor=ACTOR, now=NOW) == 0
    report = queries.churn_report()
    assert report is not None
    assert report.facts == {"problem": "too_short"}


@pytest.mark.slow
def test_nothing_is_learned_of_whoever_refuses_a_profile(monkeypatch):
    """GDPR 21, PIPL 24: being left out of what is told is half of it."""
    people, learned = shop(120), []
    objecting, others = people[:20], people[20:]
    for one in objecting:
        object_to_a_profile(one)
    real = value.churn.churn_rows

    def rows_of(*given, **named):
        found = real(*given, **named)
        learned.append({str(one) for frame in (found.past, found.now) for one in frame["customer_id"]})
        return found

    services.analyse(actor=ACTOR, now=NOW)
    monkeypatch.setattr(value.churn, "churn_rows", rows_of)
    services.foretell_churn(actor=ACTOR, now=NOW)
    (ids,) = learned
    assert {str(one) for one in objecting} & ids == set()
    assert len({str(one) for one in others} & ids) > 60


@pytest.mark.slow
def test_each_customer_gets_a_chance_with_its_reasons_and_the_report_says_by_what_way():
    people = shop(260)
    object_to_a_profile(people[0])
    customers.erase_customer(customer_id=people[1], actor=ACTOR, now=NOW)
    run = services.analyse(actor=ACTOR, now=NOW)
    count = services.foretell_churn(actor=ACTOR, now=NOW)
    assert count == CustomerChurn.objects.count() > 60
    assert queries.churn(people[0]) is None
    assert queries.churn(people[1]) is None
    report = queries.churn_report()
    assert report is not None
    assert {row["way"] for row in report.rows} == {"model", "own_rhythm", "alive", "constant"}
    assert report.facts["way"] in {"model", report.facts["rival"]}
    told = CustomerChurn.objects.order_by("-probability").first()
    assert told is not None
    assert (told.run_id, told.as_of_date) == (run.id, TODAY)
    assert 0 < told.probability < 1
    assert 1 <= told.ahead_days <= report.facts["ahead_days"]
    assert {*told.reasons[0]} == {"theme", "feature", "value", "typical", "points"}
    event = Event.objects.filter(name="insights.churn.foretold").get()
    assert event.data == {"run": str(run.id), "way": report.facts["way"], "customers": count}
    lost = {one for one in people if (score := queries.scores([one]).get(one)) and score.status == "lost"}
    assert lost
    assert not CustomerChurn.objects.filter(owner_id__in=lost).exists()

    object_to_a_profile(told.owner_id)
    assert queries.churn(told.owner_id) is None
    assert date.fromisoformat(report.facts["slices"][2]["last"]) == TODAY - timedelta(days=report.facts["ahead_days"])
