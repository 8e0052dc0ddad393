"""Colours keep their distance from the ground they stand on, in both themes."""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).resolve().parents[1] / "static" / "console" / "tokens.css"
MARKS = ("series-1", "series-2", "series-3", "series-4", "series-5", "series-6", "series-7", "up", "down", "total")
WORDS = ("ink", "ink-2", "ink-3", "brand", "gold", "good", "warn", "bad", "info", "axis")


def colours(theme):
    block = re.search(rf'\[data-bs-theme="{theme}"\] \{{(.*?)\}}', TOKENS.read_text(encoding="utf-8"), re.DOTALL)
    assert block
    return dict(re.findall(r"--t-([\w-]+): (#[0-9a-f]{6});", block[1]))


def luminance(colour):
    """Return the relative luminance of WCAG 2.2."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == 21
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_marks_of_pictures_stand_out_from_the_card(theme):
    found = colours(theme)
    faint = {name: round(contrast(found[name], found["surface"]), 2) for name in MARKS}
    assert {name: ratio for name, ratio in faint.items() if ratio < 3} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["surface", "canvas"])
def test_words_can_be_read(theme, ground):
    found = colours(theme)
    faint = {name: round(contrast(found[name], found[ground]), 2) for name in WORDS}
    assert {name: ratio for name, ratio in faint.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_numbers_in_a_heatmap_can_be_read(theme):
    found = colours(theme)
    faint = {step: round(contrast(found[f"heat-{step}"], found[f"heat-{step}-ink"]), 2) for step in range(6)}
    assert {step: ratio for step, ratio in faint.items() if ratio < 4.5} == {}
