"""The demo's birthday gift: given to whose birthday it is time for, once."""

from datetime import UTC, date, datetime, timedelta

import pytest

from troth.access.actors import system_actor
from troth.customers.models import Customer
from troth.demo import birthday_made
from troth.insights.tests.making import make_company, make_customer
from troth.rewards.models import BirthdayGift, Coupon, CouponCampaign

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ACTOR = system_actor("demo")
NOW = datetime(2026, 11, 22, 17, tzinfo=UTC)


def test_it_is_set_up_and_given_once():
    make_company(currency="USD", as_of_date=date(2017, 12, 31))
    people = [make_customer() for _number in range(3)]
    for person, born in zip(people, (date(1970, 1, 7), date(1970, 1, 8), None), strict=True):
        Customer.objects.filter(id=person).update(birth_date=born)
    assert birthday_made.set_up(actor=ACTOR, now=NOW) == {"given": 1, "refused": 0}
    assert birthday_made.set_up(actor=ACTOR, now=NOW + timedelta(hours=1)) == {"given": 0, "refused": 0}
    assert (BirthdayGift.objects.count(), CouponCampaign.objects.count()) == (1, 1)
    coupon = Coupon.objects.get()
    assert (coupon.owner_id, coupon.source, coupon.expires_at) == (people[0], "birthday", None)
