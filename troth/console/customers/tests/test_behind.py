"""The customers behind a number: each narrowing is a condition of a segment that finds the same people."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict

from troth.access.actors import system_actor
from troth.console.customers import behind
from troth.insights import queries as insights
from troth.insights import services
from troth.insights.models import CustomerOutlook
from troth.insights.tests.making import NOW, make_customer, make_order
from troth.segments import queries as segments

TODAY = date(2026, 3, 1)
NARROWED = [
    "band=ordinary", "status=active", "status=all_active", "status=all_silent", "status_before=unknown&status=new",
    "status_before=all_active", "rung=first_time_buyer", "rfm_segment=champions", "r=5", "f=5", "m=1",
    "first_month=2025-05", "bought_month=2025-12", "first_within=30", "bought_within=30", "bought_within=30&r=5",
    "quarter=best", "quarter=passing", "loyalty_type=none", "loyalty_hold=unheld", "loyalty_hold=price", "action=thank",
    "index_from=50", "index_below=50", "index_from=5&index_below=95", "revenue_from=40", "potential_from=60",
    "potential_from=-10&potential_below=60", "potential_below=0",
]  # fmt: skip


@pytest.fixture
def measured(tmp_path, settings, company):
    """Ann buys often, Bob bought once long ago, Eve the other day for the first time."""
    settings.LAKE_DIR = tmp_path
    company.as_of_date = TODAY
    company.save()
    ann, bob, eve = make_customer(name="Ann"), make_customer(name="Bob"), make_customer(name="Eve")
    for days in (100, 80, 60, 40, 20, 5):
        make_order(ann, TODAY - timedelta(days=days), "500")
    make_order(bob, date(2025, 5, 5), "10")
    make_order(eve, TODAY - timedelta(days=2), "40")
    services.analyse(actor=system_actor("test"), now=NOW)
    # Three customers are too few for a model, and with no model nobody is suggested anything.
    CustomerOutlook.objects.filter(owner_id=ann).update(action="thank", potential_value=60)
    CustomerOutlook.objects.filter(owner_id=bob).update(loyalty_hold="price", potential_value=Decimal("-0.5"))


@pytest.mark.parametrize("month", ["9999-12-31", "9999-01", "0000-01-01", "2026-13-01", "soon"])
def test_a_month_that_is_none_or_has_no_next_one_narrows_nothing(month):
    assert behind.read(QueryDict(f"bought_month={month}&first_month={month}")) == behind.read(QueryDict(""))


@pytest.mark.slow
def test_a_segment_of_them_holds_the_same_people(measured):
    fields, when = segments.catalogue(), segments.as_of(NOW)
    found = []
    for query in NARROWED:
        wanted = behind.read(QueryDict(query))
        ids = {row.owner_id for row in insights.people(wanted, as_of=TODAY)}
        condition = segments.condition_of(behind.definition_of(wanted), fields)
        preview = segments.preview(condition, fields, when)
        assert set(preview.sample_ids) == ids, query
        found.append(len(ids))
    assert set(found) >= {1, 2}


def test_what_cannot_be_read_is_left_out():
    wanted = behind.read(QueryDict("status=nonsense&r=99&first_month=x&bought_within=-3&band=gold&m=4"))

    assert wanted.given() == {"band": "gold", "m": 4}
    assert behind.read(QueryDict("index_from=101&revenue_from=1e9&potential_below=0.00001")).given() == {}
    assert behind.in_words(wanted) == ["band: Gold", "money score 4"]
    assert behind.in_words(wanted, leave_out=("band",)) == ["money score 4"]
    assert behind.name_of(
        behind.read(QueryDict("quarter=best&loyalty_hold=unheld&action=thank&loyalty_type=x")), "en"
    ) == ("Loyalty and value: Loyal and valuable, no hold seen, next: Thank")
    assert behind.name_of(wanted, "zh-hans") == "层级：黄金，消费金额得分 4"


@pytest.mark.django_db
def test_steps_of_index_and_value_are_said_in_words(company):
    wanted = behind.read(QueryDict("index_from=60&index_below=65&potential_from=-5&potential_below=0&revenue_from=9.5"))
    assert behind.in_words(wanted) == [
        "loyalty index of 60 or more", "loyalty index below 65", "value to come of −¥5.00 or more",
        "value to come below ¥0.00", "revenue of ¥9.50 or more",
    ]  # fmt: skip
