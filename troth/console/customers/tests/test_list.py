"""The list: who is on it, in which order, masked or not, and what leaves the house."""

import csv
import io
import re

import pytest

from troth.access.permissions import Role
from troth.console.customers.exporting import escaped
from troth.customers import services as customers
from troth.customers.models import SavedView
from troth.events.models import Event

from .conftest import ACTOR, NOW


def names_in(html):
    return re.findall(r'<a href="/customers/[0-9a-f-]{36}/">([^<]+)</a>', html)


def page(browser, query=""):
    response = browser.get(f"/customers/{query}")
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.slow
def test_the_best_come_first_and_those_without_purchases_last(sign_in, people):
    assert names_in(page(sign_in())) == ["Anna Berg", "王小明", "李静"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?sort=revenue", ["王小明", "Anna Berg", "李静"]),
        ("?sort=name", ["Anna Berg", "李静", "王小明"]),
        ("?sort=-name", ["王小明", "李静", "Anna Berg"]),
        ("?q=xiaoming", ["王小明"]),
        ("?q=5678&sort=-revenue", ["王小明"]),
        ("?band=diamond", ["Anna Berg"]),
        ("?status=active", ["王小明"]),
        ("?status=all_silent", ["Anna Berg"]),
        ("?first_month=2025-01&r=5", ["Anna Berg", "王小明"]),
        ("?first_month=2025-02", []),
        ("?r=9&first_month=x&bought_within=x&status=x", ["Anna Berg", "王小明", "李静"]),
        ("?q=nobody", []),
        ("?city=上海&sort=-orders", ["王小明", "Anna Berg", "李静"]),
        (
            "?sort=nonsense&band=nonsense&tag=x&segment=1&owner=1&columns=none&page=0",
            ["Anna Berg", "王小明", "李静"],
        ),
        ("?page=2", []),
    ],
)
def test_the_list_narrows_and_sorts(sign_in, people, query, names):
    found = names_in(page(sign_in(), query))
    assert sorted(found) == sorted(names)
    if "orders" not in query:
        assert found == names


@pytest.mark.slow
def test_without_the_right_names_and_numbers_are_masked(sign_in, people):
    html = page(sign_in(Role.CLERK), "?columns=phone&columns=email")
    assert "王小明" not in html
    assert "王••" in html
    assert "5678" in html
    assert "1381234" not in html
    assert "wang.x" not in html


@pytest.mark.slow
def test_without_the_right_nothing_personal_is_asked_by(sign_in, people):
    clerk = sign_in(Role.CLERK)
    plain = page(clerk, "")
    assert 'name="city"' not in plain
    assert "上海" not in page(clerk, "?columns=city&columns=source")
    assert clerk.get("/customers/?city=上海").status_code == 403
    for guess in ("王", "wang", "1381", "wang.x"):
        assert "王••" not in page(clerk, f"?q={guess}"), guess
    for whole in ("138 1234 5678", "5678", "wang.x@qq.com"):
        assert "王••" in page(clerk, f"?q={whole}"), whole
    for column, sortable in (("name", False), ("revenue", True)):
        assert (f"sort={column}" in plain or f"sort=-{column}" in plain) == sortable
    order = [re.findall(r"/customers/([0-9a-f-]{36})/", page(clerk, query)) for query in ("?sort=-name", "")]
    assert order[0] == order[1]


@pytest.mark.slow
def test_chosen_columns_are_shown(sign_in, people):
    html = page(sign_in(), "?columns=email&columns=profit")
    assert "wang.x@qq.com" in html
    assert "+86 138 1234 5678" not in html


@pytest.mark.slow
def test_what_stands_behind_a_number_is_said_and_kept_while_filtering(sign_in, people):
    html = page(sign_in(), "?first_month=2025-01&status_before=all_active")
    assert "first bought in Jan 2025" in html
    assert '<input type="hidden" name="first_month" value="2025-01-01">' in html


@pytest.mark.slow
def test_a_view_is_kept_and_forgotten(sign_in, people):
    browser = sign_in()
    browser.post("/customers/views/save/", {"name": "Lost ones", "query": "status=lost"})
    html = page(browser, "?status=lost")
    assert re.search(r'<a href="/customers/\?status=lost" aria-current="page">Lost ones', html)
    view = SavedView.objects.get()
    sign_in(Role.AGENT).post(f"/customers/views/{view.id}/remove/")
    assert SavedView.objects.count() == 1  # somebody else's
    browser.post(f"/customers/views/{view.id}/remove/")
    assert SavedView.objects.count() == 0


def test_an_export_is_asked_for_logged_and_escaped(sign_in, people):
    customers.update_customer(actor=ACTOR, now=NOW, customer_id=people.li.id, name="=HYPERLINK(1)")
    response = sign_in().post("/customers/export/?city=上海&columns=revenue&columns=phone")

    text = response.getvalue().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["id", "Name", "Revenue", "Phone"]
    assert [row[1:] for row in rows[1:]] == [
        ["Anna Berg", "900.00", "'+46 70 123 45 67"],
        ["王小明", "500.00", "'+86 138 1234 5678"],
        ["'=HYPERLINK(1)", "", ""],
    ]
    event = Event.objects.get(name="customers.list.exported")
    assert event.data == {"rows": 3, "columns": ["phone", "revenue"], "filters": ["city"]}


def test_an_export_needs_its_right_and_masks(sign_in, people):
    assert sign_in(Role.AGENT).post("/customers/export/").status_code == 403
    assert not Event.objects.filter(name="customers.list.exported").exists()
    text = sign_in(Role.CONTROLLER).post("/customers/export/").getvalue().decode()
    assert "王小明" not in text
    assert "王••" in text


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+86 138", "'+86 138"),
        ("@x", "'@x"),
        ("-5.20", "-5.20"),
        ("\tx", "'\tx"),
        ("\n=1+1", "'\n=1+1"),
        ("＝1+1", "'＝1+1"),
        ("－1+cmd", "'－1+cmd"),
        ("Anna", "Anna"),
    ],
)
def test_no_cell_becomes_a_formula(cell, safe):
    assert escaped(cell) == safe


def test_the_palette_finds_people(sign_in, people):
    html = sign_in().get("/search/?q=wxm").content.decode()
    assert "王小明" in html
    assert f"/customers/{people.wang.id}/" in html


@pytest.mark.slow
def test_the_list_speaks_chinese(sign_in, people):
    html = page(sign_in(language="zh-hans"))
    assert "客户" in html
    assert "Life cycle" not in html


@pytest.mark.slow
def test_a_page_costs_the_same_number_of_queries_for_few_and_many(sign_in, people, django_assert_max_num_queries):
    browser = sign_in()
    page(browser)
    with django_assert_max_num_queries(40):
        page(browser)
