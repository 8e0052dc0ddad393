"""Birthday gifts: on the day, by either calendar, once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from troth.events.models import Event
from troth.kit.ids import new_id
from troth.rewards import queries, services
from troth.rewards.errors import DraftChangedError, GiftNotFoundError, GiftRefusedError
from troth.rewards.models import BirthdayGift, Coupon, FulfilmentKind, GiftIssue, Redemption
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


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"campaign": "none"}, "campaign"),
        ({"campaign": "", "reward": "none"}, "reward"),
        ({"days_before": -1}, "days_before"),
        ({"usable_days": 0}, "usable_days"),
        ({"usable_days": 367}, "usable_days"),
        ({"name": " "}, "name"),
        ({"name_zh": "生" * 121}, "name_zh"),
        ({"code": "Birth Day"}, "code"),
        ({"code": "birthday"}, "code"),
    ],
)
def test_a_refused_change_names_its_field_and_changes_nothing(gift, wrong, field):
    gift()
    other = gift(code="other")
    before, noted = BirthdayGift.objects.values().get(id=other.id), Event.objects.count()
    made = {"code": "other", "name": "Birthday", "campaign": "welcome"} | wrong
    with pytest.raises(GiftRefusedError) as refused:
        services.change_gift(actor=ACTOR, now=MORNING, gift_id=other.id, fields=GiftFields(**made))
    assert refused.value.fields["field"] == field
    assert (BirthdayGift.objects.values().get(id=other.id), Event.objects.count()) == (before, noted)


def test_a_gift_is_changed_once_for_each_state_that_was_seen(gift):
    birthday = gift()
    fields = GiftFields(code="birthday", name="Birthday", campaign="welcome", days_before=7, usable_days=14)
    changed = services.change_gift(actor=ACTOR, now=MORNING, gift_id=birthday.id, fields=fields, expected_revision=1)
    assert (changed.days_before, changed.usable_days, changed.revision, changed.updated_at) == (7, 14, 2, MORNING)
    with pytest.raises(DraftChangedError):
        services.change_gift(
            actor=ACTOR, now=MORNING, gift_id=birthday.id, fields=replace(fields, days_before=3), expected_revision=1
        )
    assert BirthdayGift.objects.get().days_before == 7
    assert Event.objects.filter(name="rewards.gift.changed").count() == 1
    with pytest.raises(GiftNotFoundError):
        services.change_gift(actor=ACTOR, now=MORNING, gift_id=new_id(), fields=fields)


def test_a_gift_is_stopped_and_started_once_however_often_it_is_asked(gift):
    birthday = gift()
    for act, is_active in ((services.stop_gift, False), (services.start_gift, True)):
        for _again in range(2):
            assert act(actor=ACTOR, now=MORNING, gift_id=birthday.id).is_active is is_active
            assert BirthdayGift.objects.get().is_active is is_active
        with pytest.raises(GiftNotFoundError):
            act(actor=ACTOR, now=MORNING, gift_id=new_id())
    names = Event.objects.filter(name__startswith="rewards.gift.").order_by("id").values_list("name", flat=True)
    assert list(names) == ["rewards.gift.created", "rewards.gift.stopped", "rewards.gift.started"]


def test_a_coupon_is_over_so_many_days_after_the_birthday(gift, person):
    """The birthday counts as the first day; given late, it lasts at least the day on which it came."""
    birthday = gift(usable_days=7, days_before=2)
    person(birth_date=date(1990, 11, 24))
    give(birthday)
    assert Coupon.objects.get().expires_at == datetime(2026, 11, 30, 16, tzinfo=UTC)
    short = gift(code="short", usable_days=1)
    late = person(birth_date=date(1990, 11, 20))
    give(short)
    assert Coupon.objects.get(owner_id=late.id).expires_at == datetime(2026, 11, 22, 16, tzinfo=UTC)


def test_only_a_coupon_is_over_by_itself(gift, reward):
    reward()
    with pytest.raises(GiftRefusedError, match="only a coupon is over by itself"):
        gift(campaign="", reward="mug", usable_days=7)
    assert not BirthdayGift.objects.exists()


def test_what_was_given_is_counted_since_a_moment(gift, reward, person):
    reward(stock=1, fulfilment=FulfilmentKind.COLLECT)
    mug = gift(campaign="", reward="mug")
    lin, wu = (person(birth_date=date(1990, 11, 22)) for _ in range(2))
    give(mug)
    figures = queries.gift_figures([mug.id], since=MORNING)
    assert (figures[mug.id].given, figures[mug.id].refused) == (1, 1)
    assert queries.gift_figures([mug.id], since=MORNING + timedelta(seconds=1)) == {}
    assert [one.owner_id for one in queries.gift_issues(mug.id, since=MORNING)] == [lin.id]
    assert [one.owner_id for one in queries.gift_issues(mug.id, since=MORNING, is_refused=True)] == [wu.id]
    assert queries.gift("birthday") == mug
    with pytest.raises(GiftNotFoundError):
        queries.gift("none")


def test_what_is_to_come_is_what_the_next_thirty_mornings_give(gift, person):
    """Told first, then given: the same people, each on the day that was told."""
    birthday = gift(days_before=3, audience={"field": "address.city", "operator": "is", "value": "上海"})
    person(birth_date=date(1990, 11, 25), city="上海")  # has it since this morning
    give(birthday)
    for city in ("上海", "北京"):
        person(birth_date=date(1990, 11, 26), city=city)
        person(birth_date=date(1988, 12, 25), city=city)  # the last morning
        person(birth_date=date(1988, 12, 26), city=city)  # one too late
        person(birth_date=date(1990, 12, 26), city=city, is_lunar_birthday=True)  # kept on 18 December 2026
        person(city=city)
    merged = person(birth_date=date(1990, 11, 27), city="上海")
    GiftIssue.objects.create(
        owner_id=person(canonical_id=merged.id).id,
        gift=birthday,
        birthday_date=date(2026, 11, 27),
        issued_at=MORNING,
    )
    coming = queries.coming_gifts(birthday, NOW)
    told = [(one.customer.id, one.birthday, one.given_date) for one in coming[0:10]]
    assert [(birthday, given) for _id, birthday, given in told] == [
        (date(2026, 11, 26), date(2026, 11, 23)),
        (date(2026, 12, 18), date(2026, 12, 15)),
        (date(2026, 12, 25), date(2026, 12, 22)),
    ]
    assert (len(coming), coming.by_day) == (3, {day: 1 for _id, day, _given in told})
    assert [one.birthday for one in coming[1:2]] == [date(2026, 12, 18)]
    given = []
    for later in range(1, 31):
        at = MORNING + timedelta(days=later)
        give(birthday, at)
        given += [
            (one.owner_id, one.birthday_date, (at + timedelta(hours=8)).date())
            for one in queries.gift_issues(birthday.id, since=at)
        ]
    assert given == told
