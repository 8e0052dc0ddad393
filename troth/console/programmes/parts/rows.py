"""Lists of the document as rows of a form, and back."""

from typing import Any

from .inputs import Rows, as_list

FIGURES = ("spend", "points", "visits")


def caps_of(value: Any) -> Rows:
    """Return limits with their number in one column and what it counts in another."""
    found = []
    for cap in as_list(value):
        unit = "times" if "times" in cap else "points"
        found.append({"limit": cap.get(unit), "unit": unit, "per": cap.get("per"), "period": cap.get("period")})
    return found


def caps_to(rows: Rows) -> Any:
    """Return limits as the document has them."""
    found = []
    for row in rows:
        kept = {key: row[key] for key in ("per", "period") if row.get(key) not in (None, "member", "lifetime")}
        found.append({**kept, str(row.get("unit") or "points"): row.get("limit")})
    return found or None


def ways_of(value: Any) -> Rows:
    """Return what a tier asks for: a row for each way to reach it."""
    if not isinstance(value, dict):
        return []
    return [dict(one) for one in as_list(value.get("any"))] or [{key: value[key] for key in FIGURES if key in value}]


def ways_to(rows: Rows) -> Any:
    """Return what a tier asks for; several rows are several ways."""
    return {"any": rows} if len(rows) > 1 else rows[0] if rows else None


def costs_of(value: Any) -> Rows:
    """Return what points cost, a row for each currency."""
    return [{"code": code, "cost": cost} for code, cost in (value or {}).items()] if isinstance(value, dict) else []


def costs_to(rows: Rows) -> Any:
    """Return what points cost by currency."""
    return {str(row.get("code", "")): row.get("cost") for row in rows} or None


def dayparts_of(value: Any) -> Rows:
    """Return the parts of the day, a row for each."""
    return [{"code": code, **part} for code, part in (value or {}).items()] if isinstance(value, dict) else []


def dayparts_to(rows: Rows) -> Any:
    """Return the parts of the day by code."""
    return {
        str(row.get("code", "")): {key: row[key] for key in ("from", "until") if key in row} for row in rows
    } or None


def names_of(value: Any) -> Rows:
    """Return names in both languages, a row for each; one text is the same in both."""
    return [{"en": one} if isinstance(one, str) else dict(one) for one in as_list(value)]
