"""The screens of surveys: written without dragging, sent with the effect first, every figure leading to its answers."""

import re

import pytest
from django.urls import reverse

from troth.access.permissions import Role
from troth.customers.models import Customer
from troth.messaging import services as messaging
from troth.messaging.channels import setups
from troth.voice.models import InformationTag, Sending, Survey
from troth.voice.surveys import queries

from .conftest import NOW, client_of

VIEWS = ("results", "needs", "answers", "edit", "settings", "send", "preview")


@pytest.mark.slow
@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_page_of_a_survey_opens(manager, sheet, name, language):
    manager.cookies["django_language"] = language
    answer = manager.get(reverse(f"surveys:{name}", args=[sheet.survey_id]))
    assert answer.status_code == 200
    assert b"style=" not in answer.content


@pytest.mark.slow
def test_the_list_shows_scores_and_ready_made_surveys(manager, sheet):
    text = manager.get(reverse("surveys:index")).content.decode()
    assert "Recommend" in text
    assert "−100" in text
    assert text.count('name="starter"') == 6


@pytest.mark.slow
def test_words_of_strangers_stay_words(manager, sheet):
    for url in (reverse("surveys:answers", args=[sheet.survey_id]), reverse("surveys:sheet", args=[sheet.id])):
        text = manager.get(url).content.decode()
        assert "&lt;b&gt;oat milk" in text
        assert "<b>oat" not in text


@pytest.mark.slow
def test_people_are_masked_without_the_right_to_see_them(sheet):
    text = client_of(Role.ANALYST).get(reverse("surveys:answers", args=[sheet.survey_id])).content.decode()
    assert "王小明" not in text
    assert "王小明" in client_of(Role.MANAGER).get(reverse("surveys:sheet", args=[sheet.id])).content.decode()


@pytest.mark.slow
def test_who_may_only_look_cannot_write(sheet):
    agent = client_of(Role.AGENT)
    assert agent.get(reverse("surveys:results", args=[sheet.survey_id])).status_code == 200
    for name in ("edit", "send", "settings"):
        assert agent.get(reverse(f"surveys:{name}", args=[sheet.survey_id])).status_code == 403
    assert agent.post(reverse("surveys:tag", args=[sheet.id]), {"question": "wrong", "kind": "idea"}).status_code == 403
    assert client_of(Role.CLERK).get(reverse("surveys:index")).status_code == 403


@pytest.mark.slow
def test_a_figure_leads_to_its_answers(manager, sheet):
    answers = reverse("surveys:answers", args=[sheet.survey_id])
    page = manager.get(reverse("surveys:results", args=[sheet.survey_id])).content.decode()
    assert f"{answers}?side=bad" in page
    for query, count in (("side=bad", 1), ("side=good", 0), ("question=recommend&number=3", 1), ("theme=nothing", 0)):
        found = manager.get(f"{answers}?{query}").context["page"]
        assert found.paginator.count == count


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    ["days=x", "days=99999", "segment=1", "since=2026-99-01", "since=0001-01-01", "until=9999-12-31", "number=%F0",
     "state=evil"],
)  # fmt: skip
def test_filters_that_make_no_sense_narrow_nothing(manager, sheet, query):
    for name in ("answers", "results"):
        assert manager.get(f"{reverse(f'surveys:{name}', args=[sheet.survey_id])}?{query}").status_code == 200


@pytest.mark.slow
def test_a_survey_is_written_moved_and_published_without_dragging(manager, actor):
    manager.post(reverse("surveys:new"), {"name": "Mine", "name_zh": "我的", "kind": "csat"})
    survey = Survey.objects.get()
    act = reverse("surveys:act", args=[survey.id])
    added = manager.post(act, {"act": "add_question", "code": "p1", "type": "csat"})
    assert added["Location"] == reverse("surveys:question", args=[survey.id, "q1"])
    manager.post(added["Location"], {"text_en": "Happy?", "text_zh": "满意吗？", "is_required": "on"})
    manager.post(act, {"act": "add_question", "code": "p1", "type": "choice"})
    options = {"options_code": ["", ""], "options_en": ["Tea", "Coffee"], "options_zh": ["茶", ""]}
    manager.post(reverse("surveys:question", args=[survey.id, "q2"]), {"text_en": "Drink?", **options})
    manager.post(act, {"act": "up", "code": "q2"})
    manager.post(act, {"act": "add_page"})
    manager.post(act, {"act": "down", "code": "q1"})
    survey.refresh_from_db()
    assert [[one["code"] for one in page["questions"]] for page in survey.draft["pages"]] == [["q2"], ["q1"]]
    assert survey.draft["main"] == "q1"
    logic = '{"field": "answers.q2", "operator": "any_of", "value": ["o1"]}'
    manager.post(reverse("surveys:page", args=[survey.id, "p2"]), {"title_en": "Last", "show_if": logic})
    manager.post(reverse("surveys:publish", args=[survey.id]))
    document = queries.document(Survey.objects.get())
    assert document is not None
    assert [option.code for option in document.question("q2").options] == ["o1", "o2"]
    assert document.pages[1].show_if == {"field": "answers.q2", "operator": "any_of", "value": ["o1"]}


