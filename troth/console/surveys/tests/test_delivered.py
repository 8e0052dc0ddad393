"""Delivered value on screen: what customers get less what they give, counted by hand, beside competitors."""

import re
from math import sqrt
from statistics import mean, stdev

import pytest
from django.utils import translation
from scipy.stats import t

from troth.access.permissions import Role
from troth.console import charts
from troth.console.surveys import delivered_cards
from troth.customers.models import Customer
from troth.kit.clock import utc_now
from troth.kit.ids import new_id
from troth.voice.models import Answer, AnswerSheet, Invitation, SurveyVersion
from troth.voice.surveys import services
from troth.voice.surveys.starters import STARTERS

from .conftest import NOW, client_of

pytestmark = pytest.mark.slow
BENEFITS, COSTS = ("product", "service", "staff", "image"), ("money", "time", "energy", "effort")


def marks(benefit, cost):
    return dict.fromkeys(BENEFITS, benefit) | dict.fromkeys(COSTS, cost)


def asked(actor):
    begun = STARTERS["value"]
    made = services.create_survey(
        actor=actor, now=NOW, kind=begun.kind, name="Worth", name_zh="值", document=begun.document
    )
    services.publish(actor=actor, now=NOW, survey_id=made.id)
    made.refresh_from_db()
    return made


def answer(actor, survey, **rated):
    customer = Customer.objects.create(created_at=NOW, updated_at=NOW, name="Ann")
    services.record_answers(
        actor=actor, now=utc_now(), survey_code=survey.code, answers={"value": rated}, customer_id=customer.id,
        language="en",
    )  # fmt: skip


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode()))


def test_got_less_given_of_us_and_competitors_leads_to_the_answers(manager, actor):
    survey = asked(actor)
    answer(actor, survey, us=marks(8, 7), rival_a=marks(6, 9))
    answer(actor, survey, us=marks(6, 5), rival_a=marks(6, 9) | {"image": 8})
    page = manager.get("/value/delivered/")
    told = text_of(page)
    # Ours: benefits 4 × 7 = 28, costs turned round 4 × (11 - 6) = 20. Theirs: 3 × 6 + 7 = 25 and 4 × (11 - 9) = 8.
    # By two, each is so far off the other (net 16 and 0; 16 and 18) that only the scale ends ours: 4 - 40 to 40 - 4.
    # Of what they say of us less of the competitor, 0 and -18, Student's t of one degree leaves all of the scale.
    assert "We 28.0 20.0 +8.0 -36.0 to +36.0 1.40 0.10 to 7.50 – – 2" in told.replace("−", "-")
    assert "Competitor A 25.0 8.0 +17.0 +4.3 to +29.7 3.13 1.00 to 5.25 -9.0 -72.0 to +72.0 2" in told.replace("−", "-")
    assert "28.0 got less 20.0 given, in marks; 95% interval -36.0 to +36.0" in told.replace("−", "-")
    assert "Against the best competitor -9.0" in told.replace("−", "-")
    assert "Competitor B" not in told
    places = re.findall(rf'href="(/surveys/{survey.id}/answers/[^"]*money)"', page.content.decode())
    assert any("us%3Amoney" in one for one in places)
    assert any("rival_a%3Amoney" in one for one in places)
    address = re.search(rf'href="(/surveys/{survey.id}/answers/\?[^"]*us%3A[^"]*)"', page.content.decode())[1]
    assert manager.get(address.replace("&amp;", "&")).status_code == 200
    assert manager.get("/value/delivered/?survey=nothing").status_code == 200


def test_whoever_was_not_rated_on_every_part_has_no_sum(manager, actor):
    survey = asked(actor)
    answer(actor, survey, us=marks(8, 7), rival_a={"product": 9})
    told = text_of(manager.get("/value/delivered/"))
    assert "We 32.0 16.0 +16.0 – 2.00 – – – 1" in told
    assert "Against the best competitor" not in told


def test_without_a_survey_or_answers_the_page_says_what_to_do(manager, actor):
    assert "No survey asks for it yet" in text_of(manager.get("/value/delivered/"))
    asked(actor)
    assert "Nobody has answered yet" in text_of(manager.get("/value/delivered/"))


