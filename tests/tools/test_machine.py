"""What is asked of Debian when the browser is missing, and what is said when it cannot be had."""

import pytest

from tools import machine


@pytest.fixture
def places(monkeypatch):
    """Programs of a machine that has Chinese fonts and gets nothing from Debian; `asked` is what it asked for."""
    found, asked = {}, []
    monkeypatch.setattr(machine.shutil, "which", found.get)
    monkeypatch.setattr(machine, "_has_chinese_font", lambda: True)
    monkeypatch.setattr(machine, "_from_debian", lambda packages, what: asked.append(packages) or f"{what} missing")
    return found, asked


def test_the_browser_without_windows_is_taken_first(places):
    found, asked = places
    found |= {"chromium": "/usr/bin/chromium", "chromium-headless-shell": "/usr/bin/chromium-headless-shell"}
    assert (machine.browser(), machine.browser_lack(), asked) == ("/usr/bin/chromium-headless-shell", "", [])


def test_another_browser_will_do(places):
    found, asked = places
    found["google-chrome"] = "/usr/bin/google-chrome"
    assert (machine.browser(), machine.browser_lack()) == ("/usr/bin/google-chrome", "")
    assert asked == [["chromium-headless-shell"]]


def test_without_any_browser_or_fonts_both_are_named(places, monkeypatch):
    monkeypatch.setattr(machine, "_has_chinese_font", lambda: False)
    assert machine.browser() is None
    assert machine.browser_lack() == "Chromium missing; Fonts for Chinese missing"
