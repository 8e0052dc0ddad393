"""Birthday gifts over the API: made, listed, read, changed; a refusal leaves everything as it was."""

from datetime import timedelta

import pytest

from troth.access.actors import system_actor
from troth.customers.models import Customer
from troth.events.models import Event
from troth.jobs.models import Schedule
from troth.kit import clock
from troth.rewards import services
from troth.rewards.models import BirthdayGift
from troth.staff import queries as staff

pytestmark = pytest.mark.slow
WELCOME = {"code": "welcome", "name": "Welcome", "code_kind": "unique", "size": 100, "benefit": "amount", "amount": "5"}
GIFT = {"code": "birthday", "name": "Birthday", "name_zh": "生日礼", "campaign": "welcome", "days_before": 7}


@pytest.fixture
def gift(api):
    """A birthday gift of a coupon."""
    api.post("/campaigns", WELCOME)
    api.post("/campaigns/welcome/start", None)
    made = api.post("/birthday-gifts", GIFT)
    assert made.status_code == 201, made.json()
    return made.json()


def born_in(days: int, **fields: object) -> Customer:
    """Make somebody whose birthday is so many days ahead."""
    now = clock.utc_now()
    day = staff.company().today(now) + timedelta(days=days)
    return Customer.objects.create(birth_date=day.replace(year=1992), created_at=now, updated_at=now, **fields)


def test_a_gift_is_made_listed_read_and_changed(api, gift):
    assert gift == {
        "code": "birthday", "name": "Birthday", "name_zh": "生日礼", "campaign": "welcome", "reward": "",
        "days_before": 7, "usable_days": None, "audience": None, "is_active": True, "given": 0, "refused": 0,
        "revision": 1, "coming": 0,
    }  # fmt: skip
    assert Schedule.objects.filter(name="rewards.birthdays").count() == 1
    shown = {name: value for name, value in gift.items() if name != "coming"}
    assert api.get("/birthday-gifts").json() == {"items": [shown], "next_cursor": None}
    assert api.get("/birthday-gifts/birthday").json() == gift
    changed = api.send(
        "PUT", "/birthday-gifts/birthday", GIFT | {"days_before": 0, "usable_days": 14, "is_active": False}
    )
    assert changed.status_code == 200, changed.json()
    assert changed.json() == gift | {"days_before": 0, "usable_days": 14, "is_active": False, "revision": 2}


def test_who_had_it_and_who_will_is_counted(api, gift):
    born_in(7)
    born_in(20)
    born_in(60)
    row = BirthdayGift.objects.select_related("campaign", "reward").get()
    assert api.get("/birthday-gifts/birthday").json()["coming"] == 2
    services.give_birthday_gifts(actor=system_actor("test"), now=clock.utc_now(), gift=row)
    found = api.get("/birthday-gifts/birthday").json()
    assert (found["given"], found["refused"], found["coming"]) == (1, 0, 1)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"campaign": "none"}, "birthday_gift_refused"),
        ({"campaign": None}, "birthday_gift_refused"),
        ({"reward": "mug"}, "birthday_gift_refused"),
        ({"days_before": 61}, "validation_failed"),
        ({"audience": {"field": "nothing"}}, "condition_invalid"),
    ],
)
def test_a_refusal_changes_nothing(api, gift, wrong, code):
    noted = Event.objects.count()
    for method, address, body in (
        ("POST", "/birthday-gifts", GIFT | {"code": "other"}),
        ("PUT", "/birthday-gifts/birthday", GIFT | {"name": "Else"}),
    ):
        refused = api.send(method, address, body | wrong)
        assert (refused.status_code, refused.json()["code"]) == (422, code), refused.json()
    assert api.get("/birthday-gifts").json()["items"] == [{n: v for n, v in gift.items() if n != "coming"}]
    assert Event.objects.count() == noted


def test_what_is_not_there_and_what_is_there_already(api, gift):
    assert api.post("/birthday-gifts", GIFT).json()["code"] == "birthday_gift_refused"
    for answer in (api.get("/birthday-gifts/none"), api.send("PUT", "/birthday-gifts/none", GIFT)):
        assert (answer.status_code, answer.json()["code"]) == (404, "birthday_gift_not_found")
    assert BirthdayGift.objects.count() == 1
