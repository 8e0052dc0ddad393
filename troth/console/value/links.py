"""Addresses of the people behind a number."""

from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

FILTERED_BY_LIST = {"band", "status", "rfm_segment"}
"""What the list of customers can be narrowed by; everything else leads to the list of this area."""


def people(**narrowing: Any) -> str:
    """Return the address of the customers that fit: fields of `troth.insights.queries.People`."""
    given = {name: _text(value) for name, value in narrowing.items() if value or isinstance(value, Decimal)}
    is_simple = given.keys() <= FILTERED_BY_LIST and not given.get("status", "").startswith("all_")
    return reverse("customers:index" if is_simple else "value:people") + (f"?{urlencode(given)}" if given else "")


def customer(customer_id: Any) -> str:
    """Return the address of one customer's page."""
    return reverse("customers:customer", args=[customer_id])


def customer_pattern() -> str:
    """Return the address of a customer's page with "{}" for the id, for charts."""
    blank = "00000000-0000-0000-0000-000000000000"
    return reverse("customers:customer", args=[blank]).replace(blank, "{}")


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
