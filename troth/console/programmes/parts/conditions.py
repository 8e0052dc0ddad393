"""Conditions in forms of parts: what was posted, the facts that may be chosen, and values known for them."""

import json
from typing import Any

from django.utils.translation import gettext as _

from troth.console.segments import editor
from troth.kit.conditions.catalogue import Catalogue
from troth.kit.conditions.fields import Suggest
from troth.programs.document.shapes import ProgrammeDocument
from troth.programs.fields import customer_catalogue, line_catalogue, scene_catalogue

MAX_CONDITION = 100_000
KNOWN_BY = {
    "line.category": "goods.categories",
    "line.brand": "goods.brands",
    "line.sku": "goods.skus",
    "order.categories": "goods.categories",
    "order.brands": "goods.brands",
    "order.skus": "goods.skus",
    "order.channel": "orders.channels",
}
"""Facts of an order and the fact of customers that knows their values."""


def posted(raw: str) -> Any:
    """Return a condition from a form; None where there is none or it cannot be read."""
    try:
        found = json.loads(raw) if raw and len(raw) <= MAX_CONDITION else None
    except (ValueError, RecursionError):
        return None
    return None if found in ({"all": []}, {"any": []}) else _unwrapped(found)


def _unwrapped(condition: Any) -> Any:
    """Return a condition without a group around a single one."""
    if isinstance(condition, dict) and len(condition) == 1:
        [(key, parts)] = condition.items()
        if key in ("all", "any") and isinstance(parts, list) and len(parts) == 1:
            return _unwrapped(parts[0])
    return condition


def same_form(condition: Any) -> Any:
    """Return a condition in a form in which those that say the same are equal; browsers send numbers as texts."""
    return _plain(_unwrapped(condition))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else str(value)


def facts(document: ProgrammeDocument, on: str) -> dict[str, Any]:
    """Return what a condition may ask, as the editor in the browser needs it. on: "lines", "order" or an event."""
    catalogue = line_catalogue() if on == "lines" else scene_catalogue(document, on)
    found, known = editor.payload(catalogue, document.currency), customer_catalogue()
    for group in found["groups"]:
        for field in group["fields"]:
            field["suggests"] = suggest_for(field["code"], known) is not None
    texts = {
        "lines": _("No condition yet: all goods."),
        "order": _("No condition yet: every order."),
    }
    found["texts"]["everybody"] = texts.get(on, _("No condition yet: every time it happens."))
    return found


def suggest_for(code: str, known: Catalogue) -> Suggest | None:
    """Return what knows values of a fact, None where nothing does. known: the customers' facts that one may see."""
    wanted = KNOWN_BY.get(code, code)
    return known[wanted].suggest if wanted in known else None
