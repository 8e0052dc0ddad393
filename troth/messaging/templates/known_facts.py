"""Facts that this module knows itself: who the customer is, the company, the day, the points."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from troth.customers import queries as customers
from troth.customers.models import Customer
from troth.kit import lunar
from troth.ledger import queries as ledger
from troth.staff import queries as staff

from .facts import Fact, FactProvider, Reader, register

_HONORIFICS = {("zh", "female"): "女士", ("zh", "male"): "先生", ("en", "female"): "Ms", ("en", "male"): "Mr"}

_PERSON = (
    Fact("name", _("Full name"), example="Emma Wang", example_zh="王小明"),
    Fact("given_name", _("Given name"), example="Emma", example_zh="小明"),
    Fact("family_name", _("Family name"), example="Wang", example_zh="王"),
    Fact("salutation", _("Salutation"), example="Ms Wang", example_zh="王女士"),
    Fact("city", _("City"), example="Shanghai", example_zh="上海"),
    Fact("birthday", _("Next birthday, by the calendar it is kept by"), "day", date(2027, 3, 8), date(2027, 3, 8)),
    Fact("member_since", _("Customer since"), "day", date(2021, 6, 1), date(2021, 6, 1)),
    Fact("member_years", _("Full years as a customer"), "number", 5, 5),
)
_COMPANY = (
    Fact("company", _("Name of the company"), example="Test & Co", example_zh="恒客商贸"),
    Fact("today", _("Today"), "day", date(2026, 11, 22), date(2026, 11, 22)),
)
_POINTS = (
    Fact("points", _("Points that can be used"), "number", 1280, 1280),
    Fact("points_name", _("Name of the points"), example="points", example_zh="积分"),
    Fact("points_expiring", _("Points that end next"), "number", 300, 300),
    Fact("points_expiring_date", _("Day on which they end"), "day", date(2026, 12, 31), date(2026, 12, 31)),
)


def register_all() -> None:
    """Register the facts of this module."""
    register(FactProvider("customers", _PERSON, _people))
    register(FactProvider("company", _COMPANY, _company, _company_itself))
    register(FactProvider("points", _POINTS, _points))


def salutation(customer: Customer, language: str) -> str:
    """Return how a customer is addressed: 王女士, Ms Wang; without a gender by the full name, without one kindly."""
    tongue = "zh" if language.startswith("zh") else "en"
    honorific = _HONORIFICS.get((tongue, customer.gender), "")
    if customer.family_name and honorific:
        return f"{customer.family_name}{honorific}" if tongue == "zh" else f"{honorific} {customer.family_name}"
    if customer.name.strip():
        return customer.name.strip()
    return "尊敬的顾客" if tongue == "zh" else "customer"


def _people(readers: Sequence[Reader], wanted: Collection[str], now: datetime) -> list[dict[str, Any]]:
    found = customers.records({reader.customer_id for reader in readers})
    company = staff.company_or_none()
    today = company.today(now) if company else now.date()
    facts = []
    for reader in readers:
        customer = found.get(reader.customer_id)
        facts.append(_person(customer, reader.language, today) if customer is not None else {})
    return facts


def _person(customer: Customer, language: str, today: date) -> dict[str, Any]:
    years = _full_years(customer.joined_date, today)
    values = {
        "name": customer.name.strip(),
        "given_name": customer.given_name,
        "family_name": customer.family_name,
        "salutation": salutation(customer, language),
        "city": customer.city,
        "birthday": _next_birthday(customer, today),
        "member_since": customer.joined_date,
        "member_years": years or None,
    }
    return {code: value for code, value in values.items() if value not in (None, "")}


def _full_years(since: date | None, today: date) -> int:
    if since is None or since > today:
        return 0
    return today.year - since.year - ((today.month, today.day) < (since.month, since.day))


def _next_birthday(customer: Customer, today: date) -> date | None:
    if customer.birth_date is None:
        return None
    days = (
        lunar.birthday_in(customer.birth_date, year, is_lunar=customer.is_lunar_birthday)
        for year in (today.year, today.year + 1)
    )
    return next((day for day in days if day >= today), None)


def _company(readers: Sequence[Reader], wanted: Collection[str], now: datetime) -> list[dict[str, Any]]:
    company = staff.company_or_none()
    values = {"company": company.name, "today": company.today(now)} if company else {"today": now.date()}
    return [dict(values) for _reader in readers]


def _company_itself() -> dict[str, Any]:
    company = staff.company_or_none()
    return {"company": company.name} if company else {}


def _points(readers: Sequence[Reader], wanted: Collection[str], now: datetime) -> list[dict[str, Any]]:
    """Read the first point currency in use: most companies have one; a text about another gets its figures as facts."""
    currency = ledger.currencies().filter(is_active=True).first()
    if currency is None:
        return [{} for _reader in readers]
    moment = staff.moment(now)
    owners = {reader.customer_id for reader in readers}
    balances = ledger.balances(owners, currency.code, now=moment) if "points" in wanted else {}
    ending = ledger.next_endings(owners, currency.code, now=moment) if _asks_for_ending(wanted) else {}
    facts = []
    for reader in readers:
        name = currency.name_zh if reader.language.startswith("zh") and currency.name_zh else currency.name
        values: dict[str, Any] = {"points_name": name}
        if reader.customer_id in balances:
            values["points"] = currency_units(balances[reader.customer_id].available, currency.decimals)
        if reader.customer_id in ending:
            end = ending[reader.customer_id]
            values["points_expiring"] = currency_units(end.points, currency.decimals)
            values["points_expiring_date"] = end.date
        facts.append(values)
    return facts


def _asks_for_ending(wanted: Collection[str]) -> bool:
    return bool({"points_expiring", "points_expiring_date"} & set(wanted))


def currency_units(amount: int, decimals: int) -> Any:
    """Return an amount of smallest units as it is written: whole, or as a decimal."""
    return amount if decimals == 0 else Decimal(amount).scaleb(-decimals)
