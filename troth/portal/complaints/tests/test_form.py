"""The public form: what people send, and what programs try."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from troth.customers.models import Customer
from troth.kit.rates import RateLimiter
from troth.portal import guarding
from troth.portal.complaints import form_views
from troth.portal.guarding import FormGuard
from troth.staff.models import Company
from troth.voice.complaints import queries
from troth.voice.complaints.photos import MOST_BYTES
from troth.voice.models import Case, CasePhoto

from .conftest import fill

PIXEL = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff\xff\x7f\x00\t\xfb\x03\xfd*\x86\xe3\x8a\x00\x00\x00\x00IEND\xaeB`\x82"
)


def send(client: Client, **changes: Any) -> Any:
    return client.post("/p/complaint/?lang=en", fill(client, **changes))


def refused(answer: Any) -> str:
    """Return why the form was refused; nothing was kept."""
    assert Case.objects.count() == Customer.objects.count() == CasePhoto.objects.count() == 0
    assert answer.status_code in {409, 413, 422, 429}
    return str(answer.context["refusal"])


@pytest.mark.slow
def test_a_complaint_gets_its_number_on_the_next_page(client: Client, company: Company):
    answer = send(client, category="delivery-late", wish="refund", order_ref=" 8812 ", name="Ann")
    case = Case.objects.get()
    assert (case.channel, case.category.code, case.wish, case.order_ref) == ("form", "delivery-late", "refund", "8812")
    assert case.acknowledged_at is not None
    assert Customer.objects.get().name == "Ann"
    page = client.get(answer.url).content.decode()
    assert case.number in page


@pytest.mark.slow
def test_pressed_twice_it_is_one_case(client: Client, company: Company):
    filled = fill(client)
    first, second = client.post("/p/complaint/", filled), client.post("/p/complaint/", filled)
    assert (first.status_code, second.status_code) == (302, 302)
    assert Case.objects.count() == 1


@pytest.mark.slow
def test_pictures_are_known_by_their_bytes(client: Client, company: Company):
    send(client, photos=[SimpleUploadedFile("evil.html", PIXEL, content_type="text/html")])
    photo = CasePhoto.objects.get()
    assert (photo.content_type, photo.size) == ("image/png", len(photo.content))
    assert bytes(photo.content).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "content",
    [
        b"<script>alert(1)</script>",
        b"\xff\xd8\xff<script>alert(1)</script>",
        PIXEL + b"<?php system($_GET[0]); ?>",
        b"GIF89a" + b"\0" * 20,
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        b"MZ\x90\x00",
    ],
)
def test_what_is_no_picture_is_refused_whatever_its_name(client: Client, company: Company, content: bytes):
    photo = SimpleUploadedFile("photo.png", content, content_type="image/png")
    assert "JPEG, PNG or WebP" in refused(send(client, photos=[photo]))


def test_what_was_ticked_stays_ticked_when_something_else_is_refused(client: Client, company: Company):
    page = send(client, photos=[SimpleUploadedFile("a.png", b"x")], is_safety="1", anonymous="1")
    refused(page)
    assert page.content.count(b'value="1" checked') == 2
    assert b" checked" not in client.get("/p/complaint/").content


def test_too_many_or_too_large_pictures_are_refused(client: Client, company: Company):
    five = [SimpleUploadedFile(f"{n}.png", PIXEL) for n in range(5)]
    assert "at most 4 pictures" in refused(send(client, photos=five))
    large = SimpleUploadedFile("l.png", PIXEL[:-8] + b"\0" * MOST_BYTES + PIXEL[-8:])
    assert "5 MB" in refused(send(client, photos=[large]))


def test_a_body_beyond_all_limits_is_refused_before_it_is_read(client: Client, company: Company):
    filled = fill(client)
    answer = client.post("/p/complaint/", filled, CONTENT_LENGTH=str(form_views.MOST_BODY + 1))
    assert answer.status_code == 413
    assert Case.objects.count() == 0


@pytest.mark.slow
def test_no_way_to_answer_is_asked_for_unless_none_is_wanted(client: Client, company: Company):
    assert "Leave an e-mail address" in refused(send(client, email=""))
    assert send(client, email="", anonymous="1").status_code == 302
    assert Case.objects.get().customer_id is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"text": ""}, "what happened"),
        ({"text": "\u200b\u200b"}, "what happened"),
        ({"text": "x" * 20_001}, "20001"),
        ({"email": "a@b"}, "a@b"),
        ({"category": "' OR 1=1 --"}, "category"),
        ({"category": "br\x00oken"}, "“broken”"),
        ({"wish": "<b>"}, "wish"),
        ({"order_ref": "9" * 200}, "80"),
    ],
)
def test_a_wrong_field_is_named_and_what_was_written_stays(client: Client, company: Company, changes, word):
    answer = send(client, **changes)
    assert word.lower() in refused(answer).lower()
    if "text" not in changes:
        assert "The ring came broken." in answer.content.decode()


@pytest.mark.slow
def test_an_unknown_store_is_refused(client: Client, company: Company):
    answer = send(client, store="nowhere")
    assert answer.status_code == 404
    assert Case.objects.count() == 0


@pytest.mark.slow
def test_what_programs_send_is_dropped(client: Client, company: Company, monkeypatch: pytest.MonkeyPatch):
    assert send(client, website="http://spam.example").status_code == 302  # the trap: it learns nothing
    assert Case.objects.count() == 0
    assert "open for too long" in refused(send(client, token=""))
    assert "open for too long" in refused(send(client, token="x" + fill(client)["token"]))
    monkeypatch.setattr(guarding, "SHORTEST_SECONDS", 60)
    assert "very quick" in refused(send(client))
    monkeypatch.setattr(form_views, "_guard", FormGuard("test", RateLimiter(1)))
    send(client)
    assert "Too many" in refused(send(client))


def test_what_strangers_write_is_shown_as_text_only(client: Client, company: Company):
    answer = send(client, text="", name='"><script>alert(1)</script>')
    page = answer.content.decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.slow
def test_the_form_reveals_nobody(client: Client, company: Company):
    """A known and an unknown address get the same answer."""
    send(client, email="known@example.com")
    known = send(client, email="known@example.com", text="Again.")
    unknown = send(client, email="unknown@example.com", text="Again.")
    pages = [re.sub(r"\d{4}-\d{6}", "", client.get(one.url).content.decode()) for one in (known, unknown)]
    pages = [re.sub(r"c=[^&\"]+", "", page) for page in pages]
    assert pages[0] == pages[1]


@pytest.mark.slow
def test_an_address_proves_nothing(client: Client, company: Company):
    send(client, email="known@example.com")
    send(client, email="", anonymous="1", text="Nobody claims to be anybody.")
    claims = {one.customer_id is not None: queries.is_sender_unproven(one) for one in Case.objects.all()}
    assert claims == {True: True, False: False}


def test_a_made_up_thanks_shows_no_number(client: Client, company: Company):
    shown = client.get("/p/complaint/thanks/?c=2611-123456&lang=en")
    assert shown.context["number"] == ""


def test_get_opens_nothing(client: Client, company: Company):
    client.get("/p/complaint/", {"text": "x", "email": "a@example.com"})
    assert Case.objects.count() == 0
