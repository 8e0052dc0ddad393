"""Entries by days: each kind of day lets in exactly whose day it is, on the day, and once."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from troth.activity import services as activity
from troth.activity.orders import NewLine, NewOrder
from troth.care.journeys import services
from troth.care.models import JourneyRun
from troth.kit import lunar
from troth.ledger import services as ledger
from troth.ledger.operations import Earn, Owner, Reason

from .conftest import NOW, after
from .making import text

pytestmark = pytest.mark.slow
MARK = "\n  - {id: mark, type: tag, tag: Soon}\n"


@pytest.fixture
def swept(publish, actor):
    """Return a function that sets a journey by days running, and returns who is let in; asked again nobody is."""

    def run(entry, now=NOW):
        publish(text(MARK, entry=entry, reentry="{rule: each_key}"), at=now)
        first = services.sweep(actor=actor, now=now)
        assert services.sweep(actor=actor, now=now + timedelta(hours=1)) == 0
        runs = list(JourneyRun.objects.all())
        assert len(runs) == first
        return {run.owner_id: run.facts["date"] for run in runs}

    return run


def bought(actor, owner_id, *moments):
    for number, at in enumerate(moments):
        line = NewLine(1, Decimal(1), Decimal(10), Decimal(10))
        order = NewOrder("test", f"{owner_id}-{number}", owner_id, at, "CNY", (line,))
        activity.record_orders([order], actor=actor, now=NOW)


def test_a_lunar_birthday_moves_with_the_moon(swept, person):
    birth = date(1990, 5, 20)
    kept = lunar.birthday_in(birth, 2026, is_lunar=True)
    assert kept != birth.replace(year=2026)
    now = datetime(kept.year, kept.month, kept.day, 2, tzinfo=UTC)
    lunar_one = person(birth_date=birth, is_lunar_birthday=True)
    person(birth_date=birth)
    person(birth_date=kept.replace(year=1990))  # of the sun, on that very day: another journey's
    assert swept("{type: date, of: lunar_birthday}", now) == {lunar_one: kept.isoformat()}


def test_an_anniversary_is_that_of_an_earlier_year(swept, person):
    old = person(joined_date=date(2023, 3, 9))
    person(joined_date=date(2026, 3, 9))  # joins this year
    person(joined_date=date(2023, 3, 2))
    assert swept("{type: date, of: anniversary, days: -7}") == {old: "2026-03-09"}


def test_days_after_the_first_and_after_the_last_purchase(swept, person, actor):
    once, twice = person(), person()
    bought(actor, once, after(days=-30))
    bought(actor, twice, after(days=-90), after(days=-30))
    assert swept("{type: date, of: first_purchase, days: 30}") == {once: "2026-01-31"}


def test_days_after_the_last_purchase(swept, person, actor):
    once, twice, lately = person(), person(), person()
    bought(actor, once, after(days=-30))
    bought(actor, twice, after(days=-90), after(days=-30))
    bought(actor, lately, after(days=-30), after(days=-1))
    assert swept("{type: date, of: last_purchase, days: 30}") == {once: "2026-01-31", twice: "2026-01-31"}


def test_days_before_points_end(swept, person, actor):
    rules = ledger.CurrencyRules(name="Points", time_zone="Asia/Shanghai")
    ledger.create_currency(actor=actor, now=NOW, code="points", rules=rules)
    soon, later = person(), person()
    # Good until the end of the ninth of March in Shanghai, and a day longer.
    for owner_id, day in ((soon, 9), (later, 10)):
        end = datetime(2026, 3, day, 16, tzinfo=UTC)
        earn = Earn(
            key=str(owner_id),
            owner=Owner("customer", owner_id),
            currency="points",
            occurred_at=NOW,
            reason=Reason("test"),
            amount=5,
            expires_at=end,
        )
        (posted,) = ledger.post([earn], actor=actor, now=NOW)
        assert posted.transaction_id is not None
    entry = "{type: date, of: points_expiry, currency: points, days: -7}"
    assert swept(entry) == {soon: "2026-03-09"}


def test_people_of_the_day_are_let_in_the_next_morning_after_a_worker_stood_still(publish, person, actor):
    publish(text(MARK, entry="{type: date, of: birthday, at: '09:00'}", reentry="{rule: each_key}"))
    services.sweep(actor=actor, now=NOW)
    missed, long_past = person(birth_date=date(1990, 3, 4)), person(birth_date=date(1990, 3, 3))
    assert services.sweep(actor=actor, now=after(days=5)) == 1  # the seventh: three days are caught up with
    assert set(JourneyRun.objects.values_list("owner_id", flat=True)) == {missed}
    assert long_past != missed
