"""Behind every figure stand its answers: the number on a page is the number of sheets that its link opens."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from troth.access.actors import Actor
from troth.customers.models import Customer
from troth.kit.clock import utc_now
from troth.kit.conditions.reading import read
from troth.segments import queries as segments
from troth.staff.models import Store
from troth.voice.models import AnswerSheet, Invitation, Survey
from troth.voice.surveys import results, services
from troth.voice.surveys.narrowing import Narrow
from troth.voice.surveys.queries import document

from .conftest import NOW

KANO = {"en": "Free delivery", "zh": "免费送货"}
ASKED: dict[str, Any] = {
    "title": "All",
    "main": "likely",
    "pages": [
        {
            "code": "p",
            "questions": [
                {"code": "likely", "type": "nps", "text": "Recommend?", "is_required": True},
                {"code": "free", "type": "kano", "text": KANO, "label": KANO},
                {"code": "why", "type": "text", "text": "Why?"},
                {"code": "more", "type": "text", "text": "More?"},
            ],
        }
    ],
}
NUMBER = re.compile(r'<a href="([^"]*/answers/\?[^"]*)"[^>]*>([\d,]+)</a>')
ROW = re.compile(r'<li><a href="([^"]*/answers/\?[^"]*)">.*?<span class="num">([\d,]+)</span>', re.DOTALL)
# likely, free with, free without, why, more, store, band, days ago
SAID = (
    (9, "like", "dislike", "I wish the price were lower", "The price is high", "s1", "gold", 0),
    (10, "like", "neutral", "Great staff", "", "s1", "gold", 40),
    (3, "neutral", "dislike", "等太久，价格贵", "希望有外卖", "s2", "silver", 0),
    (8, "like", "dislike", "The delivery was late", "", "s2", "silver", 40),
    (2, "neutral", "neutral", "price", "", "s2", "silver", 0),
)


@pytest.fixture
def asked(actor: Actor) -> Survey:
    """Five who answered, of eight who were asked: three of silver are silent."""
    for code in ("s1", "s2"):
        Store.objects.create(code=code, name=code.upper())
    made = services.create_survey(actor=actor, now=NOW, kind="nps", name="All", code="all", document=ASKED)
    services.publish(actor=actor, now=NOW, survey_id=made.id)
    now = utc_now()
    for likely, present, absent, why, more, store, band, days in SAID:
        moment = now - timedelta(days=days)
        invited = invite(actor, moment, store, band)
        services.record_answers(
            actor=actor, now=now, survey_code="all", invitation_id=invited.id, occurred_at=moment, language="en",
            answers={"likely": likely, "free": {"with": present, "without": absent}, "why": why, "more": more},
        )  # fmt: skip
    for _place in range(3):
        invite(actor, now, "s2", "silver")
    made.refresh_from_db()
    return made


def invite(actor, moment, store, band):
    person = Customer.objects.create(created_at=NOW, updated_at=NOW)
    new = services.NewInvitation(str(person.id), person.id, "all", store_code=store, is_handed_over=False)
    [invited] = services.invite([new], actor=actor, now=moment)
    Invitation.objects.filter(id=invited.invitation_id).update(band=band)
    return Invitation.objects.get(id=invited.invitation_id)


@pytest.mark.slow
@pytest.mark.parametrize("query", ["", "store=s2", "band=gold", "days=30", "store=s2&days=30", "side=bad"])
@pytest.mark.parametrize(("name", "least"), [("results", 4), ("needs", 1), ("words", 2)])
def test_a_number_is_that_of_the_answers_behind_it(manager: Client, asked, name, least, query):
    page = manager.get(f"{reverse(f'surveys:{name}', args=[asked.id])}?{query}").content.decode()
    pairs = [*NUMBER.findall(page), *ROW.findall(page)]
    assert len(pairs) >= least
    told = {unescape(url): int(count) for url, count in pairs}
    opened = {url: manager.get(url).context["page"].paginator.count for url in told}
    assert opened == told


@pytest.mark.slow
def test_a_store_has_the_same_score_in_the_table_and_alone(asked):
    found = document(asked)
    table = {row["store"]: row for row in results.by_group(results.results(asked, found, Narrow()), "store").to_dicts()}
    for store in ("s1", "s2"):
        alone = results.overall(results.results(asked, found, Narrow(store=store)))
        assert (alone.value, alone.low, alone.high) == tuple(table[store][name] for name in ("value", "low", "high"))


@pytest.mark.slow
def test_who_is_silent_is_counted_among_those_who_are_looked_at(asked):
    assert results.in_numbers(asked) == {"asked": 8, "withheld": 0, "answered": 5, "complete": 5, "partial": 0}
    there = results.in_numbers(asked, Narrow(store="s1"))
    assert (there["asked"], there["answered"]) == (2, 2)
    rates = results.response(asked, Narrow(store="s2")).to_dicts()
    assert [(row["band"], row["asked"], row["answered"]) for row in rates] == [("silver", 6, 3)]


SILENT = re.compile(r'<a href="([^"]*/silent/[^"]*)"[^>]*>([\d,]+)</a>')


@pytest.mark.slow
def test_who_is_silent_can_be_looked_at_by_name(manager: Client, asked):
    page = manager.get(reverse("surveys:results", args=[asked.id])).content.decode()
    told = {unescape(url): int(count) for url, count in SILENT.findall(page)}
    assert sorted(told.values()) == [0, 3]
    for url, count in told.items():
        assert manager.get(url).context["page"].paginator.count == count
    address = reverse("surveys:silent", args=[asked.id])
    there = manager.get(f"{address}?store=s2")
    quiet = set(Invitation.objects.filter(answered_at=None).values_list("owner_id", flat=True))
    assert {row.customer_id for row in there.context["rows"]} == quiet
    assert "Nobody is silent" in manager.get(f"{address}?store=s1").content.decode()


@pytest.mark.slow
def test_a_segment_can_be_made_of_the_silent(asked):
    fields = segments.catalogue()
    wanted = read({"all": [{"field": "voice.silent", "operator": "has_any_of", "value": ["all"]}]}, fields)
    assert segments.preview(wanted, fields, segments.as_of(utc_now())).count == 3


def test_what_answers_say_narrows_no_invitations(manager: Client, asked):
    page = manager.get(f"{reverse('surveys:results', args=[asked.id])}?side=bad")
    assert "survey-response" not in [chart.id for chart in page.context["charts"]]
    assert AnswerSheet.objects.count() == 5
