"""Birthday gifts at the desk: made, changed, stopped and started; who had one and who will; both languages."""

import html
import json
import re
from datetime import date, timedelta
from decimal import Decimal
from unittest.mock import Mock

import pytest

from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.customers.models import Customer
from troth.events.models import Event
from troth.jobs import registry
from troth.kit.clock import utc_now
from troth.rewards import queries as rewards
from troth.rewards import services, tasks
from troth.rewards.models import Benefit, BirthdayGift, CodeKind, RewardKind
from troth.rewards.services import CampaignFields, GiftFields, RewardFields
from troth.staff import queries as staff

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ACTOR = system_actor("test")
FORM = {
    "name": "Birthday coupon", "name_zh": "生日券", "code": "birthday", "given": "campaign:cake", "days_before": "3",
    "usable_days": "14",
}  # fmt: skip
THERE = "/rewards/birthdays/gifts/birthday/"


def text_of(response):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


@pytest.fixture
def cake(company):
    """A campaign that runs, with five codes."""
    fields = CampaignFields(
        code="cake", name="Cake", name_zh="蛋糕券", code_kind=CodeKind.UNIQUE, size=5, benefit=Benefit.AMOUNT,
        amount=Decimal(10), currency="CNY",
    )  # fmt: skip
    made = services.create_campaign(actor=ACTOR, now=utc_now(), fields=fields)
    return services.start_campaign(actor=ACTOR, now=utc_now(), campaign_id=made.id)


@pytest.fixture
def born_in(company):
    """Return a function that makes somebody whose birthday is so many days ahead."""

    def make(days, **fields):
        now = utc_now()
        day = staff.company().today(now) + timedelta(days=days)
        return Customer.objects.create(birth_date=day.replace(year=1992), created_at=now, updated_at=now, **fields)

    return make


@pytest.fixture
def desk(sign_in, cake):
    """A browser in which the gift was made."""
    browser = sign_in()
    made = browser.post("/rewards/birthdays/new/", FORM)
    assert made.status_code == 302, made.content.decode()
    assert made.url == THERE
    return browser


def give():
    """Have the gifts of the day given."""
    return services.give_birthday_gifts(actor=ACTOR, now=utc_now(), gift=rewards.gift("birthday"))


def test_without_a_gift_the_list_says_what_will_stand_there(sign_in, company):
    browser = sign_in()
    assert "No birthday gifts yet" in text_of(browser.get("/rewards/birthdays/"))
    assert "There is nothing to give yet" in text_of(browser.get("/rewards/birthdays/new/"))
    assert "还没有生日礼" in text_of(sign_in(Role.MANAGER, language="zh-hans").get("/rewards/birthdays/"))


def test_a_gift_is_made_and_changed(desk):
    gift = BirthdayGift.objects.get()
    assert (gift.code, gift.name, gift.name_zh, gift.campaign.code, gift.reward) == (
        "birthday", "Birthday coupon", "生日券", "cake", None,
    )  # fmt: skip
    assert (gift.days_before, gift.usable_days, gift.audience, gift.is_active) == (3, 14, None, True)
    shown = text_of(desk.get(THERE))
    assert "coupon “Cake”: ¥10.00 off" in shown
    assert "3 days before the birthday" in shown
    assert "14 days from the birthday on" in shown
    assert "everybody whose birthday is known" in shown
    city = {"all": [{"field": "address.city", "operator": "is", "value": "上海"}]}
    form = FORM | {"revision": "1", "days_before": "0", "usable_days": "", "definition": json.dumps(city)}
    assert desk.post(f"{THERE}edit/", form).status_code == 302
    gift.refresh_from_db()
    assert (gift.days_before, gift.usable_days, gift.audience, gift.revision) == (0, None, city, 2)
    assert "上海" in text_of(desk.get(THERE))
    assert desk.post(f"{THERE}edit/", form | {"name": "Late"}).status_code == 422
    assert BirthdayGift.objects.get().name == "Birthday coupon"


