"""JSON to trees and back; refusals name the place and the way out."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.kit.conditions.errors import ConditionInvalidError
from troth.kit.conditions.reading import MAX_NODES, read
from troth.kit.conditions.tree import EVERYBODY, AllOf, AnyOf, Comparison, Not, to_json

from .subjects import baskets


def leaf(field: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    found = {"field": field, "operator": operator, **more}
    return found if value is None else {**found, "value": value}


def problems(raw: Any) -> list[tuple[str, str]]:
    with pytest.raises(ConditionInvalidError) as refused:
        read(raw, baskets())
    return [(one.path, one.code) for one in refused.value.problems]


def test_a_tree_is_read_and_written_back_the_same():
    raw = {
        "all": [
            leaf("basket.total", "at_least", "12.5"),
            {"any": [leaf("basket.brands", "has_all_of", ["Acme", "Ünder"]), leaf("basket.is_gift", "is_true")]},
            {"not": leaf("basket.lines", "between", [1, 3], **{"with": {"days": 90}})},
        ]
    }
    tree = read(raw, baskets())
    assert tree == AllOf(
        (
            Comparison("basket.total", "at_least", Decimal("12.5")),
            AnyOf(
                (Comparison("basket.brands", "has_all_of", ("Acme", "Ünder")), Comparison("basket.is_gift", "is_true"))
            ),
            Not(Comparison("basket.lines", "between", (1, 3), {"days": 90})),
        )
    )
    assert to_json(tree) == raw


def test_everybody_is_the_empty_all_and_only_at_the_root():
    assert read({"all": []}, baskets()) == EVERYBODY
    assert problems({"any": []}) == [("any", "empty_group")]
    assert problems({"all": [{"all": []}]}) == [("all[0].all", "empty_group")]


def test_every_problem_is_named_with_its_place():
    raw = {
        "all": [
            leaf("basket.colour", "is", "red"),
            leaf("basket.total", "contains", "1"),
            {"not": leaf("basket.size", "any_of", ["XL"])},
            {"any": [leaf("basket.day", "on", "1.3.2026"), leaf("basket.lines", "equals", "2.5")]},
            leaf("basket.lines", "equals", 1, **{"with": {"days": 0, "colour": 1}}),
            {"some": []},
        ]
    }
    assert problems(raw) == [
        ("all[0].field", "unknown_field"),
        ("all[1].operator", "unknown_operator"),
        ("all[2].not.value", "wrong_value"),
        ("all[3].any[0].value", "wrong_value"),
        ("all[3].any[1].value", "wrong_value"),
        ("all[4].with.days", "wrong_value"),
        ("all[4].with.colour", "unknown_param"),
        ("all[5]", "not_a_condition"),
    ]


@pytest.mark.parametrize(
    ("raw", "way_out"),
    [
        (leaf("basket.total", "at_least", "a lot"), "“a lot” is not a number; write it like 1234.5"),
        (leaf("basket.total", "at_least", "1.00001"), "more than four decimal places; round it"),
        (leaf("basket.total", "at_least", "NaN"), "too large"),
        (leaf("basket.total", "between", ["5", "1"]), "the first value is above the second; swap them"),
        (leaf("basket.day", "in_last_days", 0), "a number of days from 1 to 36500"),
        (leaf("basket.day", "in_period", "soon"), "choose one of today, yesterday"),
        (leaf("basket.day", "month_any_of", [13]), "a month from 1 to 12"),
        (leaf("basket.note", "is", "  "), "a text that is not empty"),
        (leaf("basket.note", "is", "a\x00b"), "NUL"),
        (leaf("basket.note", "is", "a\ud800b"), "half a character"),
        (leaf("basket.note", "is", "x" * 201), "201 characters; at most 200"),
        (leaf("basket.note", "is_empty", "x"), "takes no value"),
        (leaf("basket.brands", "has_any_of", []), "at least one value"),
        (leaf("basket.brands", "has_any_of", ["x"] * 501), "501 values; at most 500"),
        (leaf("basket.total", "contains", "1"), "use one of: at_least, at_most"),
    ],
)
def test_a_refusal_says_what_would_be_right(raw: Any, way_out: str):
    with pytest.raises(ConditionInvalidError) as refused:
        read(raw, baskets())
    assert way_out in str(refused.value)


def test_trees_that_are_too_deep_or_too_large_are_refused():
    deep: dict[str, Any] = leaf("basket.is_gift", "is_true")
    for _ in range(8):
        deep = {"not": deep}
    assert [code for _path, code in problems(deep)] == ["too_deep"]
    wide = {"all": [leaf("basket.is_gift", "is_true")] * MAX_NODES}
    assert [code for _path, code in problems(wide)] == ["too_many"]


def test_a_choice_that_went_is_no_error_in_what_is_stored():
    raw = leaf("basket.size", "any_of", ["XL"])
    assert problems(raw) == [("value", "wrong_value")]
    assert read(raw, baskets(), is_stored=True) == Comparison("basket.size", "any_of", ("XL",))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["all", "any", "not", "field", "operator", "value", "with", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@pytest.mark.slow
@given(json_values)
def test_whatever_comes_is_read_or_refused_with_a_reason(raw: Any):
    tree: Any = None
    reasons: Any = ()
    try:
        tree = read(raw, baskets())
    except ConditionInvalidError as refused:
        reasons = refused.problems
    assert reasons or read(to_json(tree), baskets()) == tree
