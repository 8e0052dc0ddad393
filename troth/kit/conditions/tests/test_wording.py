"""Conditions in words, in both languages."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from troth.kit.conditions.evaluating import Verdict
from troth.kit.conditions.reading import read
from troth.kit.conditions.tree import AllOf, Not
from troth.kit.conditions.wording import Words, change

from .subjects import baskets

TREE: dict[str, Any] = {
    "all": [
        {"field": "basket.total", "operator": "at_least", "value": "1500.50"},
        {"any": [
            {"field": "basket.lines", "operator": "between", "value": [1, 3], "with": {"days": 90}},
            {"field": "basket.brands", "operator": "has_all_of", "value": ["Acme", "Bolt"]},
        ]},
        {"not": {"any": [{"field": "basket.day", "operator": "in_period", "value": "last_month"},
                         {"field": "basket.size", "operator": "any_of", "value": ["S", "L"]}]}},
    ]
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (
            "en",
            "Total is at least ¥1,500.50, and (Lines (in the last 90 days) is between 1 and 3, or Brands include all of"
            " “Acme” and “Bolt”), and not (Day falls last month, or Size is one of Small or Large)",
        ),
        (
            "zh-hans",
            "Total不少于 ¥1,500.50，并且（Lines（最近 90 天）介于 1 和 3 之间，或者Brands同时包含“Acme”和“Bolt”），"
            "并且不满足（Day在上月，或者Size是Small或Large）",
        ),
    ],
)
def test_the_sentence(language: str, sentence: str):
    with translation.override(language):
        words = Words(baskets(), "CNY")
        assert words.sentence(read(TREE, baskets())) == sentence
        assert words.sentence(read({"all": []}, baskets())) == ("everybody" if language == "en" else "所有客户")


def test_the_outline_has_a_line_for_each_comparison():
    with translation.override("en"):
        lines = Words(baskets(), "EUR").outline(read(TREE, baskets()))
    assert [(line.depth, line.text) for line in lines] == [
        (0, "all of:"),
        (1, "Total is at least €1,500.50"),
        (1, "any of:"),
        (2, "Lines (in the last 90 days) is between 1 and 3"),
        (2, "Brands include all of “Acme” and “Bolt”"),
        (1, "none of:"),
        (2, "Day falls last month"),
        (2, "Size is one of Small or Large"),
    ]


def test_long_lists_are_cut_and_counted():
    raw = {"field": "basket.brands", "operator": "has_any_of", "value": [f"b{n}" for n in range(9)]}
    with translation.override("en"):
        text = Words(baskets(), "").sentence(read(raw, baskets()))
    assert text == "Brands include any of “b0”, “b1”, “b2”, “b3”, “b4”, “b5” or 3 more"


def test_what_changed_between_two():
    def of(*parts: Any, word: str = "all") -> Any:
        return read({word: list(parts)}, baskets())

    total = {"field": "basket.total", "operator": "at_least", "value": "5"}
    gift = {"field": "basket.is_gift", "operator": "is_true"}
    known = {"field": "basket.note", "operator": "is_not_empty"}
    with translation.override("en"):
        words = Words(baskets(), "USD")
        different = change(of(total, gift), of(gift, known), words)
        assert (different.added, different.removed) == (("Note is known",), ("Total is at least $5",))
        assert change(of(total, gift), of(total, gift, word="any"), words).is_regrouped
        assert change(of(total), of(total), words).is_nothing


def test_an_explanation_answers_for_every_line():
    tree = read({"all": [TREE["all"][0], TREE["all"][2]]}, baskets())
    assert isinstance(tree, AllOf)
    total, none_of = tree.parts
    assert isinstance(none_of, Not)
    inner = none_of.part
    parts = (Verdict(inner.parts[0], holds=False), Verdict(inner.parts[1], holds=True, value="S"))
    verdict = Verdict(
        tree,
        holds=False,
        parts=(
            Verdict(total, holds=True, value=Decimal("2000.0000")),
            Verdict(none_of, holds=False, parts=(Verdict(inner, holds=True, parts=parts),)),
        ),
    )
    with translation.override("en"):
        lines = Words(baskets(), "CNY").explanation(verdict, tells_personal=True)
    assert [(line.depth, line.text, line.holds, line.found) for line in lines] == [
        (0, "all of:", False, ""),
        (1, "Total is at least ¥1,500.50", True, "¥2,000"),
        (1, "none of:", False, ""),
        (2, "Day falls last month", False, "unknown"),
        (2, "Size is one of Small or Large", True, "Small"),
    ]
