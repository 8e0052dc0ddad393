"""Countries, languages and currencies by name, in the language in force."""

from datetime import date
from functools import cache

from babel import Locale
from babel.numbers import get_territory_currencies
from django.utils.translation import get_language

_NO_COUNTRIES = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"])
"""Codes that CLDR names but nobody lives in: unions, test codes, parts of other countries."""


def country_name(code: str) -> str:
    """Return the name of a country, the code itself where nobody knows it."""
    name: str = _locale().territories.get(code, code)
    return name


def country_choices() -> list[tuple[str, str]]:
    """Return the countries by name, as a reader of the language looks for them."""
    names = _locale().territories
    found = [(code, name) for code, name in names.items() if len(code) == 2 and code.isalpha()]
    return sorted((one for one in found if one[0] not in _NO_COUNTRIES), key=lambda one: _place(one[1]))


def language_choices() -> list[tuple[str, str]]:
    """Return the languages by name, those that Troth itself speaks first; Chinese by its script."""
    names = _locale().languages
    scripts = {"zh-hans": names["zh_Hans"], "zh-hant": names["zh_Hant"]}
    found = [(tag, name) for tag, name in names.items() if len(tag) == 2 and tag not in ("en", "zh")]
    rest = sorted([*found, ("zh", names["zh"]), ("zh-hant", scripts["zh-hant"])], key=lambda one: _place(one[1]))
    return [("zh-hans", scripts["zh-hans"]), ("en", names["en"]), *rest]


def currency_choices(day: date) -> list[tuple[str, str]]:
    """Return the currencies that people pay with somewhere on a day, by code."""
    names = _locale().currencies
    return [(code, f"{code} · {names.get(code, code)}") for code in sorted(_tender(day))]


def with_present(offered: list[tuple[str, str]], present: str) -> list[tuple[str, str]]:
    """Return the choices with what is stored already, which stays choosable even if nobody offers it."""
    return offered if present in dict(offered) else [(present, present), *offered]


@cache
def _tender(day: date) -> frozenset[str]:
    codes = [code for code, _name in country_choices()]
    return frozenset(
        code for country in codes for code in get_territory_currencies(country, start_date=day, end_date=day)
    )


def _place(name: str) -> bytes:
    """Return what names are sorted by: GB 18030 puts the usual Chinese characters in the order of their pinyin."""
    return name.replace("Å", "A").encode("gb18030")


def _locale() -> Locale:
    return Locale.parse("zh_Hans_CN" if (get_language() or "en").startswith("zh") else "en")