def test_what_is_wrong_is_listed_and_not_published(manager, actor):
    manager.post(reverse("surveys:new"), {"name": "Mine", "kind": "csat"})
    survey = Survey.objects.get()
    manager.post(reverse("surveys:act", args=[survey.id]), {"act": "add_question", "code": "p1", "type": "choice"})
    manager.post(reverse("surveys:publish", args=[survey.id]))
    survey.refresh_from_db()
    assert survey.version_number == 0
    text = manager.get(reverse("surveys:edit", args=[survey.id])).content.decode()
    assert 'href="#q1"' in text


def test_two_who_edit_at_once_do_not_overwrite_each_other(manager, survey):
    act = reverse("surveys:act", args=[survey.id])
    stale = survey.revision
    manager.post(act, {"act": "add_page", "revision": stale})
    manager.post(act, {"act": "add_page", "revision": stale})
    survey.refresh_from_db()
    assert len(survey.draft["pages"]) == 4


@pytest.mark.slow
def test_a_survey_without_answers_says_how_to_get_some(manager, survey):
    url = reverse("surveys:results", args=[survey.id])
    html = manager.get(url).content.decode()
    assert "No answers yet" in html
    assert f'href="{reverse("surveys:send", args=[survey.id])}"' in html


@pytest.mark.slow
def test_sending_shows_the_effect_and_then_does_it(manager, sheet, actor):
    url = reverse("surveys:send", args=[sheet.survey_id])
    page = manager.get(url)
    assert page.context["effect"].candidates == 1
    assert [code for code, _label in page.context["form"].fields["channel"].choices] == [""]
    setups.save_setup(actor=actor, now=NOW, code="sink", is_enabled=True, values={})
    page = manager.get(url)
    assert [code for code, _label in page.context["form"].fields["channel"].choices] == ["", "sink"]
    assert not Sending.objects.exists()
    manager.post(url, {"segment": "", "sample_size": "5", "channel": "sink", "reminder_days": "0"})
    row = Sending.objects.get()
    assert (row.sample_size, row.channels, row.reminder_days) == (5, ["sink"], 0)


@pytest.mark.slow
def test_a_tag_is_taken_off_and_put_on(manager, sheet):
    url = reverse("surveys:tag", args=[sheet.id])
    assert InformationTag.objects.get().information_kind == "need"
    manager.post(url, {"question": "wrong", "kind": "need", "remove": "1"})
    manager.post(url, {"question": "wrong", "kind": "idea"})
    found = {row.information_kind: row.is_removed for row in InformationTag.objects.all()}
    assert found == {"need": True, "idea": False}


def test_the_open_link_has_a_code_to_scan(manager, survey):
    code = reverse("surveys:code", args=[survey.id])
    assert manager.get(code).status_code == 404
    manager.post(reverse("surveys:settings", args=[survey.id]), {"name": "Recommend", "has_open_link": "on"})
    answer = manager.get(code)
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer.content.startswith(b"<?xml")


@pytest.mark.slow
def test_a_customers_page_tells_what_was_said(manager, sheet):
    text = manager.get(reverse("surveys:customer", args=[sheet.owner_id])).content.decode()
    assert reverse("surveys:sheet", args=[sheet.id]) in text


@pytest.mark.slow
def test_the_card_on_a_customers_page_tells_the_last_scores(manager, sheet):
    text = manager.get(reverse("customers:customer", args=[sheet.owner_id])).content.decode()
    assert re.search(r"<b>NPS</b>\s*<span class=\"word word-bad\">3</span>", text)
    assert reverse("surveys:customer", args=[sheet.owner_id]) in text


@pytest.mark.slow
def test_words_and_themes_lead_to_their_answers(manager, sheet):
    text = manager.get(reverse("surveys:words", args=[sheet.survey_id])).content.decode()
    assert "?word=oat" in text
    answers = reverse("surveys:answers", args=[sheet.survey_id])
    assert manager.get(f"{answers}?word=oat").context["page"].paginator.count == 1


def test_what_is_wrong_is_named_by_its_words_not_by_its_code(manager, survey):
    survey.draft = {
        "title": {},
        "main": "gone",
        "pages": [{"code": "p1", "questions": [{"code": "q1", "type": "choice", "text": {"en": "Which?"}}]}],
    }
    survey.save()
    text = manager.get(reverse("surveys:edit", args=[survey.id])).content.decode()
    assert re.findall(r'<li><a href="(#\w+)">([^<]+)</a>: ', text) == [
        ("#title", "Title and thanks"),
        ("#title", "Main question"),
        ("#q1", "Which?"),
    ]


def test_the_preview_of_an_empty_survey_shows_no_form(manager, survey):
    survey.draft = {"title": {"en": "Empty"}, "pages": [{"code": "p1", "questions": []}]}
    survey.save()
    text = manager.get(reverse("surveys:preview", args=[survey.id])).content.decode()
    assert "No question yet" in text
    assert "<form" not in text


@pytest.mark.slow
def test_who_sends_is_told_that_all_sending_is_paused(manager, sheet, actor):
    url = reverse("surveys:send", args=[sheet.survey_id])
    assert "All sending is paused." not in manager.get(url).content.decode()
    messaging.pause_all(actor=actor, now=NOW)
    assert "All sending is paused." in manager.get(url).content.decode()


@pytest.mark.slow
def test_what_a_sample_is_estimated_to_come_to_is_marked(manager, sheet, actor):
    for _place in range(3):
        Customer.objects.create(created_at=NOW, updated_at=NOW)
    page = manager.get(reverse("surveys:send", args=[sheet.survey_id]), {"sample_size": "2"})
    assert [(one.count, one.is_estimated) for one in page.context["spared"]] == [("2", False), ("2", True)]