def test_it_is_for_who_may_see_surveys(actor):
    assert client_of(Role.CLERK).get("/value/delivered/").status_code == 403


def test_with_thirty_answers_the_interval_is_that_of_the_mean_over_people(manager, actor):
    """Student's t of the thirty values, worked out here from the marks that were sent."""
    survey = asked(actor)
    ours = [(5 + place % 5, 4 + place % 4) for place in range(30)]
    for benefit, cost in ours:
        answer(actor, survey, us=marks(benefit, cost), rival_a=marks(benefit - 1, cost))
    nets = [4 * benefit - 4 * (11 - cost) for benefit, cost in ours]
    half = t.ppf(0.975, 29) * stdev(nets) / sqrt(30)
    told = text_of(manager.get("/value/delivered/")).replace("−", "-")
    ends = f"{mean(nets) - half:+.1f} to {mean(nets) + half:+.1f}"
    assert f"{mean(nets):+.1f} {ends}" in told
    # Each rates the competitor four benefits lower by one: only that marks are whole leaves a doubt.
    lead = t.ppf(0.975, 29) * sqrt(16 / 12 / 30)
    assert f"+4.0 {4 - lead:+.1f} to {4 + lead:+.1f} 30" in told


def test_answers_stand_for_all_who_were_asked_by_value_band(manager, actor):
    """Of 5 gold customers asked 3 answered, of 15 silver ones 1: the silver answer counts three quarters."""
    survey = asked(actor)
    for benefit, cost in ((9, 8), (8, 8), (10, 8), (5, 6)):
        answer(actor, survey, us=marks(benefit, cost))
    told = text_of(manager.get("/value/delivered/")).replace("−", "-")
    assert "We 32.0 14.0 +18.0" in told  # 4 × 8 less 4 × (11 - 7.5): everybody alike while nobody was asked
    assert "weighted" not in told
    for sheet in AnswerSheet.objects.all():
        is_silver = Answer.objects.get(sheet_id=sheet.pk, item="us:product").number == 5
        AnswerSheet.objects.filter(pk=sheet.pk).update(band="silver" if is_silver else "gold")
    version = SurveyVersion.objects.get(survey=survey)
    for number in range(20):
        Invitation.objects.create(
            owner_id=new_id(), key=str(number), survey=survey, version=version, invited_at=NOW,
            band="gold" if number < 5 else "silver",
        )  # fmt: skip
    told = text_of(manager.get("/value/delivered/")).replace("−", "-")
    # A quarter of the gold mean and three quarters of silver: 4 × (9 ÷ 4 + 15 ÷ 4) and 4 × (3 ÷ 4 + 15 ÷ 4).
    assert "We 24.0 18.0 +6.0" in told
    assert "Answers are weighted by value band, so that they stand for all who were asked." in told


def test_the_report_says_it_with_both_pictures(actor):
    assert delivered_cards.forwarded() == ([], [])
    survey = asked(actor)
    assert delivered_cards.forwarded() == ([], [])
    answer(actor, survey, us=marks(8, 7))
    sentences, _cards = delivered_cards.forwarded()
    assert sentences == [
        "In their own marks customers get 32.0 and give 16.0: a delivered value of +16.0, told by a single answer."
    ]
    for _more in range(9):
        answer(actor, survey, us=marks(8, 7), rival_a=marks(6, 7))
    (_ours, against), cards = delivered_cards.forwarded()
    assert [card.id for card in cards] == ["delivered-value", "survey-value-value", "survey-map-value"]
    assert charts.svg(cards[2].option, label="Map").count("<circle") == 2
    assert [point["url"] for cloud in cards[2].option["series"] for point in cloud["data"]] == [
        f"/surveys/{survey.id}/answers/?question=value&item={who}%3Amoney" for who in ("us", "rival_a")
    ]
    # Eight more; 9 people's whole marks leave t × √(16 ÷ 12 ÷ 9), one of ten rated us alone.
    assert against.startswith("That is more than the best competitor, Competitor A: +8.0 (95% interval +7.1 to +8.9")
    with translation.override("zh-hans"):
        told, _cards = delivered_cards.forwarded()
        assert told[0].startswith("按客户自己的打分，所得 32.0 分，所付 16.0 分，让渡价值为 +16.0（10 份答卷；95% 区间")
