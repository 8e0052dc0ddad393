"""The report as one file: HTML that needs nothing else, and PDF where a Chromium is at hand."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from troth.console import charts
from troth.kit.errors import ConflictError

from .contents import contents

LANGUAGES = ("en", "zh-hans")
BROWSERS = (
    "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
    "microsoft-edge",
)  # fmt: skip
PATIENCE = 120
QUIET = (
    "--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-extensions", "--no-pdf-header-footer",
)  # fmt: skip


class NothingAnalysedError(ConflictError):
    """There is no analysis to report on."""

    code = "report.nothing_analysed"


class NoBrowserError(ConflictError):
    """PDF was asked for where no Chromium is."""

    code = "report.no_browser"


def html(languages: tuple[str, ...] = LANGUAGES, *, on_paper: bool = False) -> str:
    """Return the report as one HTML document: no script, nothing fetched; light or dark as the reader's screen is.

    Of several languages the first is shown, and a switch that needs no script shows the others. On paper all follow
    one another, and pictures are as low as lets two stand on a page with their tables.

    Raises:
        NothingAnalysedError: there is no analysis yet.
    """
    editions = []
    for language in languages:
        with translation.override(language):
            found = contents(on_paper=on_paper)
            if found is None:
                break
            body = render_to_string("console/report/edition.html", {"report": found})
            editions.append({"language": language, "tag": _tag(language), "name": _name(language), "body": body})
    if not editions:
        raise NothingAnalysedError(_("There is no analysis yet; “troth analyse” makes one."))
    with translation.override(languages[0]):
        assert found is not None
        context = {"editions": editions, "company": found.company, "is_switched": len(editions) > 1 and not on_paper}
        context |= {"light": charts.colours("light"), "dark": charts.colours("dark")}
        return render_to_string("console/report/document.html", context)


def write(path: Path, languages: tuple[str, ...] = LANGUAGES) -> None:
    """Write the report to a file: PDF where its name ends so, else HTML. The file appears whole or not at all.

    Raises:
        NothingAnalysedError: there is no analysis yet. NoBrowserError: no Chromium for a PDF.
    """
    is_pdf = path.suffix.lower() == ".pdf"
    browser = _browser() if is_pdf else ""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".report-") as folder:
        made = Path(folder) / "report.html"
        made.write_text(html(languages, on_paper=is_pdf), encoding="utf-8")
        if is_pdf:
            made = _printed(browser, made)
        made.replace(path)


def _browser() -> str:
    found = next((place for name in BROWSERS if (place := shutil.which(name))), None)
    if found is None:
        raise NoBrowserError(
            _(
                "A PDF needs Chromium or Chrome on this machine, and none was found. Install one, or write the report"
                " as .html and print it from any browser."
            )
        )
    return found


def _printed(browser: str, page: Path) -> Path:
    target = page.with_suffix(".pdf")
    profile = page.parent / "profile"
    # Chromium refuses its sandbox to root; the page is our own and has no script.
    rights = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    command = [browser, *QUIET, *rights, f"--user-data-dir={profile}", f"--print-to-pdf={target}", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S603  our own
    if not target.exists():
        last = (done.stderr.strip().splitlines() or [str(done.returncode)])[-1]
        raise NoBrowserError(_("The browser could not print the report: %(error)s") % {"error": last})
    return target


def _tag(language: str) -> str:
    return "zh-Hans" if language == "zh-hans" else language


def _name(language: str) -> str:
    return {"en": "English", "zh-hans": "中文"}[language]
