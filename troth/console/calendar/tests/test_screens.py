"""The care calendar's pages: the month, a day, the people, and what is refused."""

from datetime import UTC, date, datetime

import pytest

from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.console.conftest import SignIn
from troth.customers import services as customers

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def person(name: str, **fields):
    return customers.create_customer(actor=system_actor("test"), now=NOW, name=name, identities=[], **fields)


@pytest.mark.slow
def test_a_month_shows_festivals_and_numbers_that_lead_to_people(sign_in: SignIn):
    person("Lin Yating", birth_date=date(1990, 9, 25))
    browser = sign_in(Role.ADMIN)
    page = browser.get("/calendar/?month=2026-09").content.decode()
    assert "Mid-Autumn Festival" in page
    assert "十五" not in page  # the lunar day is for whoever reads Chinese
    assert "/calendar/2026-09-25/birthday/" in page
    people = browser.get("/calendar/2026-09-25/birthday/").content.decode()
    assert "Lin Yating" in people
    chinese = sign_in(Role.ADMIN, language="zh-hans").get("/calendar/?month=2026-09").content.decode()
    assert all(word in chinese for word in ("中秋节", "十五", "休", "班", "生日"))


@pytest.mark.slow
def test_the_arrows_bring_only_the_month_and_a_day_only_its_list(sign_in: SignIn):
    browser = sign_in(Role.ADMIN)
    part = browser.get("/calendar/?month=2026-09", headers={"HX-Request": "true"}).content.decode()
    assert part.startswith("<nav")
    assert "<html" not in part
    day = browser.get("/calendar/2026-09-25/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in day
    assert "Nobody is due on this day" in day
    assert "<html" in browser.get("/calendar/2026-09-25/").content.decode()


@pytest.mark.slow
def test_what_is_no_day_is_not_found_and_what_is_no_month_is_this_one(sign_in: SignIn):
    browser = sign_in(Role.ADMIN)
    for path in ("/calendar/2026-02-30/", "/calendar/20260925/", "/calendar/2026-09-25/nothing/"):
        assert browser.get(path).status_code == 404, path
    assert browser.get("/calendar/?month=2026-13").status_code == 200
    assert "not published yet" in browser.get("/calendar/?month=2050-01").content.decode()
