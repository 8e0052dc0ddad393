"""Survey pages without a script: kept page by page, in the customer's language, and safe from strangers."""

import pytest
from django.test import Client

from troth.access.actors import system_actor
from troth.customers import services as customers
from troth.kit import clock
from troth.portal.surveys import views
from troth.voice.models import Answer, AnswerSheet, Invitation, SurveyVersion

from .conftest import DOCUMENT, WHOLE


@pytest.fixture(autouse=True)
def unlimited(monkeypatch):
    monkeypatch.setattr(views, "_limiter", views.RateLimiter(1000))


@pytest.mark.slow
def test_a_survey_is_answered_page_by_page(url, invitation):
    client = Client()
    first = client.post(url, {"page": "p1", "q.likely": "9", "q.happy": "4"})
    assert (first.status_code, first["Location"]) == (302, f"{url}?page=p3")
    done = client.post(url, WHOLE)
    assert (done.status_code, done["Location"]) == (302, url)
    thanks = client.get(url)
    assert "每一份答卷我们都会看。" in thanks.content.decode()
    sheet = AnswerSheet.objects.get()
    assert (sheet.state, sheet.score, sheet.language, sheet.owner_id) == ("complete", 9, "zh-hans", invitation.owner_id)
    found = {(one.question, one.item): one.text or one.choice or one.number for one in Answer.objects.all()}
    assert found == {
        ("likely", ""): 9, ("happy", ""): 4, ("drink", ""): "Water", ("drinks", "a"): "a", ("drinks", "b"): "b",
        ("order", "a"): 2, ("order", "b"): 1, ("grid", "a"): 5, ("grid", "b"): 1, ("kano", "with"): "like",
        ("kano", "without"): "tolerate", ("worth", "us:product"): 8, ("worth", "us:money"): 6,
        ("worth", "x:product"): 7, ("easy", ""): 7, ("steps", ""): 0,
    }  # fmt: skip


@pytest.mark.slow
def test_a_customer_is_asked_in_their_own_language_whatever_the_browser_says(url):
    """lesson: CSAT in the wrong language"""
    text = Client().get(url, HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert 'lang="zh-hans"' in text
    assert "会推荐我们吗？" in text
    assert "Recommend us?" not in text
    assert "Recommend us?" in Client().get(f"{url}?lang=en").content.decode()


def test_looking_changes_nothing(url, invitation):
    """Mail scanners open every link."""
    assert Client().get(f"{url}?score=2").status_code == 200
    invitation.refresh_from_db()
    assert (invitation.state, invitation.opened_at) == ("sent", None)
    assert not AnswerSheet.objects.exists()


def test_a_score_in_the_link_is_only_filled_in(url):
    assert 'value="7" checked' in Client().get(f"{url}?score=7").content.decode()
    assert "checked" not in Client().get(f"{url}?score=99").content.decode()


@pytest.mark.slow
def test_who_comes_back_goes_on_where_they_were(url):
    Client().post(url, {"page": "p1", "q.likely": "3"})
    again = Client().get(url).content.decode()
    assert "为什么？" in again
    earlier = Client().get(f"{url}?page=p1").content.decode()
    assert 'value="3" checked' in earlier


def test_later_pages_cannot_be_opened_first(url):
    assert "会推荐我们吗？" in Client().get(f"{url}?page=p3").content.decode()


def test_a_needed_answer_that_is_missing_is_named_and_nothing_is_kept(url):
    answer = Client().post(url, {"page": "p1", "q.happy": "5"})
    assert answer.status_code == 422
    assert 'href="#q.likely"' in answer.content.decode()
    assert 'value="5" checked' in answer.content.decode()
    assert not AnswerSheet.objects.exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"), lambda t: t + "!"]
)
def test_a_changed_link_leads_nowhere(url, change):
    token = url.split("/")[3]
    assert Client().get(f"/p/s/{change(token)}/").status_code == 404
    assert Client().post(f"/p/s/{change(token)}/", {"page": "p1", "q.likely": "9"}).status_code == 404
    assert not AnswerSheet.objects.exists()


