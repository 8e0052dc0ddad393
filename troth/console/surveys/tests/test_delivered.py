"""Delivered value on screen: what customers get less what they give, counted by hand, beside competitors."""

import re

import pytest

from troth.access.permissions import Role
from troth.customers.models import Customer
from troth.kit.clock import utc_now
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
    assert "We 28.0 20.0 +8.0 1.40 2" in told
    assert "Competitor A 25.0 8.0 +17.0 3.13 2" in told
    assert "28.0 got less 20.0 given" in told
    assert "Against the best competitor -9.0" in told.replace("−", "-")
    assert "Competitor B" not in told
    address = re.search(rf'href="(/surveys/{survey.id}/answers/\?[^"]*us%3A[^"]*)"', page.content.decode())[1]
    assert manager.get(address.replace("&amp;", "&")).status_code == 200
    assert manager.get("/value/delivered/?survey=nothing").status_code == 200


def test_whoever_was_not_rated_on_every_part_has_no_sum(manager, actor):
    survey = asked(actor)
    answer(actor, survey, us=marks(8, 7), rival_a={"product": 9})
    told = text_of(manager.get("/value/delivered/"))
    assert "We 32.0 16.0 +16.0 2.00 1" in told
    assert "Against the best competitor" not in told


def test_without_a_survey_or_answers_the_page_says_what_to_do(manager, actor):
    assert "No survey asks for it yet" in text_of(manager.get("/value/delivered/"))
    asked(actor)
    assert "Nobody has answered yet" in text_of(manager.get("/value/delivered/"))


def test_it_is_for_who_may_see_surveys(actor):
    assert client_of(Role.CLERK).get("/value/delivered/").status_code == 403
