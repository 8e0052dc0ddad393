"""Signs and numbers that no page of ours writes, in addresses and forms: refused in words, never our own failure."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import DataError
from django.test import Client

from troth.access.permissions import Role
from troth.console.numbers import DecimalField, decimal, whole

LONG = "9" * 5_000
"""More digits than Python reads."""


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("12", 12),
        ("999999999", 999_999_999),
        ("1000000000", None),
        (LONG, None),
        ("²", None),
        ("１２", 12),
        ("-1", None),
        ("", None),
        (" 1", None),
    ],
)
def test_whole_numbers_are_what_our_pages_write(text, number):
    assert whole(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12.50", Decimal("12.50")),
        (" -0.0001 ", Decimal("-0.0001")),
        ("１２", Decimal(12)),
        ("1e3", Decimal(1000)),
        ("0", Decimal(0)),
        ("1e999999999", None),
        ("1e-999999999", None),
        ("0e999999999", None),
        (LONG, None),
        ("NaN", None),
        ("-Infinity", None),
        ("sNaN", None),
        ("", None),
        ("one", None),
    ],
)
def test_numbers_are_such_as_an_amount_may_be(text, number):
    assert decimal(text) == number


@pytest.mark.parametrize("text", ["1e999999999", LONG, "NaN", "Infinity", "12345678901234567890"])
def test_a_form_takes_no_number_that_no_column_holds(text):
    with pytest.raises(ValidationError):
        DecimalField().clean(text)


def test_more_digits_where_more_are_meant():
    assert whole("1000000000", digits=18) == 1_000_000_000


@pytest.mark.parametrize(
    "path",
    [
        "/customers/?q=a%00b",
        "/customers/?%00=1",
        "/complaints/a%00b/",
        "/settings/staff/stores/a%00b/",
        "/calendar/a%00b/",
        "/search/?q=%00",
        "/rewards/redemptions/?reward=%00",
    ],
)
def test_a_sign_that_no_database_keeps_makes_no_sense(sign_in, path):
    answer = sign_in().get(path)
    assert answer.status_code == 400
    assert "That request makes no sense to us" in answer.content.decode()


def test_such_a_sign_in_a_form_is_refused_before_anything_is_read(sign_in):
    browser = sign_in()
    answer = browser.post("/customers/new/", {"name": "A\0B"})
    assert answer.status_code == 400
    answer = browser.post("/customers/views/save/", {"name": "A\0B", "query": "q=1"})
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/p/s/a%00b/", "/p/complaint/?lang=%00", "/p/receipts/x/a%00b", "/p/l/%00"])
def test_strangers_get_the_same_answer(company, path):
    assert Client().get(path).status_code == 400


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/texts/new/", {"revision": LONG}),
        ("/messages/rules/", {"version": LONG, "control_groups": f"birthday {LONG}"}),
        ("/tasks/scripts/new/", {"revision": LONG, "code": "a", "name": "A", "body": "B"}),
        ("/segments/new/", {"revision": LONG, "name": "A"}),
    ],
)
def test_numbers_that_cannot_be_read_are_no_failure_of_ours(sign_in, path, data):
    assert sign_in(Role.ADMIN).post(path, data).status_code < 500


@pytest.mark.slow
@pytest.mark.parametrize("query", [f"store={LONG}", "store=²", "store=9999999999999999999", "page=²", f"page={LONG}"])
def test_filters_that_cannot_be_read_are_no_failure_of_ours(sign_in, query):
    assert sign_in().get(f"/rewards/redemptions/?{query}").status_code == 200
    assert sign_in(Role.MANAGER).get(f"/tasks/results/?days={LONG}").status_code == 200


def test_what_the_database_cannot_hold_is_refused_in_words(sign_in, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise DataError("bigint out of range")

    browser = sign_in()
    monkeypatch.setattr("troth.jobs.queries.job", refuse)
    answer = browser.get("/settings/jobs/0197a000-0000-7000-8000-000000000000/progress/")
    assert answer.status_code == 422
    assert "beyond what can be kept" in answer.content.decode()