def test_a_reward_is_given_at_no_charge(sign_in, company):
    fields = RewardFields(code="mug", name="Mug", reward_kind=RewardKind.GOODS, prices=(), stock=0)
    services.create_reward(actor=ACTOR, now=utc_now(), fields=fields)
    browser = sign_in()
    form = FORM | {"given": "reward:mug", "usable_days": ""}
    assert browser.post("/rewards/birthdays/new/", form).status_code == 302
    assert BirthdayGift.objects.get().reward.code == "mug"
    assert "“Mug”, at no charge" in text_of(browser.get(THERE))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"code": "birthday"}, "Another birthday gift has the code “birthday”; choose another one."),
        ({"code": "Big"}, "write 1 to 40 small letters"),
        ({"given": ""}, "This field is required."),
        ({"given": "campaign:none"}, "Select a valid choice."),
        ({"days_before": "61"}, "less than or equal to 60"),
        ({"usable_days": "0"}, "greater than or equal to 1"),
        ({"definition": '{"all": [{"field": "nothing"}]}'}, "nothing"),
    ],
)
def test_what_is_refused_names_its_field_and_changes_nothing(desk, wrong, said):
    before, noted = list(BirthdayGift.objects.values()), Event.objects.filter(name__startswith="rewards.").count()
    answer = desk.post("/rewards/birthdays/new/", FORM | {"code": "other"} | wrong)
    assert (answer.status_code, said in text_of(answer)) == (422, True), text_of(answer)
    assert list(BirthdayGift.objects.values()) == before
    assert Event.objects.filter(name__startswith="rewards.").count() == noted


def test_it_is_stopped_and_started(desk, born_in):
    born_in(10)
    assert "Stopped" not in text_of(desk.get(THERE))
    desk.post(f"{THERE}move/", {"act": "stop"})
    assert BirthdayGift.objects.get().is_active is False
    assert "In the next 30 days 1 once it is started again" in text_of(desk.get(THERE))
    desk.post(f"{THERE}move/", {"act": "start"})
    assert BirthdayGift.objects.get().is_active is True
    assert desk.post(f"{THERE}move/", {"act": "else"}).status_code == 404


def test_the_people_behind_the_figures(desk, born_in):
    born_in(3, name="王小明")
    born_in(20, name="李雷")
    born_in(90, name="韩梅梅")
    assert give() == {"given": 1, "refused": 0}
    page = desk.get(THERE)
    assert "Given in the last year 1 In the next 30 days 1" in text_of(page)
    for show, names in (("given", {"王小明"}), ("coming", {"李雷"}), ("refused", set()), ("else", {"王小明"})):
        shown = text_of(desk.get(f"{THERE}people/?show={show}"))
        assert {name for name in ("王小明", "李雷", "韩梅梅") if name in shown} == names
    listed = desk.get("/rewards/birthdays/").content.decode()
    assert f'<a href="{THERE}people/?show=given">1</a>' in listed
    assert f'<a href="{THERE}people/?show=coming">1</a>' in listed


def test_why_somebody_got_none_is_said(desk, cake, born_in):
    services.pause_campaign(actor=ACTOR, now=utc_now(), campaign_id=cake.id)
    born_in(3, name="王小明")
    for _one in range(6):
        born_in(10)
    shown = text_of(desk.get(THERE))
    assert "The campaign “Cake” does not run" in shown
    assert "has 5 codes left, for 7 birthdays to come" in shown
    assert give() == {"given": 0, "refused": 1}
    assert "Could not be given 1" in text_of(desk.get(THERE))
    assert "the campaign was not running" in text_of(desk.get(f"{THERE}people/?show=refused"))


