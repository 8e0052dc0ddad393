"""The reports on value: each page with and without an analysis, and the people behind the numbers."""

import re
from datetime import date, timedelta
from html import unescape

import pytest

from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.activity.models import Order
from troth.customers.models import Customer
from troth.events.models import Event
from troth.insights import services
from troth.insights.models import AnalysisRun
from troth.insights.tests.making import NOW, make_customer, make_order
from troth.insights.tests.test_conditions import score_of

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


def scored(name, **fields):
    return score_of(make_customer(name=name), **fields).owner_id


@pytest.mark.slow
def test_the_people_behind_a_number_are_exported_by_right_and_noted(sign_in):
    analyse()
    slept = scored("Ann Stone", status="sleeping", status_before="active", revenue=500, purchases=2)
    scored("Bob Frost", status="lost", status_before="active")
    page = sign_in().get("/value/people/?status_before=all_active&status=sleeping").content.decode()
    action = unescape(re.search(r'action="(/customers/export/[^"]+)"', page)[1])
    assert "Export 1 customer?" in page

    lines = sign_in(Role.MANAGER).post(action).getvalue().decode("utf-8-sig").splitlines()

    assert lines[0].startswith("id,Name,Value,Life cycle,Revenue,Profit,Orders,Last purchase,Phone,E-mail")
    assert [line.split(",")[:2] for line in lines[1:]] == [[str(slept), "Ann Stone"]]
    noted = Event.objects.get(name="customers.list.exported")
    assert noted.data["rows"] == 1
    assert noted.data["filters"] == ["status", "status_before"]


@pytest.mark.slow
def test_who_may_not_export_or_make_segments_is_not_asked_to(sign_in):
    analyse()
    scored("Ann", status="sleeping", status_before="active")
    page = sign_in(Role.AGENT).get("/value/people/?status=sleeping&status_before=active").content.decode()

    assert ">Ann<" in page
    assert "/customers/export/" not in page
    assert "/segments/new/" not in page


@pytest.mark.slow
def test_a_segment_is_made_of_the_people_behind_a_number(sign_in):
    analyse()
    browser = sign_in(Role.MANAGER)
    query = "status_before=all_active&status=sleeping"
    scored("Ann", status="sleeping", status_before="active")
    page = browser.get(f"/value/people/?{query}").content.decode()
    address = unescape(re.search(r'href="(/segments/new/[^"]+)"', page)[1])

    editor = browser.get(address).content.decode()

    assert 'value="Now: Sleeping, active a month before"' in editor
    assert 'value="现在：沉睡，一个月前活跃"' in editor
    assert '{"field": "score.status", "operator": "any_of", "value": ["sleeping"]}' in editor
    assert '"score.status_before", "operator": "any_of", "value": ["new", "repeat", "active"]' in editor
    assert "/segments/new/" not in browser.get("/value/people/").content.decode()


@pytest.mark.slow
def test_the_list_of_people_names_an_assumed_margin(sign_in):
    analyse()
    scored("Ann")
    browser = sign_in()
    assert "margin" not in browser.get("/value/people/").content.decode()

    AnalysisRun.objects.update(assumed_share=1)

    assert "so a margin of 30% is taken" in browser.get("/value/people/").content.decode()
    assert "so a margin of 30% is taken" in browser.get("/customers/?columns=profit").content.decode()
    assert "margin of" not in browser.get("/customers/?columns=revenue").content.decode()
    lines = browser.post("/customers/export/?columns=profit").getvalue().decode("utf-8-sig").splitlines()
    assert lines[0] == "id,Name,Profit (margin assumed)"
