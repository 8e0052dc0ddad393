"""What is told beside orders: share of wallet, buyers brought, what leaves no choice; and the rungs that follow."""

import json
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import polars as pl
import pytest

from troth.customers.models import AttributeDefinition, CustomerAttribute
from troth.insights import attitudes, climbing, knowing, loyal
from troth.value.loyalty import LadderRules, LoyaltyTerms

from .making import NOW, make_company, make_customer

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 1)


@pytest.fixture(autouse=True)
def company():
    make_company()


def told(code, kind, *rows, days_ago=0):
    definition, _new = AttributeDefinition.objects.get_or_create(code=code, defaults={"attribute_type": kind})
    column = {"number": "number_value", "boolean": "boolean_value", "text": "text_value"}[kind]
    for owner, value in rows:
        moment = NOW - timedelta(days=days_ago)
        CustomerAttribute.objects.create(owner_id=owner, definition=definition, updated_at=moment, **{column: value})


def scored(*rows):
    """Rows of customer, purchases, revenue of the year, status now and before, rung before."""
    reasons = json.dumps([{"code": "status.x", "gaps": 1}, {"code": "rung.y", "purchases": 1}], separators=(",", ":"))
    return pl.DataFrame(
        [
            (str(owner), purchases, Decimal(revenue), status, before, rung, "first_time_buyer" if purchases < 2
             else "at_least_repeat_buyer", reasons)
            for owner, purchases, revenue, status, before, rung in rows
        ],
        schema={
            "customer_id": pl.String, "purchases": pl.Int64, "window_revenue": pl.Decimal(18, 4), "status": pl.String,
            "status_before": pl.String, "rung_before": pl.String, "rung": pl.String, "reasons": pl.String,
        },
        orient="row",
    )  # fmt: skip


REPEAT = "at_least_repeat_buyer"


def test_without_anything_told_the_ladder_stays_as_orders_tell_it():
    scores = scored((make_customer(), 9, "700", "active", "active", REPEAT))
    known = knowing.known(scores, DAY, LoyaltyTerms(), window_days=365)
    assert known.told is None
    assert known.frame.drop("customer_id").row(0) == (None,) * len(knowing.SCHEMA)
    assert climbing.climbed(scores, known, LadderRules()).equals(scores)
    assert knowing.measurements(known.frame, DAY).is_empty()


def test_clients_and_advocates_follow_from_what_they_spend_elsewhere_and_whom_they_brought():
    client, advocate, wanderer, unknown, friend, sleeper = (make_customer() for _ in range(6))
    told(
        knowing.SPEND, "number",
        *((one, Decimal(1000)) for one in (client, advocate, sleeper)), (wanderer, Decimal(9000)), days_ago=10,
    )  # fmt: skip
    told("referred_by", "text", (friend, str(advocate)), (make_customer(), str(client)))  # hers has not bought
    scores = scored(
        (client, 9, "900", "active", "active", REPEAT),
        (advocate, 9, "900", "active", "active", REPEAT),
        (wanderer, 9, "900", "active", "sleeping", REPEAT),
        (unknown, 9, "900", "active", "active", REPEAT),
        (friend, 1, "50", "new", None, None),  # came within the month
        (sleeper, 9, "900", "sleeping", "active", REPEAT),
    )
    known = knowing.known(scores, DAY, LoyaltyTerms(), window_days=365)
    rows = {row["customer_id"]: row for row in known.frame.to_dicts()}
    assert [rows[str(one)]["referrals"] for one in (client, advocate, friend)] == [0, 1, 0]
    assert rows[str(unknown)]["wallet_share"] is None
    assert 0.1 < rows[str(wanderer)]["wallet_share"] < 0.15 < rows[str(wanderer)]["wallet_high"]
    assert rows[str(wanderer)]["wallet_source"] == "asked"
    assert rows[str(wanderer)]["wallet_date"] == DAY - timedelta(days=10)

    found = climbing.climbed(scores, known, LadderRules())
    rungs = {row["customer_id"]: (row["rung_before"], row["rung"]) for row in found.to_dicts()}
    assert rungs == {
        str(client): ("client", "client"),
        str(advocate): ("client", "advocate"),  # the friend had not bought a month ago
        str(wanderer): ("repeat_buyer", "repeat_buyer"),
        str(unknown): (REPEAT, REPEAT),
        str(friend): (None, "first_time_buyer"),
        str(sleeper): ("client", "repeat_buyer"),  # a client still buys
    }
    reasons = {row["customer_id"]: json.loads(row["reasons"]) for row in found.to_dicts()}
    assert reasons[str(advocate)][0] == {"code": "status.x", "gaps": 1}
    last = reasons[str(advocate)][-1]
    assert (last["code"], last["purchases"], last["referrals"]) == ("rung.advocate", 9, 1)
    assert last["wallet"] == pytest.approx(rows[str(advocate)]["wallet_share"], abs=5e-5)
    assert reasons[str(unknown)][-1] == {"code": "rung.y", "purchases": 1}
    assert found.columns == scores.columns


