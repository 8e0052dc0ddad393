"""The company's colour made legible: on white, on dark, and what is written on it (WCAG 2.2, contrast 4.5 : 1)."""

from dataclasses import dataclass

ENOUGH = 4.6  # a little above what is asked, for rounding
LIGHT_GROUND = (0xFF, 0xFF, 0xFF)
DARK_GROUND = (0x1B, 0x24, 0x21)
DARK_INK = (0x10, 0x16, 0x14)
_STEPS = 20

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Tones:
    """A colour for one theme, and the ink that is legible on it, both as "#rrggbb"."""

    color: str
    ink: str


def tones(brand_color: str) -> tuple[Tones, Tones]:
    """Return the colour for the light and for the dark theme: moved towards black or white until it can be read."""
    color = _parsed(brand_color)
    light = _moved(color, towards=(0, 0, 0), ground=LIGHT_GROUND)
    dark = _moved(color, towards=(255, 255, 255), ground=DARK_GROUND)
    return Tones(_written(light), _ink(light)), Tones(_written(dark), _ink(dark))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2, *contrast ratio*)."""
    return _contrast(_parsed(one), _parsed(other))


def _moved(color: Rgb, *, towards: Rgb, ground: Rgb) -> Rgb:
    for step in range(_STEPS + 1):
        mixed = _mixed(color, towards, step / _STEPS)
        if _contrast(mixed, ground) >= ENOUGH:
            return mixed
    return towards


def _mixed(color: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(color, other, strict=True))
    return red, green, blue


def _ink(color: Rgb) -> str:
    white = (255, 255, 255)
    return _written(white if _contrast(color, white) >= _contrast(color, DARK_INK) else DARK_INK)


def _contrast(one: Rgb, other: Rgb) -> float:
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(color: Rgb) -> float:
    red, green, blue = (_linear(part / 255) for part in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _parsed(color: str) -> Rgb:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _written(color: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)
