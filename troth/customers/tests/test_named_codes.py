"""Conditions on language and country say the names that people read, not the codes that are stored."""

from typing import Any

import pytest
from django.utils import translation

from troth.kit.conditions import catalogue
from troth.kit.conditions.reading import read
from troth.kit.conditions.wording import Words

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("field", "operator", "value", "english", "chinese"),
    [
        ("customer.language", "is", "zh-hans", "Language is Simplified Chinese", "语言是简体中文"),
        ("customer.language", "is_not", "ZH-Hans", "Language is not Simplified Chinese", "语言不是简体中文"),
        ("customer.language", "any_of", ["en", "x"], "Language is one of English or “x”", "语言是英语或“x”"),
        ("customer.language", "starts_with", "zh", "Language starts with “zh”", "语言以“zh”开头"),
        ("address.country", "is", "DE", "Country is Germany", "国家/地区是德国"),
    ],
)
def test_a_code_is_said_by_its_name(field: str, operator: str, value: Any, english: str, chinese: str):
    fields = catalogue.catalogue("customer")
    condition = read({"field": field, "operator": operator, "value": value}, fields)
    for language, sentence in (("en", english), ("zh-hans", chinese)):
        with translation.override(language):
            assert Words(fields, "EUR").sentence(condition) == sentence
    with translation.override("en"):
        words = Words(fields, "EUR")
        assert [words.value(one, fields["customer.language"]) for one in ("zh-hans", "")] == [
            "Simplified Chinese",
            "unknown",
        ]
