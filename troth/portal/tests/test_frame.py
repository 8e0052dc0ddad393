"""The frame of public pages: the company's look, legible in any colour, light on a phone."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from troth.access.actors import system_actor
from troth.kit.errors import NotFoundError
from troth.messaging import brand, colors
from troth.messaging.models import Brand
from troth.messaging.text_errors import BrandRefusedError
from troth.portal.pages import page, public
from troth.staff import services as staff
from troth.staff.models import Company

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ACTOR = system_actor("test")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


@pytest.fixture
def company(db: None) -> Company:
    return staff.set_up_company(actor=ACTOR, now=NOW, name="Test & Co", time_zone="Asia/Shanghai")


@given(st.integers(0, 0xFFFFFF))
def test_any_colour_becomes_legible_in_both_themes(number):
    light, dark = colors.tones(f"#{number:06x}")
    assert colors.contrast(light.color, "#ffffff") >= 4.5
    assert colors.contrast(dark.color, "#1b2421") >= 4.5
    assert colors.contrast(light.color, light.ink) >= 4.5
    assert colors.contrast(dark.color, dark.ink) >= 4.5


def test_a_legible_colour_stays_as_it_is():
    assert colors.tones("#0d6856")[0] == colors.Tones("#0d6856", "#ffffff")


def test_the_companys_colour_is_a_stylesheet(company):
    brand.change_brand(actor=ACTOR, now=NOW, color="#a00030")
    answer = Client().get("/p/brand.css")
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert b"--p-brand:#a00030;--p-on-brand:#ffffff" in answer.content


def test_a_colour_that_is_none_is_refused(company):
    with pytest.raises(BrandRefusedError) as refused:
        brand.change_brand(actor=ACTOR, now=NOW, color="red;}body{display:none")
    assert refused.value.fields["field"] == "color"
    assert brand.brand().color == "#0d6856"


def test_the_logo_is_shown_and_taken_away(company):
    brand.change_brand(actor=ACTOR, now=NOW, logo=PNG)
    answer = Client().get("/p/logo")
    assert (answer["Content-Type"], answer.content) == ("image/png", PNG)
    assert answer["X-Content-Type-Options"] == "nosniff"
    brand.change_brand(actor=ACTOR, now=NOW, logo=b"")
    assert Client().get("/p/logo").status_code == 404
    assert brand.brand().logo_hash == ""


@pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b"GIF87b", PNG + bytes(brand.LOGO_MAX_BYTES)])
def test_what_is_no_small_picture_is_no_logo(company, content):
    with pytest.raises(BrandRefusedError):
        brand.change_brand(actor=ACTOR, now=NOW, logo=content)
    assert not Brand.objects.exclude(logo_hash="").exists()


def _asked(path: str, **headers: str) -> HttpRequest:
    request = RequestFactory().get(path, headers=headers)
    request.company = Company.objects.first()  # type: ignore[attr-defined]  # as the middleware does
    return request


def test_a_page_speaks_the_language_asked_for_then_the_customers_then_the_browsers(company):
    def shown(path: str, language: str) -> str:
        return page(
            _asked(path, **{"accept-language": "zh-CN"}), "portal/refused.html", {}, language=language
        ).content.decode()

    assert '<html lang="en">' in shown("/p/x?lang=en&page=2", "zh-hans")
    assert 'href="/p/x?lang=zh-hans&amp;page=2"' in shown("/p/x?lang=en&page=2", "zh-hans")
    assert '<html lang="en">' in shown("/p/x?lang=fr", "en")
    assert '<html lang="zh-hans">' in shown("/p/x", "")


def test_a_refusal_keeps_the_companys_look(company):
    @public
    def gone(request: HttpRequest) -> HttpResponse:
        raise NotFoundError("It is <gone>.")

    answer = gone(_asked("/p/x"))
    assert answer.status_code == 404
    assert "Test &amp; Co" in answer.content.decode()
    assert "It is &lt;gone&gt;." in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


def test_an_address_that_leads_nowhere_shows_no_console(company):
    answer = Client().get("/p/nothing-here")
    assert answer.status_code == 404
    assert "portal/portal.css" in answer.content.decode()
    assert "console/" not in answer.content.decode()


def test_the_first_load_is_light(company):
    brand.change_brand(actor=ACTOR, now=NOW, logo=PNG)
    css = Path(__file__).parents[1] / "static" / "portal" / "portal.css"
    frame = page(_asked("/p/x"), "portal/refused.html", {"text": "…"}).content
    assert len(frame) + css.stat().st_size + brand.LOGO_MAX_BYTES < 45_000
    assert b"<script" not in frame
