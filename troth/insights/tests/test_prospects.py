"""Who is known and has not bought: on which rung, moves from it as events, and counted nowhere as a buyer."""

from datetime import timedelta
from uuid import UUID

import pytest

from troth.access.actors import system_actor
from troth.customers.models import AttributeDefinition, Consent, Customer, CustomerAttribute
from troth.events import queries as events
from troth.insights import prospects, queries, services
from troth.insights.models import CustomerScore
from troth.insights.prospect_models import Prospect

from .making import NOW, make_company, make_customer, make_order
from .test_conditions import members

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
ACTOR = system_actor("test")


@pytest.fixture(autouse=True)
def lake(tmp_path, settings):
    settings.LAKE_DIR = tmp_path
    make_company(as_of_date=TODAY)


def told(code, owner, value):
    definition, _new = AttributeDefinition.objects.get_or_create(code=code, defaults={"attribute_type": "boolean"})
    CustomerAttribute.objects.update_or_create(
        owner_id=owner, definition=definition, defaults={"updated_at": NOW, "boolean_value": value}
    )


def rungs():
    return dict(Prospect.objects.values_list("owner_id", "rung"))


def test_the_rung_of_one_without_an_order_is_told_at_once():
    ann, buyer = make_customer(), make_customer()
    make_order(buyer, TODAY)
    assert prospects.standing_now(buyer) is None
    assert prospects.standing_now(ann) == ("suspect", "need_or_means_not_known")
    told("has_need", ann, True)
    assert prospects.standing_now(ann) == ("suspect", "need_or_means_not_known")
    told("able_to_pay", ann, True)
    assert prospects.standing_now(ann) == ("prospect", "needs_and_can_pay")
    told("able_to_pay", ann, False)
    assert prospects.standing_now(ann) == ("disqualified_prospect", "not_able_to_pay")


@pytest.mark.slow
def test_everybody_without_an_order_stands_on_a_rung_and_nowhere_among_the_buyers():
    suspect, prospect, unfit, buyer, returned = (make_customer(source="form") for _ in range(5))
    merged = make_customer(canonical_id=suspect)
    erased = make_customer(erased_at=NOW)
    make_order(buyer, TODAY - timedelta(days=3))
    make_order(returned, TODAY - timedelta(days=3), currency="USD")  # bought, though not in what is measured
    for code in ("has_need", "able_to_pay"):
        told(code, prospect, True)
    told("has_need", unfit, False)
    run = services.analyse(actor=ACTOR, now=NOW)

    assert rungs() == {suspect: "suspect", prospect: "prospect", unfit: "disqualified_prospect"}
    assert {merged, erased}.isdisjoint(rungs())
    row = Prospect.objects.get(owner_id=prospect)
    assert (row.source, row.known_date, row.reason) == ("form", TODAY, "needs_and_can_pay")
    assert [one.owner_id for one in prospects.listed("prospect")] == [prospect]
    assert run.customer_count == CustomerScore.objects.count() == 1
    tables = queries.tables(run, "prospects", "ladder", "kpis", "pyramid")
    assert {(one["rung"], one["source"]): one["customers"] for one in tables["prospects"].rows} == {
        ("suspect", "form"): 1, ("prospect", "form"): 1, ("disqualified_prospect", "form"): 1,
    }  # fmt: skip
    assert sum(one["customers"] for one in tables["ladder"].rows) == 1
    assert sum(one["customers"] for one in tables["pyramid"].rows) == 1
    assert {one["customers"] for one in tables["kpis"].rows if one["span"] == "year"} == {1}
    assert queries.people(queries.People(), as_of=TODAY).count() == 1
    wanted = {"field": "prospect.rung", "operator": "any_of", "value": ["suspect", "prospect"]}
    assert members(wanted) == {suspect, prospect}


@pytest.mark.slow
def test_moves_from_these_rungs_are_events_up_to_the_first_purchase():
    ann, bo = make_customer(), make_customer()
    make_order(make_customer(), TODAY - timedelta(days=9))
    services.analyse(actor=ACTOR, now=NOW)
    assert moved() == []  # who is here for the first time did not move
    for code in ("has_need", "able_to_pay"):
        told(code, ann, True)
    services.analyse(actor=ACTOR, now=NOW)
    assert moved() == [(ann, "suspect", "prospect")]
    make_order(ann, TODAY)
    services.analyse(actor=ACTOR, now=NOW)
    assert moved() == [(ann, "suspect", "prospect"), (ann, "prospect", "first_time_buyer")]
    assert rungs() == {bo: "suspect"}
    services.analyse(actor=ACTOR, now=NOW)
    assert len(moved()) == 2


@pytest.mark.slow
def test_a_month_of_moves_tells_the_rungs_below_the_first_purchase_apart():
    long_ago, lately = NOW - timedelta(days=200), NOW - timedelta(days=9)
    asked, waiting, turned, late, won, walked_in, regular = (make_customer() for _ in range(7))
    Customer.objects.update(created_at=long_ago)
    Customer.objects.filter(id__in=[late, walked_in]).update(created_at=lately)
    for who, said, moment in ((asked, True, lately), (turned, True, long_ago), (won, True, long_ago)):
        for code in ("has_need", "able_to_pay"):
            told(code, who, said)
        CustomerAttribute.objects.filter(owner_id=who).update(updated_at=moment)
    for who in (won, walked_in):
        make_order(who, TODAY - timedelta(days=2))
    make_order(regular, TODAY - timedelta(days=100))
    run = services.analyse(actor=ACTOR, now=NOW)

    table = queries.tables(run, "prospect_flow")["prospect_flow"]
    assert {(row["before"], row["rung"]): row["customers"] for row in table.rows} == {
        ("suspect", "prospect"): 1,  # asked
        ("suspect", "suspect"): 1,  # waiting
        ("prospect", "prospect"): 1,  # turned out to fit long ago
        ("", "suspect"): 1,  # late
        ("prospect", "first_time_buyer"): 1,  # won
        ("", "first_time_buyer"): 1,  # walked in
    }
    assert waiting in rungs()


def test_whoever_wants_no_profile_is_told_no_rung():
    ann = make_customer()
    consent = {"owner_id": ann, "purpose": "profiling", "source": "form", "recorded_at": NOW}
    Consent.objects.create(is_given=True, occurred_at=NOW - timedelta(days=2), **consent)
    assert prospects.standing_now(ann) is not None
    Consent.objects.create(is_given=False, occurred_at=NOW - timedelta(days=1), **consent)
    assert prospects.standing_now(ann) is None


def moved():
    found = events.after(None, names=["insights.rung.changed"])
    return [(one.customer_id, one.data["before"], one.data["after"]) for one in found]


@pytest.mark.slow
def test_whoever_objects_to_a_profile_stands_on_no_rung(monkeypatch):
    ann, bo = make_customer(), make_customer()
    make_order(make_customer(), TODAY - timedelta(days=9))
    monkeypatch.setattr(services.customers, "objecting", lambda _purpose: {UUID(str(ann))})
    services.analyse(actor=ACTOR, now=NOW)
    assert rungs() == {bo: "suspect"}
    assert Customer.objects.count() == 3
