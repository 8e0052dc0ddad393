"""Whoever keeps the birthday by the lunar calendar is found where it comes round, which moves every year."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from troth.customers.models import Customer
from troth.kit.conditions import compiling, evaluating
from troth.kit.conditions.catalogue import catalogue
from troth.kit.conditions.checks import LunarDay
from troth.kit.conditions.reading import read
from troth.kit.conditions.tree import comparisons
from troth.kit.ids import new_id

from .population import AS_OF, NOW

pytestmark = pytest.mark.django_db
MID_AUTUMN = date(1988, 9, 25)  # 15th of the eighth month, which is 25 September in 2026 and 15 September in 2027


@pytest.fixture
def people(db: None) -> dict[str, Any]:
    def make(birth_date: date | None, *, is_lunar: bool) -> Any:
        row = Customer(id=new_id(), created_at=NOW, updated_at=NOW, birth_date=birth_date, is_lunar_birthday=is_lunar)
        row.save(force_insert=True)
        return row.id

    return {
        "moon": make(MID_AUTUMN, is_lunar=True),
        "sun": make(MID_AUTUMN, is_lunar=False),
        "leap": make(date(2025, 8, 3), is_lunar=True),  # tenth of the leap sixth month
        "unknown": make(None, is_lunar=True),
    }


def found(people: dict[str, Any], operator: str, value: Any = None, *, today: date) -> set[str]:
    """Return who matches, by the query and by the evaluator, which must agree."""
    fields, as_of = catalogue("customer"), replace(AS_OF, today=today)
    leaf = {"field": "customer.birthday", "operator": operator} | ({} if value is None else {"value": value})
    condition = read({"all": [leaf]}, fields)
    ids = set(compiling_ids(condition, as_of))
    loaded = compiling.load(list(comparisons(condition)), fields, as_of)
    assert {one for one, record in loaded.items() if evaluating.holds(condition, record, fields, as_of)} == ids
    return {name for name, customer_id in people.items() if customer_id in ids}


def compiling_ids(condition: Any, as_of: Any) -> Any:
    members = compiling.members(condition, catalogue("customer"), as_of)
    return Customer.objects.filter(id__in=members.ids()).values_list("id", flat=True)


@pytest.mark.parametrize(
    ("operator", "value", "today", "names"),
    [
        ("anniversary_in_period", "today", date(2026, 9, 25), {"moon", "sun"}),
        ("anniversary_in_period", "today", date(2027, 9, 15), {"moon"}),
        ("anniversary_in_period", "today", date(2027, 9, 25), {"sun"}),
        ("anniversary_in_period", "this_month", date(2025, 10, 1), {"moon"}),
        ("anniversary_in_period", "next_month", date(2026, 6, 30), {"leap"}),  # sixth month, tenth day: 23 July
        ("anniversary_in_next_days", 7, date(2027, 9, 9), {"moon"}),
        ("anniversary_in_next_days", 6, date(2027, 9, 9), set()),
        ("anniversary_in_next_days", 400, date(2027, 9, 9), {"moon", "sun", "leap"}),
        ("month_any_of", [10], date(2025, 3, 1), {"moon"}),
        ("month_any_of", [9], date(2025, 3, 1), {"sun"}),
        ("before", "1990-01-01", date(2026, 1, 1), {"moon", "sun"}),
        ("on", "1988-09-25", date(2026, 1, 1), {"moon", "sun"}),
        ("is_empty", None, date(2026, 1, 1), {"unknown"}),
    ],
)
def test_who_is_found_by_the_birthday(people, operator, value, today, names):
    assert found(people, operator, value, today=today) == names


def test_the_day_says_by_which_calendar_it_is_kept(people):
    fields = catalogue("customer")
    condition = read({"all": [{"field": "customer.birthday", "operator": "is_not_empty"}]}, fields)
    loaded = compiling.load(list(comparisons(condition)), fields, AS_OF)
    kept = {name: loaded[customer_id]["customer.birthday"] for name, customer_id in people.items()}
    assert (kept["moon"], kept["sun"], kept["unknown"]) == (MID_AUTUMN, MID_AUTUMN, None)
    assert [isinstance(kept[name], LunarDay) for name in ("moon", "sun")] == [True, False]
