"""JSON as text: quick where it can be, and right where it cannot."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import pytest

from troth.kit.json_text import json_text, sorted_json


class Kind(StrEnum):
    FIXED = "fixed"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [True, None, "会员"]}, '{"b":1,"a":[true,null,"会员"]}'),
        ((1, 2), "[1,2]"),
        ({"kind": Kind.FIXED}, '{"kind":"fixed"}'),
        ([UUID(int=1)], '["00000000-0000-0000-0000-000000000001"]'),
        ([datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)], '["2026-01-02T03:04:05Z"]'),
        ([datetime(2026, 1, 2, 3, 4, 5, 600, tzinfo=UTC)], '["2026-01-02T03:04:05.000600Z"]'),
        # what the quick encoder refuses
        ({1: "a"}, '{"1":"a"}'),
        ([Decimal("1.10")], '["1.10"]'),
        ([2**64, Kind.FIXED], '[18446744073709551616,"fixed"]'),
    ],
)
def test_plain_values(value, text):
    assert json_text(value) == text
    json.loads(text)


@pytest.mark.parametrize("value", [{"b": {"d": 1, "c": 2}, "a": 1.5}, {"b": 2**64, "a": {"d": 0, "c": "x"}}])
def test_the_order_of_keys_does_not_matter(value):
    turned = json.loads(json.dumps(value, sort_keys=True))
    assert list(turned) != list(value)
    assert sorted_json(turned) == sorted_json(value)


def test_half_a_pair_of_surrogates_has_a_text_of_its_own():
    broken = json.loads('{"name": "\\ud800"}')
    assert sorted_json(broken) != sorted_json({"name": "\\ud800"})
    assert sorted_json(broken) == b'{"name":"\\ud800"}'