def test_where_a_norm_is_set_the_others_are_estimated_less_surely():
    asked, guessed = make_customer(), make_customer()
    told(knowing.SPEND, "number", (asked, Decimal(1000)))
    scores = scored(*((one, 5, "300", "active", "active", REPEAT) for one in (asked, guessed)))
    terms = LoyaltyTerms(wallet_mean=Decimal(1000), wallet_deviation=Decimal(800))
    known = knowing.known(scores, DAY, terms, window_days=365)
    sources = dict(known.frame.select("customer_id", "wallet_source").iter_rows())
    assert sources == {str(asked): "asked", str(guessed): "estimated"}
    sure = dict(knowing.measurements(known.frame, DAY).select("customer_id", "confidence").iter_rows())
    assert 0 < sure[str(guessed)] < sure[str(asked)] < 1


def test_two_years_measured_are_held_against_two_years_spending():
    one = make_customer()
    told(knowing.SPEND, "number", (one, Decimal(2000)))
    scores = scored((one, 5, "500", "active", "active", REPEAT))
    longer, year = (
        knowing.known(scores, DAY, LoyaltyTerms(), window_days=days).frame["wallet_share"][0] for days in (730, 365)
    )
    assert longer == pytest.approx(year / 2, rel=0.01)


def test_what_is_told_later_does_not_count_for_an_earlier_day():
    one = make_customer()
    told(knowing.SPEND, "number", (one, Decimal(2000)))
    scores = scored((one, 5, "500", "active", "active", REPEAT))
    before = knowing.known(scores, DAY - timedelta(days=1), LoyaltyTerms(), window_days=365)
    assert before.frame["wallet_share"].to_list() == [None]


def test_staff_and_a_protected_market_are_told_as_they_are():
    ann, bo = make_customer(), make_customer()
    told(knowing.FAMILY, "boolean", (ann, True))
    told(knowing.PROTECTED, "boolean", (bo, True), (ann, False))
    scores = scored(*((one, 5, "300", "active", "active", REPEAT) for one in (ann, bo)))
    frame = knowing.known(scores, DAY, LoyaltyTerms(), window_days=365).frame
    flags = {row["customer_id"]: (row["is_staff_or_family"], row["is_protected_market"]) for row in frame.to_dicts()}
    assert flags == {str(ann): (True, False), str(bo): (None, True)}


def test_the_parts_of_one_index_are_read_from_the_lake(tmp_path):
    one = make_customer()
    part = {
        "indicator": "trust", "group": "attitude", "value": 4.0, "points": 75.0, "weight": 2.0, "counted": 2.0,
        "contribution": 50.0, "confidence": 0.5, "source": "surveys", "measured_date": DAY,
    }  # fmt: skip
    less = part | {"indicator": "recommend", "contribution": 10.0}
    loyal.write(
        tmp_path, loyal.Parts(pl.Series([str(one)]), pl.DataFrame([{"number": 0, **row} for row in (less, part)]))
    )
    assert loyal.parts_of(tmp_path, one) == [loyal.Part(**part), loyal.Part(**less)]
    assert loyal.parts_of(tmp_path, make_customer()) == []
    assert loyal.parts_of(tmp_path / "nothing", one) == []


