"""The reports on value: each page with and without an analysis, and the people behind the numbers."""

from datetime import date, timedelta

import pytest

from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.activity.models import Order
from troth.customers.models import Customer
from troth.insights import services
from troth.insights.tests.making import NOW, make_customer, make_order

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 1)
PAGES = ("pyramid", "lifecycle", "rfm", "cohorts", "concentration", "best", "best/?by=profit", "people")


def address(name):
    return f"/value/{name}" if "?" in name else f"/value/{name}/"


@pytest.fixture(autouse=True)
def lake(tmp_path, settings, company):
    settings.LAKE_DIR = tmp_path
    company.as_of_date = TODAY
    company.save()


def analyse():
    return services.analyse(actor=system_actor("test"), now=NOW)


@pytest.mark.parametrize("name", PAGES)
def test_pages_without_an_analysis_say_how_to_get_one(sign_in, name):
    page = sign_in().get(address(name))

    assert page.status_code == 200
    assert "empty-state" in page.content.decode()


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_of_an_empty_company_show_no_picture_and_do_not_break(sign_in, language):
    analyse()
    browser = sign_in(language=language)

    for name in PAGES:
        assert browser.get(address(name)).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_show_picture_and_table(sign_in, language):
    ann = make_customer(name="Ann Stone")
    for days in (200, 150, 100, 50, 5):
        make_order(ann, TODAY - timedelta(days=days), "1234.5")
    analyse()
    browser = sign_in(language=language)

    for name in PAGES[:5]:
        page = browser.get(address(name)).content.decode()
        assert "data-chart=" in page
        assert "data-chart-csv" in page
    for name in PAGES[5:]:
        page = browser.get(address(name)).content.decode()
        assert f"/customers/{ann}/" in page
        assert "Ann Stone" in page


def test_a_clerk_sees_no_report(sign_in):
    browser = sign_in(Role.CLERK)

    assert {browser.get(address(name)).status_code for name in PAGES} == {403}


@pytest.mark.slow
def test_people_are_narrowed_by_every_measure(sign_in):
    ann, bob = make_customer(name="Ann"), make_customer(name="Bob")
    for days in (100, 60, 5):
        make_order(ann, TODAY - timedelta(days=days), "500")
    make_order(bob, TODAY - timedelta(days=300), "10")
    analyse()
    browser = sign_in()

    def names(query):
        page = browser.get(f"/value/people/?{query}").content.decode()
        return {name for name in ("Ann", "Bob") if f">{name}<" in page}

    assert names("") == {"Ann", "Bob"}
    assert names("status=active") == names("status=all_active") == {"Ann"}
    assert names("status=all_silent") == {"Bob"}
    assert names("rung=first_time_buyer") == {"Bob"}
    assert names("bought_within=30") == {"Ann"}
    assert names("first_month=2025-05-01") == {"Bob"}
    assert names("bought_month=2025-12-15") == {"Ann"}
    assert names("f=5&status=active") | names("f=4&status=active") == {"Ann"}
    assert names("status=nonsense&r=99&first_month=x&bought_within=-3") == {"Ann", "Bob"}


@pytest.mark.slow
def test_purchases_of_a_merged_record_count_for_the_month(sign_in):
    ann, double = make_customer(name="Ann"), make_customer(name="Double")
    make_order(ann, date(2026, 2, 20))
    make_order(double, date(2026, 1, 10))
    Customer.objects.filter(id=double).update(canonical_id=ann)
    analyse()

    page = sign_in().get("/value/people/?bought_month=2026-01-01").content.decode()

    assert ">Ann<" in page
    assert Order.objects.count() == 2


@pytest.mark.slow
def test_the_list_is_paged_by_the_database(sign_in, django_assert_max_num_queries):
    for number in range(60):
        make_order(make_customer(name=f"Person {number}"), TODAY - timedelta(days=5), str(100 + number))
    analyse()
    browser = sign_in()

    with django_assert_max_num_queries(16):
        page = browser.get("/value/people/").content.decode()
    assert page.count("<tr>") == 51
    assert ">Person 59<" in page
    assert browser.get("/value/people/?page=2").content.decode().count("<tr>") == 11
