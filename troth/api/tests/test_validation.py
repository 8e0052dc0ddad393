"""Refusals of values that do not fit the schema, in words, in both languages."""

import pytest

from troth.api.validation import _SENTENCES


@pytest.mark.parametrize(
    ("changes", "pointer", "english", "chinese"),
    [
        ({"currency": 5}, "/currency", "must be a text", "必须是文本"),
        ({"colour": 1}, "/colour", "is not known here; leave it out", "这里没有这个字段，请去掉"),
        ({"lines": []}, "/lines", "must hold at least 1 entries", "至少需要 1 项"),
        ({"source": "x" * 65}, "/source", "must have at most 64 characters", "最多 64 个字符"),
        ({"is_history": "yes"}, "/is_history", "must be true or false", "必须是 true 或 false"),
        (
            {"occurred_at": "yesterday"},
            "/occurred_at",
            "write a moment with its offset, for example 2026-11-21T09:30:00+08:00",
            "请写成带时区偏移的时间，例如 2026-11-21T09:30:00+08:00",
        ),
        (
            {"customer_id": None},
            "",
            "name the customer by customer_id or by identity, exactly one of the two",
            "请用 customer_id 或 identity 指明客户，二者只能选一",
        ),
    ],
)
def test_what_does_not_fit_is_said_in_the_language_asked_for(api, lin, an_order, changes, pointer, english, chinese):
    for language, text in (("en", english), ("zh-hans", chinese)):
        answer = api.send("POST", "/orders", an_order(lin, **changes), **{"Accept-Language": language})
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["pointer"], error["detail"]) == (422, pointer, text)


def test_what_is_missing_and_a_wrong_id_are_said_too(api):
    chinese = {"Accept-Language": "zh-hans"}
    (error,) = api.send("POST", "/customers/find", {"kind": "phone"}, **chinese).json()["errors"]
    assert (error["pointer"], error["detail"]) == ("/value", "缺少此项，必须提供")
    (error,) = api.send("GET", "/customers?limit=0", **chinese).json()["errors"]
    assert (error["location"], error["pointer"], error["detail"]) == ("query", "limit", "必须不小于 1")


def test_every_sentence_can_be_said():
    figures = {
        "min_length": 1, "max_length": 2, "pattern": "x", "gt": 1, "ge": 1, "lt": 1, "le": 1, "expected": "a",
    }  # fmt: skip
    assert all(say(figures) for say in _SENTENCES.values())
