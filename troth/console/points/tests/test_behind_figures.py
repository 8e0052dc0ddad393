"""Each figure of the overview leads to the people or movements that it counts; a statement as a file."""

import csv
import io
import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from troth.access.permissions import Role
from troth.console.points import purse
from troth.events import registry
from troth.kit.clock import utc_now
from troth.ledger import queries as ledger
from troth.ledger import services
from troth.ledger.operations import Earn, Owner, Reason
from troth.ledger.terms import Purpose

from .conftest import ACTOR
from .test_member_points import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def pending(member):
    """Return the member with 40 points more that wait for an event."""
    now = utc_now()
    earn = Earn(
        key="later", owner=Owner("customer", member.id), currency="points", occurred_at=now, reason=Reason("event"),
        amount=40, awaits_event="lesson",
    )  # fmt: skip
    (posted,) = services.post([earn], actor=ACTOR, now=now)
    assert posted.error is None
    return member


@pytest.mark.slow
def test_every_figure_leads_to_its_list(sign_in, pending):
    browser = sign_in()
    page = browser.get("/points/").content.decode()
    assert "Pending 40" in re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    links = {url.replace("&amp;", "&") for url in re.findall(r'href="(/points/(?:people|movements)/[^"]+)"', page)}
    assert {re.search(r"(show|of)=(\w+)", url)[2] for url in links} >= {
        "held",
        "pending",
        "ending",
        "redeemed",
        "expired",
    }
    for url in links:
        assert browser.get(url).status_code == 200, url
    held = text_of(browser.get("/points/people/?currency=points&show=held"))
    assert "王小明 290" in held
    assert "王小明 40" in text_of(browser.get("/points/people/?currency=points&show=pending"))
    issued = text_of(browser.get("/points/movements/?currency=points&of=issued"))
    assert "+250" in issued
    assert "One per yuan" in issued


@pytest.mark.slow
def test_the_months_of_the_overview_are_the_calendar_months_of_the_zone(member):
    zone = ZoneInfo("Asia/Shanghai")
    ends = [
        datetime(2031, 1, 1, tzinfo=zone),
        datetime(2031, 1, 1, 0, 0, 1, tzinfo=zone),
        datetime(2033, 5, 9, tzinfo=zone),
    ]
    for at, end in enumerate(ends):
        happened = datetime(2026, at + 1, 1, tzinfo=zone)
        earn = Earn(
            key=f"m{at}", owner=Owner("customer", member.id), currency="points", occurred_at=happened,
            reason=Reason("event"), amount=10**at, expires_at=end,
        )  # fmt: skip
        services.post([earn], actor=ACTOR, now=utc_now())
    currency = ledger.currency("points")
    found = {one.month: one.points for one in ledger.ending(currency, utc_now())}
    assert [found[date(*month)] for month in ((2030, 12, 1), (2031, 1, 1), (2033, 5, 1))] == [1, 10, 100]
    moved = ledger.moved_by_month(currency, datetime(2025, 12, 31, tzinfo=UTC))
    assert [moved[date(2026, month, 1)]["issued"] for month in (1, 2, 3)] == [-1, -10, -100]


@pytest.mark.slow
def test_the_overview_asks_as_much_however_many_months_moved(pending, django_assert_num_queries):
    currency = ledger.currency("points")
    since = datetime(2025, 12, 31, tzinfo=UTC)
    for at in (1, 5, 9):
        earn = Earn(
            key=f"e{at}", owner=Owner("customer", pending.id), currency="points", reason=Reason("event"), amount=at,
            occurred_at=datetime(2026, at, 2, tzinfo=UTC),
        )  # fmt: skip
        services.post([earn], actor=ACTOR, now=utc_now())
        with django_assert_num_queries(2 * len(Purpose) + 1):
            moved = ledger.moved_by_month(currency, since)
        assert moved[date(2026, at, 1)]["issued"] <= -at
    with django_assert_num_queries(2):
        (never,) = ledger.ending(currency, utc_now())
    assert (never.month, never.pending) == (None, 40)


def test_what_a_lot_waits_for_is_called_by_its_label():
    assert purse.event_label("activity.moment.recorded") == str(registry.get("activity.moment.recorded").label)
    assert purse.event_label("lesson") == "lesson"


@pytest.mark.slow
def test_points_that_end_in_a_month_stand_under_it(sign_in, member):
    services.change_currency(actor=ACTOR, now=utc_now(), code="points", expiry_kind="days", expiry_count=400)
    now = utc_now()
    earn = Earn(
        key="ends", owner=Owner("customer", member.id), currency="points", occurred_at=now, reason=Reason("event"),
        amount=7,
    )  # fmt: skip
    services.post([earn], actor=ACTOR, now=now)
    (month,) = [one.month for one in ledger.ending(ledger.currency("points"), now) if one.month]
    browser = sign_in()
    there = f"/points/people/?currency=points&show=ending&month={month:%Y-%m}"
    assert "王小明 7" in text_of(browser.get(there))
    assert "Nobody" in text_of(browser.get("/points/people/?currency=points&show=ending&month=2031-01"))
    assert "王小明" not in text_of(sign_in(Role.ANALYST).get(there))


@pytest.mark.slow
def test_unknown_currencies_and_odd_addresses_are_no_failures(sign_in, member):
    browser = sign_in()
    assert browser.get("/points/people/?currency=none").status_code == 404
    odd = "/points/movements/?currency=points&of=clearing&month=2026-13&before=x"
    assert browser.get(odd).status_code == 200
    assert browser.get("/points/people/?currency=points&show=x&month=0&page=99").status_code == 200


@pytest.mark.slow
def test_a_statement_is_handed_out_as_a_file(sign_in, member):
    browser = sign_in()
    browser.post(member.url + "points/spend/", {"key": "=1+1", "amount": "40", "reason": "desk"})
    answer = browser.get(member.url + "points/statement.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[3:5] for row in rows[1:]] == [["-40", "210"], ["250", "250"]]
    assert rows[1][5] == "'=1+1"
    assert "One per yuan" in rows[2][1]
    chinese = sign_in(language="zh-hans").get(member.url + "points/statement.csv")
    assert "每元一分" in b"".join(chinese.streaming_content).decode()