def test_the_settings_in_force_decide_what_holds_somebody():
    one = make_customer()
    scores = pl.DataFrame(
        {
            "customer_id": [str(one)], "days_since_last_purchase": [10], "usual_gap_days": [10.0], "frequency": [3],
            "window_revenue": [500.0], "categories": [9], "discount_share": [0.35], "T": [365],
        }
    )  # fmt: skip
    known = knowing.known(scores, DAY, LoyaltyTerms(), window_days=365).frame
    held = scores.select("customer_id", incentive_share=0.25, main_store_share=None, main_store_purchases=None)

    def hold(**edges):
        terms = LoyaltyTerms(behaviour_from=Decimal(0), **edges)
        return loyal.of(scores, known, DAY, terms, held=held).frame["loyalty_hold"][0]

    assert hold() == "price"
    assert hold(price_from=Decimal("0.4"), inertia_below=Decimal(0)) is None
    assert hold(incentive_from=Decimal("0.2")) == "incentive"


def test_the_parts_of_everybody_are_kept_in_order_of_ids(monkeypatch, tmp_path):
    monkeypatch.setattr(loyal, "BLOCK", 2)
    people = [str(make_customer()) for _one in range(5)][::-1]
    scores = pl.DataFrame(
        {
            "customer_id": people, "days_since_last_purchase": [10, 20, 90, 5, 44], "usual_gap_days": [10.0] * 5,
            "frequency": [3, 0, 7, 1, 12], "window_revenue": [500.0, 20.0, 0.0, 61.5, 9000.0],
            "categories": [9, 1, 3, 2, 14], "discount_share": [0.35, 0.0, 0.9, 0.1, 0.0], "T": [365, 20, 700, 40, 365],
        }
    )  # fmt: skip
    known = knowing.known(scores, DAY, LoyaltyTerms(), window_days=365).frame
    said = [(people[3], "satisfaction", 5.0, "survey", DAY, 1.0)]
    asked = pl.DataFrame(said, schema=attitudes.schema(), orient="row")
    found = loyal.of(scores, known, DAY, LoyaltyTerms(), asked=asked)
    file = loyal.write(tmp_path, found.parts)
    assert pl.read_parquet(file)["customer_id"].is_sorted()
    indexes = dict(found.frame.select("customer_id", "loyalty_index").rows())
    for owner in people:
        parts = loyal.parts_of(tmp_path, UUID(owner))
        assert sum(part.contribution for part in parts) == pytest.approx(indexes[owner])
        assert ("satisfaction" in {part.indicator for part in parts}) == (owner == people[3])
    assert found.frame["customer_id"].to_list() == people
    assert loyal.write(tmp_path, loyal.Parts(found.parts.people.clear(), found.parts.rows.clear())) == file
    assert loyal.parts_of(tmp_path, UUID(people[0])) == []


@pytest.mark.slow
def test_the_weights_in_force_decide_the_index():
    one = make_customer()
    scores = pl.DataFrame(
        {
            "customer_id": [str(one)], "days_since_last_purchase": [10], "usual_gap_days": [10.0], "frequency": [3],
            "window_revenue": [500.0], "categories": [2], "discount_share": [0.5], "T": [365],
        }
    )  # fmt: skip
    known = knowing.known(scores, DAY, LoyaltyTerms(), window_days=365).frame
    only = {code: Decimal(0) for code in ("silence_in_gaps", "frequency", "window_revenue", "categories")}
    equal = loyal.of(scores, known, DAY, LoyaltyTerms(weights=only))
    assert equal.frame["loyalty_index"][0] == 50  # a year with us, half at full price: 50 points each
    only |= {"tenure_days": Decimal(0)}
    assert loyal.of(scores, known, DAY, LoyaltyTerms(weights=only)).frame["loyalty_index"][0] == 50
    silent = LoyaltyTerms(weights={"frequency": Decimal(0), "window_revenue": Decimal(0), "categories": Decimal(0)})
    found = loyal.of(scores, known, DAY, silent)
    assert found.frame["loyalty_index"][0] == pytest.approx((2 * 100 + 50 + 50) / 4)
    parts = dict(found.parts.rows.select("indicator", "contribution").rows())
    assert parts == {"silence_in_gaps": 50, "tenure_days": 12.5, "full_price_share": 12.5}
