"""One record judged in Python: unknown values, case, zones, and why."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from troth.kit.conditions import catalogue, evaluating
from troth.kit.conditions.errors import RecordIncompleteError
from troth.kit.conditions.fields import Field, ValueType
from troth.kit.conditions.reading import read

from .subjects import AS_OF, BASKET, baskets, declared


def holds(field: str, operator: str, value: Any, actual: Any) -> bool:
    raw = {"field": field, "operator": operator}
    tree = read(raw if value is None else {**raw, "value": value}, baskets())
    return evaluating.holds(tree, {field: actual}, baskets(), AS_OF)


def test_a_comparison_with_an_unknown_value_is_false_and_its_negation_true():
    assert not holds("basket.total", "at_least", "0", None)
    assert not holds("basket.total", "less_than", "0", None)
    assert holds("basket.total", "not_equals", "0", None)
    assert holds("basket.note", "not_contains", "x", "")
    assert holds("basket.note", "is_empty", None, "")
    assert not holds("basket.is_gift", "is_false", None, None)
    assert holds("basket.brands", "has_none_of", ["Acme"], [])


def test_text_ignores_the_case_of_ascii_letters_only():
    assert holds("basket.note", "is", "NEW YORK", "new york")
    assert not holds("basket.note", "is", "ÅLESUND", "ålesund")
    assert holds("basket.note", "starts_with", "åLE", "åle")
    assert holds("basket.brands", "has_any_of", ["ACME"], ["acme"])


def test_choices_are_told_apart_by_case():
    assert holds("basket.size", "any_of", ["S"], "S")
    assert not holds("basket.size", "any_of", ["S"], "s")


def test_moments_are_compared_by_days_in_the_zone():
    before_midnight = datetime(2026, 2, 28, 15, 59, 59, tzinfo=UTC)  # still 28 February in Shanghai
    assert not holds("basket.at", "in_last_days", 1, before_midnight)
    assert holds("basket.at", "in_last_days", 2, before_midnight)
    assert holds("basket.at", "on", "2026-02-28", before_midnight)
    assert holds("basket.at", "in_last_days", 1, datetime(2026, 2, 28, 16, tzinfo=UTC))


def test_in_the_last_days_and_days_ago_leave_no_gap():
    edge = date(2026, 1, 30)  # 30 days before 1 March
    assert not holds("basket.day", "in_last_days", 30, edge)
    assert holds("basket.day", "at_least_days_ago", 30, edge)
    assert holds("basket.day", "in_last_days", 30, date(2026, 1, 31))


def test_a_stored_float_is_compared_as_a_float():
    assert holds("basket.weight", "equals", "0.1", 0.1)
    assert holds("basket.weight", "equals", "0.1", Decimal("0.1"))


def test_the_verdict_shows_what_decided():
    tree = read(
        {"all": [{"field": "basket.lines", "operator": "at_least", "value": 3, "with": {"days": 90}},
                 {"not": {"field": "basket.is_gift", "operator": "is_true"}}]},
        baskets(),
    )  # fmt: skip
    verdict = evaluating.judge(tree, {'basket.lines{"days": 90}': 2, "basket.is_gift": None}, baskets(), AS_OF)
    assert verdict.holds is False
    assert [(part.holds, part.value) for part in verdict.parts] == [(False, 2), (True, None)]


def test_a_record_that_lacks_a_field_is_an_error_not_an_unknown():
    tree = read({"field": "basket.lines", "operator": "at_least", "value": 3}, baskets())
    with pytest.raises(RecordIncompleteError):
        evaluating.holds(tree, {}, baskets(), AS_OF)


def test_modules_register_and_provide_fields():
    with declared(catalogue.Subject("crate", "Crate")):
        catalogue.register("crate", Field("crate.a", ValueType.TEXT, "A", BASKET))
        catalogue.provide("crate", lambda: [Field("crate.b", ValueType.TEXT, "B", BASKET)])
        assert [field.code for field in catalogue.catalogue("crate")] == ["crate.a", "crate.b"]
        with pytest.raises(ValueError, match="registered twice"):
            catalogue.register("crate", Field("crate.a", ValueType.TEXT, "A", BASKET))
        with pytest.raises(ValueError, match=r"not group\.name"):
            catalogue.register("crate", Field("a", ValueType.TEXT, "A", BASKET))
    with pytest.raises(LookupError, match="not declared"):
        catalogue.catalogue("crate")
