"""In which market who is satisfied and stays: by attribute, stores or goods; kept, found again, forgotten."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest

from troth import value
from troth.access.actors import system_actor
from troth.customers.models import AttributeDefinition, CustomerAttribute
from troth.insights import markets, objections, privacy, queries, services, storing
from troth.insights.attitudes import MeasurementSource, _sources, schema
from troth.insights.market_models import CustomerMarket
from troth.kit.ids import new_id
from troth.staff.models import Store
from troth.value.loyalty import LoyaltyTerms

from .making import NOW, make_company, make_customer, make_order

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 1)
ACTOR = system_actor("test")


@pytest.fixture(autouse=True)
def company():
    return make_company(as_of_date=DAY)


def answers(*rows, days_ago=10):
    """Rows of customer, indicator, value."""
    measured = DAY - timedelta(days=days_ago)
    told = [(str(who), indicator, float(said), "surveys", measured, 1.0) for who, indicator, said in rows]
    return pl.DataFrame(told, schema=schema(), orient="row")


def scored(*rows):
    """Rows of customer, status."""
    schema = {"customer_id": pl.String, "status": pl.String, "window_revenue": pl.Decimal(18, 4)}
    return pl.DataFrame([(str(who), status, Decimal(100)) for who, status in rows], schema=schema, orient="row")


def known(*rows):
    """Rows of customer, share of wallet that they told."""
    schema = {"customer_id": pl.String, "wallet_share": pl.Float64, "wallet_source": pl.String}
    return pl.DataFrame([(str(who), share, "asked") for who, share in rows], schema=schema, orient="row")


def lives(code, *rows):
    definition = AttributeDefinition.objects.create(code=code, label=code, attribute_type="text")
    for owner, text in rows:
        CustomerAttribute.objects.create(owner_id=owner, definition=definition, updated_at=NOW, text_value=text)


def orders(*rows):
    """Facts of rows of customer, days ago, store, category."""
    days = [DAY - timedelta(days=ago) for _who, ago, *_rest in rows]
    ids = [str(place) for place in range(len(rows))]
    frame = pl.DataFrame({"customer_id": [str(row[0]) for row in rows], "order_date": days, "order_id": ids})
    heads = frame.with_columns(net_amount=pl.lit(Decimal(5)), store=pl.Series([row[2] for row in rows]))
    return value.Facts(heads, lines=frame.with_columns(category=pl.Series([row[3] for row in rows])))


def found(facts, scores, told, asked, **rules):
    terms = LoyaltyTerms(**rules)
    return markets.measured(facts, scores, told, asked, as_of=DAY, terms=value.Terms(), rules=terms)


def by_name(result):
    columns = result.frames[0].columns
    return {row[0]: dict(zip(columns, row, strict=True)) for row in result.frames[0].rows}


@pytest.mark.slow
def test_an_attribute_parts_customers_who_stay_by_their_life_cycle():
    ann, bo, carl, dora, eve = (make_customer() for _ in range(5))
    lives("town", (ann, "North"), (bo, "North"), (carl, "South"), (dora, "South"))
    scores = scored((ann, "active"), (bo, "lost"), (carl, "active"), (dora, "active"), (eve, "active"))
    asked = pl.concat(
        [
            answers((ann, "satisfaction", 4), (bo, "satisfaction", 5), (carl, "satisfaction", 2)),
            answers((eve, "satisfaction", 1)),  # lives nowhere that is known
            answers((ann, "satisfaction", 1), days_ago=40),  # said before: the newest counts
            answers((dora, "satisfaction", 5), days_ago=400),  # too long ago
        ]
    )  # fmt: skip
    with orders((ann, 1, None, "Tea")) as facts:
        result = found(facts, scores, known(), asked, market_by="attribute:town", competition={"South": Decimal("0.1")})
    people = {row["customer_id"]: row for row in result.people.to_dicts()}
    assert {who: (row["market"], row["satisfaction"], row["corner"]) for who, row in people.items()} == {
        str(ann): ("North", 75, "advocate"), str(bo): ("North", 100, "mercenary"), str(carl): ("South", 25, "hostage"),
    }  # fmt: skip
    rows = by_name(result)
    assert (rows["South"]["customers"], rows["South"]["asked"], rows["South"]["stayed"]) == (2, 1, 1)
    assert (rows["South"]["level"], rows["South"]["source"]) == (0.1, "entered")
    assert (rows["North"]["level"], rows["North"]["source"], rows["North"]["is_flat"]) == (None, "unknown", None)
    assert rows["North"]["mercenary_revenue"] == "100.0000"
    assert result.frames[0].facts == {
        "by": "attribute:town", "satisfied_from": 75.0, "fewest": 50, "asked": 4, "scores": 5, "left_out": 0,
    }  # fmt: skip
    assert [row[:4] for row in result.frames[1].rows] == [
        ["North", 75.0, 1, 1], ["North", 100.0, 1, 0], ["South", 25.0, 1, 1],
    ]  # fmt: skip


@pytest.mark.slow
def test_a_city_of_stores_and_a_department_are_left_one_without_the_other():
    ann = make_customer()
    for code, city in (("1", "North"), ("2", "South"), ("3", "")):
        Store.objects.create(code=code, name=code, city=city)
    rows = [(ann, 200 + 10 * turn, "1", "Meat › Beef") for turn in range(8)]
    rows += [(ann, 2 + 10 * turn, "2", "Grocery › Milk") for turn in range(8)] + [(ann, 1, "3", "Grocery")]
    asked, scores = answers((ann, "satisfaction", 3)), scored((ann, "active"))
    with orders(*rows) as facts:
        stores = found(facts, scores, known(), asked, market_by="store").people
        goods = found(facts, scores, known(), asked, market_by="department", satisfied_from=Decimal(50)).people
    assert stores.select("market", "stayed", "corner").rows() == [
        ("North", False, "defector"), ("South", True, "hostage"),
    ]  # fmt: skip
    assert goods.select("market", "stayed", "corner").rows() == [
        ("Grocery", True, "advocate"), ("Meat", False, "mercenary"),
    ]  # fmt: skip


@pytest.mark.slow
def test_without_a_way_or_without_answers_there_is_nobody_but_the_page_can_say_why():
    ann = make_customer()
    with orders((ann, 1, None, "Tea")) as facts:
        undefined = found(facts, scored((ann, "active")), known(), answers((ann, "satisfaction", 3)))
        unasked = found(facts, scored((ann, "active")), known(), answers(), market_by="department")
    assert undefined.people.is_empty()
    assert unasked.people.is_empty()
    assert (undefined.frames[0].facts["by"], undefined.frames[0].facts["asked"]) == ("", 1)
    assert (unasked.frames[0].facts["by"], unasked.frames[0].facts["asked"]) == ("department", 0)


def test_competition_is_estimated_from_what_customers_say_they_spend_elsewhere():
    people = [make_customer() for _ in range(12)]
    lives("town", *((one, "North") for one in people))
    scores = scored(*((one, "active") for one in people))
    with orders((people[0], 1, None, "Tea")) as facts:
        result = found(facts, scores, known(*((one, 0.25) for one in people)), answers(), market_by="attribute:town")
    north = by_name(result)["North"]
    assert (north["level"], north["source"], north["answers"], north["asked"]) == (0.75, "wallet", 12, 0)


def placed(owner, market, corner):
    return {
        "customer_id": str(owner), "market": market, "satisfaction": 25.0, "stayed": corner in ("advocate", "hostage"),
        "corner": corner,
    }  # fmt: skip


@pytest.mark.slow
def test_people_are_found_by_market_and_corner_together_and_forgotten_when_they_object():
    ann, bo = make_customer(), make_customer()
    rows = [placed(ann, "North", "hostage"), placed(ann, "South", "defector"), placed(bo, "North", "defector")]
    told = {"run_id": new_id(), "as_of_date": DAY, "computed_at": NOW}
    storing.put(storing.MARKETS, pl.DataFrame(rows), **told)
    assert [(one.market, one.corner, one.stayed) for one in queries.markets_of(ann)] == [
        ("North", "hostage", True), ("South", "defector", False),
    ]  # fmt: skip
    assert privacy.export([bo])["markets"][0]["corner"] == "defector"
    storing.put(storing.MARKETS, pl.DataFrame(rows), **told)
    assert CustomerMarket.objects.count() == 3
    objections.forget([ann], "profiling", "any", False, ACTOR, NOW)
    assert [one.owner_id for one in CustomerMarket.objects.all()] == [bo]


@pytest.mark.slow
def test_the_analysis_keeps_who_stands_where_and_lists_find_them(tmp_path, settings, monkeypatch):
    settings.LAKE_DIR = tmp_path
    ann, bo = make_customer(), make_customer()
    for ago in (5, 15, 25, 35):
        make_order(ann, DAY - timedelta(days=ago), "10", categories=("Tea › Green",))
        make_order(bo, DAY - timedelta(days=ago + 300), "10", categories=("Tea › Black", "Cake"))
    asked = answers((ann, "satisfaction", 2), (bo, "satisfaction", 5))
    monkeypatch.setitem(_sources, "test", MeasurementSource("test", lambda _as_of: asked))
    services.change_settings(actor=ACTOR, now=NOW, loyalty={"market_by": "department"})
    run = services.analyse(actor=ACTOR, now=NOW)
    stand = {(one.owner_id, one.market): one.corner for one in CustomerMarket.objects.filter(run_id=run.id)}
    assert stand == {(ann, "Tea"): "hostage", (bo, "Tea"): "mercenary", (bo, "Cake"): "mercenary"}

    def listed(**wanted):
        return {one.owner_id for one in queries.people(queries.People(**wanted), as_of=DAY)}

    assert listed(market="Tea") == {ann, bo}
    assert listed(market="Tea", corner="hostage") == {ann}
    assert listed(market="Cake", corner="hostage") == set()
    assert listed(corner="mercenary") == {bo}
    assert [row["market"] for row in queries.tables(run, "markets")["markets"].rows] == ["Cake", "Tea"]
