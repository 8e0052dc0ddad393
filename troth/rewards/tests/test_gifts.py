"""Birthday gifts: on the day, by either calendar, once."""

from datetime import UTC, date, datetime, timedelta

import pytest

from troth.events.models import Event
from troth.rewards import services
from troth.rewards.errors import GiftRefusedError
from troth.rewards.models import Coupon, FulfilmentKind, GiftIssue, Redemption
from troth.rewards.services import GiftFields

from .conftest import ACTOR, NOW, stock_left

MORNING = datetime(2026, 11, 21, 22, tzinfo=UTC)  # six o'clock on 22 November in Shanghai


@pytest.fixture
def gift(campaign):
    """Return a function that sets up a gift, a coupon unless it is said."""
    campaign()

    def make(**fields):
        made = {"code": "birthday", "name": "Birthday", "campaign": "welcome"} | fields
        return services.create_gift(actor=ACTOR, now=NOW, fields=GiftFields(**made))

    return make


def give(found, now=MORNING):
    return services.give_birthday_gifts(actor=ACTOR, now=now, gift=found)


def test_whoever_has_a_birthday_gets_the_coupon_once(gift, person):
    birthday = gift()
    lin = person(birth_date=date(1990, 11, 22))
    person(birth_date=date(1990, 11, 23))
    person(birth_date=date(2026, 11, 22))  # born today
    person()
    assert give(birthday) == {"given": 1, "refused": 0}
    coupon = Coupon.objects.get()
    assert (coupon.owner_id, coupon.source, coupon.source_id) == (lin.id, "birthday", "birthday")
    event = Event.objects.get(name="rewards.birthday.given")
    assert (event.owner_id, event.data) == (
        lin.id,
        {"gift": "birthday", "coupon": str(coupon.id), "redemption": ""},
    )
    assert give(birthday) == {"given": 0, "refused": 0}


def test_a_lunar_birthday_moves_with_the_moon(gift, person):
    """Born on 6 May 1990, the twelfth day of the fourth lunar month; it fell on 9 May in 2025, on 28 May in 2026."""
    birthday = gift()
    person(birth_date=date(1990, 5, 6), is_lunar_birthday=True)
    assert give(birthday, datetime(2026, 5, 6, 2, tzinfo=UTC)) == {"given": 0, "refused": 0}
    assert give(birthday, datetime(2026, 5, 28, 2, tzinfo=UTC)) == {"given": 1, "refused": 0}
    assert GiftIssue.objects.get().birthday_date == date(2026, 5, 28)


def test_the_twenty_ninth_of_february_comes_every_year(gift, person):
    birthday = gift()
    person(birth_date=date(2000, 2, 29))
    assert give(birthday, datetime(2026, 2, 28, 2, tzinfo=UTC)) == {"given": 1, "refused": 0}


def test_a_gift_may_come_ahead_of_the_day(gift, person):
    birthday = gift(days_before=7)
    person(birth_date=date(1990, 11, 29))
    person(birth_date=date(1990, 11, 30))
    assert give(birthday)["given"] == 1
    assert GiftIssue.objects.get().birthday_date == date(2026, 11, 29)


def test_missed_days_are_caught_up_with(gift, person):
    birthday = gift()
    person(birth_date=date(1990, 11, 19))
    person(birth_date=date(1990, 11, 18))
    assert give(birthday)["given"] == 1


def test_another_date_of_birth_brings_no_second_gift(gift, person):
    birthday = gift()
    lin = person(birth_date=date(1990, 11, 22))
    give(birthday)
    lin.birth_date = date(1990, 12, 1)
    lin.save()
    assert give(birthday, MORNING + timedelta(days=9))["given"] == 0
    lin.birth_date = date(1990, 11, 22)
    lin.save()
    assert give(birthday, MORNING + timedelta(days=365))["given"] == 1


def test_a_gift_is_only_for_whom_it_is_meant(gift, person):
    birthday = gift(audience={"field": "address.city", "operator": "is", "value": "上海"})
    person(birth_date=date(1990, 11, 22), city="北京")
    lin = person(birth_date=date(1990, 11, 22), city="上海")
    assert give(birthday)["given"] == 1
    assert GiftIssue.objects.get().owner_id == lin.id


def test_a_reward_is_given_at_no_charge_while_there_is_any(gift, reward, person):
    mug = reward(stock=1, fulfilment=FulfilmentKind.COLLECT)
    birthday = gift(campaign="", reward="mug")
    for _ in range(2):
        person(birth_date=date(1990, 11, 22))
    assert give(birthday) == {"given": 1, "refused": 1}
    assert (Redemption.objects.get().is_gift, stock_left(mug)) == (True, 0)
    assert sorted(GiftIssue.objects.values_list("refusal", flat=True)) == ["", "reward_out_of_stock"]


@pytest.mark.parametrize(
    "wrong", [{"campaign": ""}, {"reward": "mug"}, {"campaign": "none"}, {"days_before": 61}, {"code": "Birth Day"}]
)
def test_a_gift_that_cannot_be_is_refused(gift, wrong):
    with pytest.raises(GiftRefusedError):
        gift(**wrong)
