"""Options for places without our scripts: colours put in, formats as ECharts templates."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

TOKENS = Path(__file__).parent.parent / "static" / "console" / "tokens.css"
_VARIABLE = re.compile(r"var\((--t-[\w-]+)\)")


def standalone(option: Mapping[str, Any], theme: Literal["light", "dark"] = "light") -> dict[str, Any]:
    """Return the option for plain ECharts: the theme's colours instead of variables, and nothing that only
    our scripts know.
    """
    resolved = _resolve(dict(option), palette(theme))
    assert isinstance(resolved, dict)
    return resolved


@cache
def palette(theme: Literal["light", "dark"]) -> dict[str, str]:
    """Return the colours of a theme by the names of their variables."""
    text = TOKENS.read_text(encoding="utf-8")
    light = dict(re.findall(r"(--t-[\w-]+):\s*([^;]+);", text.split('[data-bs-theme="dark"] {')[0]))
    if theme == "light":
        return light
    dark_block = text.split('[data-bs-theme="dark"] {')[1].split("}")[0]
    return light | dict(re.findall(r"(--t-[\w-]+):\s*([^;]+);", dark_block))


def colours(theme: Literal["light", "dark"]) -> str:
    """Return the colours of a theme as declarations of CSS, for a page that stands alone."""
    held = {name: value for name, value in palette(theme).items() if value.startswith(("#", "rgb"))}
    return " ".join(f"{name}: {value};" for name, value in held.items())


def _resolve(node: Any, colours: Mapping[str, str]) -> Any:
    if isinstance(node, str):
        return _VARIABLE.sub(lambda found: colours[found[1]], node)
    if isinstance(node, list):
        return [_resolve(item, colours) for item in node]
    if isinstance(node, dict):
        return {
            key: _resolve(value, colours)
            for key, value in node.items()
            if not key.startswith("$") and key != "tip" and not (isinstance(value, dict) and "$format" in value)
        }
    return node
