"""Phones, e-mail addresses, and words with a fixed meaning."""

from __future__ import annotations

from functools import cache

from babel import Locale
from babel.numbers import list_currencies

from troth.customers import bulk as customers
from troth.imports.values import texts
from troth.imports.values.column import Column, by_unique, matches
from troth.value.later import pl

_EMAIL = r"^[^@\s,;:<>\"()\[\]\\]{1,64}@(?:[^@\s,;:<>\"()\[\]\\.]+\.)+[^@\s,;:<>\"()\[\]\\.]{2,}$"
_SHORTENED = r"^[+-]?\d(?:\.\d+)?[eE]\+?\d{1,3}$"
MAX_WORD = 60
_LOST = r"0{7}$"

GENDERS = {
    "男": "male",
    "男性": "male",
    "先生": "male",
    "m": "male",
    "male": "male",
    "man": "male",
    "女": "female",
    "女性": "female",
    "女士": "female",
    "小姐": "female",
    "f": "female",
    "female": "female",
    "woman": "female",
    "其他": "other",
    "other": "other",
    "x": "other",
    "保密": "",
    "unknown": "",
    "u": "",
    "不详": "",
}
CUSTOMER_KINDS = {
    "个人": "person",
    "个人客户": "person",
    "person": "person",
    "individual": "person",
    "consumer": "person",
    "b2c": "person",
    "公司": "company",
    "企业": "company",
    "企业客户": "company",
    "单位": "company",
    "company": "company",
    "business": "company",
    "organisation": "company",
    "organization": "company",
    "b2b": "company",
}
_YES = "是 同意 已同意 接受 订阅 已订阅 有 y yes ja oui true 1 t on agreed subscribed ✓ √"
_NO = "否 不同意 拒绝 已拒绝 不接受 退订 已退订 没有 n no nein non false 0 f off refused unsubscribed × ✗"
YES_NO = dict.fromkeys(_YES.split(), "yes") | dict.fromkeys(_NO.split(), "no")
_CURRENCY_NAMES = {
    "RMB": "CNY",
    "人民币": "CNY",
    "元": "CNY",
    "美元": "USD",
    "美金": "USD",
    "港币": "HKD",
    "港元": "HKD",
    "欧元": "EUR",
    "英镑": "GBP",
    "日元": "JPY",
    "新台币": "TWD",
    "台币": "TWD",
    "澳门币": "MOP",
    "¥": "CNY",
    "￥": "CNY",
    "€": "EUR",
    "£": "GBP",
}


def phone(column: Column, *, country: str) -> Column:
    """Return numbers in E.164; those without a country code belong to `country`.

    A number that a spreadsheet showed as 1.38E+10, or that ends in the zeros it leaves, has lost digits: refused.
    """
    texts.without_null_words(texts.without_apostrophe(texts.half_width(column)))
    column.refuse(matches(column.text, _SHORTENED), "digits_lost")
    whole = column.text.str.extract(r"^(\d+)\.0+$")
    column.mend(whole.is_not_null(), "decimal_tail_removed", whole)
    column.refuse(matches(column.text.str.replace_all(r"[\s()-]", ""), _LOST), "digits_lost")
    numbers = by_unique(
        column.text, lambda unique: customers.phone_numbers(unique, country=country).alias("e164").to_frame()
    )
    written = numbers["e164"]
    column.refuse(column.present & written.is_null(), "not_a_phone")
    column.mend(column.present & ~column.text.str.starts_with("+"), "phone_completed")
    column.text = written.zip_with(column.present, column.text)
    return column


def email(column: Column) -> Column:
    """Return addresses in lower case."""
    texts.without_null_words(texts.half_width(column))
    column.refuse(column.present & ~matches(column.text, _EMAIL), "not_an_email")
    lowered = column.text.str.to_lowercase()
    column.mend(lowered != column.text, "email_lowered", lowered)
    return texts.text(column, 200)


def word(column: Column, known: dict[str, str]) -> Column:
    """Return the meaning of each word; others are refused. A meaning of "" counts as an empty cell."""
    texts.without_null_words(column)
    meaning = column.text.str.to_lowercase().replace_strict(known, default=None, return_dtype=pl.String)
    column.refuse(column.present & meaning.is_null(), "unknown_word")
    column.text = meaning
    column.empty(meaning == "")
    return column


def country(column: Column) -> Column:
    """Return ISO 3166 codes, of codes or of names in English and Chinese."""
    texts.without_null_words(column)
    meaning = column.text.str.to_lowercase().replace_strict(_country_names(), default=None, return_dtype=pl.String)
    column.refuse(column.present & meaning.is_null(), "unknown_country")
    column.text = meaning
    return column


@cache
def _country_names() -> dict[str, str]:
    names = {
        "usa": "US",
        "uk": "GB",
        "england": "GB",
        "中国大陆": "CN",
        "mainland china": "CN",
        "香港": "HK",
        "澳门": "MO",
        "台湾": "TW",
    }
    for language in ("en", "zh_Hans"):
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha():
                names[name.lower()] = names[code.lower()] = code
    return names


def currency(column: Column) -> Column:
    """Return ISO 4217 codes."""
    texts.without_null_words(column)
    upper = column.text.str.to_uppercase()
    upper = upper.replace(_CURRENCY_NAMES)
    column.refuse(column.present & ~upper.is_in(sorted(list_currencies())), "unknown_currency")
    column.text = upper.zip_with(column.present, column.text)
    return column


def words(column: Column, max_chars: int) -> Column:
    """Return short words separated by "|", of cells that separate them by commas, semicolons, 、 or |."""
    texts.without_null_words(column)
    column.text = column.text.str.replace_all(r"\s*[,;，；、|/]+\s*", "|").str.strip_chars("|")
    column.empty(column.text == "")
    column.refuse(matches(column.text, rf"[^|]{{{MAX_WORD + 1},}}"), "too_long")
    return texts.shown(column, max_chars)
