"""The report that is forwarded: complete in itself, in both languages, with the figures of the analysis."""

import re
from datetime import date, timedelta
from html import unescape

import pytest

from troth.access.actors import system_actor
from troth.console.report import page
from troth.insights import services
from troth.insights.tests.making import NOW, make_customer, make_order

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 1)


@pytest.fixture(autouse=True)
def lake(tmp_path, settings, company):
    settings.LAKE_DIR = tmp_path / "lake"
    company.as_of_date = TODAY
    company.name = "Tea & <Sons>"
    company.save()


@pytest.fixture
def analysed():
    for number in range(5):
        customer = make_customer()
        for days in (200, 90, 5):
            make_order(customer, TODAY - timedelta(days=days), str(100 * (number + 1)))
    services.analyse(actor=system_actor("test"), now=NOW)


def words(document):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", document)))


def edition(document, language):
    return document.split(f'<main id="in-{language}"')[1].split("</main>")[0]


@pytest.mark.slow
def test_it_says_the_figures_in_both_languages_and_needs_nothing_else(analysed):
    document = page.html()

    english, chinese = words(edition(document, "en")), words(edition(document, "zh-hans"))
    assert "Tea & <Sons>" in english
    assert "As of 1 Mar 2026 · 5 customers, 15 orders" in english
    assert "截至2026年3月1日 · 5 位客户，15 笔订单" in chinese
    assert "Revenue, 12 months ¥4,500" in english  # 3 × (100 + … + 500)
    assert "Profit, 12 months ¥1,350" in english
    assert "a margin of 30% is taken" in english
    assert "毛利率" in chinese
    assert "What customers will bring is not said" in english  # five customers tell no model
    assert re.search(r"The best 20% of customers bring 33\.3% of revenue", english)
    assert "The table of 20 rows stands in the HTML file." in english  # said on paper alone
    assert "Press " not in english
    assert document.count("<svg") == 22
    assert "<b>Sons" not in document
    assert not re.search(r"<script|<link|<img|<iframe|https?://(?!www\.w3\.org/2000/svg)|url\(|@import", document)


@pytest.mark.slow
def test_it_is_light_or_dark_as_the_screen_is_and_light_on_paper(analysed):
    document = page.html(("en",))

    light, dark = (
        set(re.findall(r"(--t-[\w-]+): [#r]", one)) for one in document.split("(prefers-color-scheme: dark)")
    )
    used = set(re.findall(r"var\((--t-[\w-]+)\)", document))
    assert {"--t-series-1", "--t-ink", "--t-heat-5"} <= used
    assert used <= light
    assert used <= dark
    assert "@media screen and (prefers-color-scheme: dark)" in document
    assert not re.search(r'(fill|stroke)="#', document)


@pytest.mark.slow
def test_on_paper_pictures_are_less_high_and_as_wide(analysed):
    heights = {
        on_paper: {int(one) for one in re.findall(r'viewBox="0 0 760 (\d+)"', page.html(("en",), on_paper=on_paper))}
        for on_paper in (False, True)
    }
    assert heights == {False: {210, 300, 380}, True: {200, 250, 310}}


@pytest.mark.slow
def test_a_single_customer_is_told_of_in_the_singular():
    make_order(make_customer(), TODAY - timedelta(days=5), "100")
    services.analyse(actor=system_actor("test"), now=NOW)
    document = page.html()
    english, chinese = words(edition(document, "en")), words(edition(document, "zh-hans"))
    assert "1 customer, 1 order " in english
    assert "1 customer who bought in the last 365 days" in english
    assert "1 位客户，1 笔订单" in chinese
    assert "In 30 days 1 came for the first time and 0 came back after a silence." in english
    assert "In the same time" not in english
    assert not {"nan", "inf", "None"} & set(english.split())


@pytest.mark.slow
def test_one_language_has_no_switch(analysed):
    document = page.html(("zh-hans",))

    assert '<html lang="zh-Hans">' in document
    assert "<main" in document
    assert 'type="radio"' not in document
    assert 'type="radio"' not in page.html(on_paper=True)


def test_without_an_analysis_it_is_refused_and_nothing_is_written(tmp_path):
    target = tmp_path / "report.html"

    with pytest.raises(page.NothingAnalysedError, match="troth analyse"):
        page.write(target)
    assert list(tmp_path.iterdir()) == []


def test_a_pdf_without_a_browser_is_refused_with_a_way_out(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(page.NoBrowserError, match=r"write the report as \.html"):
        page.write(tmp_path / "report.pdf")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.browser
def test_a_pdf_is_printed(analysed, tmp_path):
    target = tmp_path / "report.pdf"
    page.write(target)

    assert target.read_bytes().startswith(b"%PDF-")
    assert [found.name for found in tmp_path.iterdir() if found.name != "lake"] == ["report.pdf"]


@pytest.mark.slow
def test_it_is_downloaded_from_the_overview_in_the_readers_language_first(analysed, sign_in):
    signed_in = sign_in("manager")
    answer = signed_in.get("/overview/report.html")
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == 'attachment; filename="report-2026-03-01.html"'
    assert answer.content.decode().startswith("<!DOCTYPE html>")
    assert "/overview/report.html" in signed_in.get("/overview/").content.decode()
    assert signed_in.get("/overview/report.exe").status_code == 404


def test_without_an_analysis_the_download_says_so(sign_in):
    signed_in = sign_in("manager")
    answer = signed_in.get("/overview/report.html", follow=True)
    assert "There is no analysis yet" in answer.content.decode()