def test_who_may_not_see_birthdays_sees_counts_only(sign_in, desk, born_in):
    born_in(10, name="王小明")
    analyst = sign_in(Role.ANALYST)
    assert "In the next 30 days 1" in text_of(analyst.get(THERE))
    assert "people/" not in analyst.get(THERE).content.decode()
    assert "people/" not in analyst.get("/rewards/birthdays/").content.decode()
    assert analyst.get(f"{THERE}people/?show=coming").status_code == 403
    for address in ("/rewards/birthdays/new/", f"{THERE}edit/"):
        assert analyst.get(address).status_code == 403
    assert analyst.post(f"{THERE}move/", {"act": "stop"}).status_code == 403
    assert BirthdayGift.objects.get().is_active is True


def test_the_people_come_as_a_file_to_who_may_export(sign_in, desk, born_in, company):
    born_in(0, name="王小明")
    born_in(20, name='=HYPERLINK("http://evil.example")')
    give()
    today = company.today(utc_now())
    files = {show: desk.get(f"{THERE}people/csv/?show={show}") for show in ("given", "coming", "refused")}
    lines = {show: file.getvalue().decode().splitlines() for show, file in files.items()}
    assert files["given"]["Content-Disposition"] == 'attachment; filename="birthday-given.csv"'
    assert lines["given"][0] == "\ufeffid,Member,Birthday,Given on"
    assert [line.split(",", 1)[1] for line in lines["given"][1:]] == [f"王小明,{today},{today}"]
    assert "'=HYPERLINK" in lines["coming"][1]
    assert lines["refused"] == ["\ufeffid,Member,Birthday,Tried on,Why"]
    agent = sign_in(Role.AGENT)
    assert "people/csv/" not in agent.get(f"{THERE}people/").content.decode()
    assert agent.get(f"{THERE}people/csv/").status_code == 403


def test_in_a_demonstration_a_gift_is_given_on_its_day(desk, born_in, company):
    company.as_of_date = date(2018, 1, 1)
    company.save(update_fields=["as_of_date"])
    born_in(0, name="王小明")
    assert registry.get(tasks.BIRTHDAYS).run(Mock()) == {"given": 1, "refused": 0}
    shown = text_of(desk.get(f"{THERE}people/"))
    assert "王小明 1 Jan 2018 1 Jan 2018" in shown
    assert "Given in the last year 1" in text_of(desk.get(THERE))


def test_every_screen_opens_in_chinese(sign_in, desk, born_in):
    born_in(3, name="王小明")
    give()
    browser = sign_in(Role.MANAGER, language="zh-hans")
    for path, said in (
        ("", "生日礼"), ("new/", "新建生日礼"), ("gifts/birthday/", "生日前 3 天"), ("gifts/birthday/edit/", "生日券"),
        ("gifts/birthday/people/", "王小明"), ("gifts/birthday/people/?show=coming", "未来 30 个早晨"),
        ("gifts/birthday/people/?show=refused", "没有人落空"),
    ):  # fmt: skip
        page = browser.get(f"/rewards/birthdays/{path}")
        assert (page.status_code, said in text_of(page)) == (200, True), text_of(page)
    said = text_of(browser.post("/rewards/audience/preview/?of=gift", {"definition": '{"all": []}'}))
    assert "凡登记了生日的客户" in said


def test_a_gift_that_is_not_there(desk):
    assert desk.get("/rewards/birthdays/gifts/none/").status_code == 404


def test_the_chosen_stays_to_choose_when_it_is_over(desk, cake):
    services.end_campaign(actor=ACTOR, now=utc_now(), campaign_id=cake.id)
    assert desk.post(f"{THERE}edit/", FORM | {"revision": "1", "name": "Else"}).status_code == 302
    assert "campaign:cake" not in desk.get("/rewards/birthdays/new/").content.decode()
    fields = GiftFields(code="b", name="B", campaign="cake")
    assert services.create_gift(actor=ACTOR, now=utc_now(), fields=fields).campaign.code == "cake"
