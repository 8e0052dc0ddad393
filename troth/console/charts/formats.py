"""Names of number formats that the browser's charts.js turns into functions; its rules are those of
`console.formats`.
"""

from typing import Any

Format = dict[str, Any]


def count(places: int = 0) -> Format:
    """Whole numbers with thousands separators, or so many decimal places."""
    return {"$format": "count", "places": places}


def compact() -> Format:
    """Numbers short enough for an axis: 12.3k, 1.2万."""
    return {"$format": "compact"}


def percent(places: int = 0) -> Format:
    """Ratios as percentages."""
    return {"$format": "percent", "places": places}


def signed(places: int = 0) -> Format:
    """Numbers with their sign, plus or minus."""
    return {"$format": "signed", "places": places}


def money(symbol: str, places: int = 2) -> Format:
    """Amounts with the currency's symbol before them."""
    return {"$format": "money", "symbol": symbol, "places": places}


def money_compact(symbol: str) -> Format:
    """Amounts short enough for an axis: ¥5.2M, ¥515万."""
    return {"$format": "money_compact", "symbol": symbol}