def test_a_link_of_one_owner_does_not_open_anothers(url, invitation):
    Invitation.objects.filter(id=invitation.id).update(owner_id="00000000-0000-7000-8000-000000000001")
    assert Client().get(url).status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize("path", ["url", "open_url"])
def test_ten_megabytes_are_refused_and_nothing_is_kept(request, path):
    big = {"page": "p1", "q.likely": "9", "q.why": "x" * 10 * 2**20}
    assert Client().post(request.getfixturevalue(path), big).status_code == 413
    assert not AnswerSheet.objects.exists()


def test_a_page_is_light_and_needs_no_script(url):
    answer = Client().get(url)
    text = answer.content.decode()
    assert len(answer.content) < 20_000
    assert "<script" not in text
    assert "style=" not in text


@pytest.mark.slow
def test_a_device_answers_an_open_link_once(open_url):
    client = Client()
    client.get(open_url)
    client.post(open_url, {"page": "p1", "q.likely": "9"})
    client.post(open_url, WHOLE)
    again = client.post(open_url, {"page": "p1", "q.likely": "1"})
    assert again.status_code == 409
    assert [sheet.score for sheet in AnswerSheet.objects.all()] == [9]
    other = Client()
    other.get(open_url)
    other.post(open_url, {"page": "p1", "q.likely": "1"})
    assert AnswerSheet.objects.count() == 2


@pytest.mark.slow
def test_an_open_link_works_where_cookies_are_refused(open_url):
    page = Client().get(open_url).content.decode()
    device = page.split('name="device" value="')[1].split('"')[0]
    Client().post(open_url, {"page": "p1", "q.likely": "9", "device": device})
    Client().post(open_url, {**WHOLE, "device": device})
    assert [sheet.state for sheet in AnswerSheet.objects.all()] == ["complete"]


def test_a_forged_device_is_nobodys(open_url):
    client = Client()
    client.cookies[views.COOKIE] = "forged"
    client.post(open_url, {"page": "p1", "q.likely": "9", "device": "x:y:z"})
    assert AnswerSheet.objects.get().device != ""


@pytest.mark.slow
def test_one_address_cannot_send_without_end(open_url, monkeypatch):
    monkeypatch.setattr(views, "_limiter", views.RateLimiter(2))
    codes = [Client().post(open_url, {"page": "p1", "q.likely": "9"}).status_code for _ in range(3)]
    assert codes == [302, 302, 429]


@pytest.mark.slow
def test_words_of_strangers_are_shown_as_words(url):
    Client().post(url, {"page": "p1", "q.likely": "3"})
    answer = Client().post(url, {"page": "p2", "q.why": "<script>alert(1)</script>\x00" + "好" * 5000})
    assert answer.status_code == 422
    assert "<script>alert" not in answer.content.decode()


def test_a_link_of_somebody_erased_leads_nowhere(url, invitation):
    Client().post(url, {"page": "p1", "q.likely": "3"})
    customers.erase_customer(actor=system_actor("test"), now=clock.utc_now(), customer_id=invitation.owner_id)
    assert Client().get(url).status_code == 404
    assert Client().post(url, {"page": "p2", "q.why": "I am Wang"}).status_code == 404
    assert not Answer.objects.exclude(text="").exists()


@pytest.mark.slow
def test_whoever_has_just_answered_is_thanked_and_who_sends_again_is_told(url, invitation):
    SurveyVersion.objects.update(document={**DOCUMENT, "thanks": {}})
    client = Client()
    client.post(url, {"page": "p1", "q.likely": "9"})
    client.post(url, {"page": "p3"})
    assert "您的答卷已收到。" in client.get(url).content.decode()
    again = client.post(url, {"page": "p1", "q.likely": "1"})
    assert again.status_code == 409
    assert "已经填写过了" in again.content.decode()
