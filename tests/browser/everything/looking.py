"""Looks a page over: axe, the edges of the screen, words that nobody translated, the title."""

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from tests.browser.conftest import PATIENCE, RULES, breaches

PAUSE = 150
SETTLED = "() => window.htmx === undefined || !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')"
OVER = """() => {
  const edge = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= edge) return "";
  const over = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > edge + 1);
  return over.slice(0, 3).map((one) => `${one.tagName.toLowerCase()}.${one.className}`).join(", ") || "?";
}"""
TEXTS = """() => {
  const left_out = "script, style, template, code, pre, kbd, textarea, svg, [data-chart], [translate=no], [lang=en], "
    + "[name*=zone] option";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = new Set([document.title]);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim();
    if (text && !walker.currentNode.parentElement.closest(left_out)) found.add(text);
  }
  for (const name of ["aria-label", "title", "placeholder", "alt", "data-label"])
    for (const one of document.querySelectorAll(`[${name}]:not(${left_out})`)) found.add(one.getAttribute(name));
  return [...found];
}"""
FRAME = (".side", ".top", "#palette", ".demo-note")
"""What stands around every page of the console: looked over with the first one."""

CHINESE = re.compile(r"[\u3400-\u9fff]")
ENGLISH = re.compile(r"\b[A-Za-z][a-z]{2,}\b")
NO_WORDS = re.compile(r"\S*[@/_\d.:]\S*|\b[a-z]+(?:-[a-z]+)+\b")
CODE = re.compile(r"\s*[a-z]+\s*")
"""Addresses, codes, names of files and fields: the same in every language."""

SAME = re.compile(r"\b(?:Troth|English|Excel|CSV|Webhook)\b")
"""Names that are the same in Chinese."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is opened; `also` is another width at which nothing may hang over the edge."""

    language: str
    theme: str
    width: int
    also: int | None


LOOKS = (Look("en", "light", 2560, 390), Look("zh-hans", "dark", 390, None))


def faults(page: Any, look: Look, *, is_whole: bool) -> list[str]:
    """Return what is wrong with the page that is open; is_whole: with the frame around it."""
    page.wait_for_function(SETTLED)
    found = _over(page, look.width) + breaches(page, RULES, without=() if is_whole else FRAME) + _words(page, look)
    if look.also:
        page.set_viewport_size({"width": look.also, "height": 900})
        found += _over(page, look.also)
        page.set_viewport_size({"width": look.width, "height": 900})
    return found


def _over(page: Page, width: int) -> list[str]:
    """Return what hangs over the edge and stays there: pictures follow a window's width a moment later."""
    for _again in range(PATIENCE // PAUSE):
        over = page.evaluate(OVER)
        if not over:
            return []
        page.wait_for_timeout(PAUSE)
    return [f"wider than {width}: {over}"]


def _words(page: Page, look: Look) -> list[str]:
    """Return texts of a Chinese page that are English; the title must say more than the product's name."""
    found = [] if " · " in page.title() else [f"title: {page.title()}"]
    if look.language == "en":
        return found
    return found + [f"not Chinese: {text[:80]}" for text in page.evaluate(TEXTS) if _is_english(text)]


def _is_english(text: str) -> bool:
    words = NO_WORDS.sub("", SAME.sub("", text))
    return not CHINESE.search(text) and not CODE.fullmatch(words) and ENGLISH.search(words) is not None
