"""What a reader finds on a page: its words, the tables behind its pictures, and where their figures lead."""

import json
import re
from collections.abc import Sequence
from html import unescape
from typing import Any

import pytest

ROW = re.compile(r"<tr>(.*?)</tr>", flags=re.DOTALL)
CELL = re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>", flags=re.DOTALL)


def words(page: str) -> str:
    """Return what is read on a page, or on a part of it."""
    plain = re.sub(r"<(script|style|template|svg)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(plain)).strip()


def table(page: str, card: str) -> dict[str, list[str]]:
    """Return the table of a card: the first cell of each row, and the cells after it."""
    return {row[0]: row[1:] for row in rows(page, card)}


def rows(page: str, card: str) -> list[list[str]]:
    """Return the cells of each row of a card's table."""
    return [[words(cell) for cell in CELL.findall(row)] for row in _rows(page, card)]


def links(page: str, card: str) -> list[tuple[str, str]]:
    """Return text and address of every link in a card's table."""
    body = "".join(_rows(page, card))
    return [(words(text), unescape(url)) for url, text in re.findall(r'<a href="([^"]+)">(.*?)</a>', body)]


def _rows(page: str, card: str) -> list[str]:
    part = page.split(f'id="{card}"', 1)[1].split("</section>", 1)[0]
    return ROW.findall(part.split("<tbody>", 1)[1].split("</tbody>", 1)[0])


def option(page: str, card: str) -> Any:
    """Return the picture of a card as it is given to the browser."""
    found = re.search(rf'<script id="{card}-option" type="application/json">(.*?)</script>', page, flags=re.DOTALL)
    assert found, card
    return json.loads(found[1])


def number(text: str) -> float:
    """Return the number that a text begins with: "¥1,234.50" is 1234.5, "12.3%" is 12.3, "−4" is -4."""
    found = re.match(r"([-−]?)[¥$]?([-−]?)([\d,]+(?:\.\d+)?)", text)
    assert found, text
    sign = -1 if found[1] or found[2] else 1
    return sign * float(found[3].replace(",", ""))


def assert_shown(cells: Sequence[str], told: Sequence[Any]) -> None:
    """Every cell shows its figure, exact to the last digit that is shown."""
    for text, figure in zip(cells, told, strict=True):
        places = len(text.rstrip("%").partition(".")[2])
        assert number(text) == near(figure, places), (text, figure)


def near(figure: Any, places: int = 1) -> Any:
    """Return what equals a figure that was rounded to so many places."""
    return pytest.approx(float(figure), abs=0.5 * 10**-places * 1.001)
