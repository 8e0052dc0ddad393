"""The evaluator and the compiled query agree on every tree and every customer, on each database."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from troth.customers.models import Customer
from troth.kit.conditions import compiling, evaluating
from troth.kit.conditions.catalogue import Catalogue, catalogue
from troth.kit.conditions.days import PERIODS
from troth.kit.conditions.fields import Field, ParamKind, ValueType, choices_of
from troth.kit.conditions.operators import Operator, Shape, operators_of
from troth.kit.conditions.reading import read
from troth.kit.conditions.tree import AllOf, comparisons, to_json

from .population import AS_OF, CATEGORIES, CITIES, TODAY, Population, value_of

pytestmark = pytest.mark.django_db

TEXTS = [text for text in {*CITIES, *CATEGORIES, "a", "acme", "WEB", "en", "å", "%", "_", "'", "ew Yo"} if text]
GROUPS = {"customer", "address", "contact", "attribute", "orders", "goods", "visits"}
"""The fields whose values `population` knows; other modules test theirs."""
DAYS = st.dates(TODAY.replace(year=2024), TODAY.replace(year=2027))


def scalars(field: Field) -> st.SearchStrategy[Any]:
    match field.type:
        case ValueType.TEXT | ValueType.TEXT_SET:
            return st.sampled_from(TEXTS)
        case ValueType.COUNT:
            return st.integers(-2, 60)
        case ValueType.NUMBER | ValueType.MONEY:
            return st.sampled_from(["0", "-5", "10.5", "99.9999", "110.4999", "36", "38.5", "0.25", "21", "5"])
        case ValueType.DATE | ValueType.MOMENT:
            return DAYS.map(lambda day: day.isoformat())
        case _:
            codes = [choice.code for choice in choices_of(field.choices)]
            return st.sampled_from(codes) if codes else st.nothing()


def operands(field: Field, operator: Operator) -> st.SearchStrategy[Any]:
    one = scalars(field) if operator.shape in (Shape.ONE, Shape.MANY, Shape.RANGE) else st.none()
    match operator.shape:
        case Shape.MANY:
            return st.lists(one, min_size=1, max_size=3)
        case Shape.RANGE:
            key = (lambda text: text) if field.type in (ValueType.DATE, ValueType.MOMENT) else float
            return st.tuples(one, one).map(lambda pair: sorted(pair, key=key))
        case Shape.DAYS:
            return st.sampled_from([1, 2, 7, 30, 31, 90, 364, 365, 366, 36_500])
        case Shape.PERIOD:
            return st.sampled_from(sorted(PERIODS))
        case Shape.MONTHS:
            return st.lists(st.integers(1, 12), min_size=1, max_size=3)
        case _:
            return one


@st.composite
def leaves(draw: Any, fields: Catalogue) -> dict[str, Any]:
    usable = [one for one in fields if one.group.code in GROUPS and one.code != "customer.staff_owner"]
    field = draw(st.sampled_from(usable))
    operator = draw(st.sampled_from(operators_of(field)))
    leaf = {"field": field.code, "operator": operator.code}
    if operator.shape is not Shape.NONE:
        leaf["value"] = draw(operands(field, operator))
    if field.params and draw(st.booleans()):
        param = draw(st.sampled_from(field.params))
        many: Any = st.sampled_from(
            TEXTS if param.kind is ParamKind.TEXTS else [one.code for one in choices_of(param.choices)]
        )
        leaf["with"] = {
            param.code: draw(
                st.sampled_from([1, 7, 30, 90])
                if param.kind is ParamKind.DAYS
                else st.lists(many, min_size=1, max_size=2)
            )
        }
    return leaf


def trees(fields: Catalogue) -> st.SearchStrategy[dict[str, Any]]:
    def groups(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        parts = st.lists(inner, min_size=1, max_size=3)
        return st.one_of(
            parts.map(lambda found: {"all": found}),
            parts.map(lambda found: {"any": found}),
            inner.map(lambda found: {"not": found}),
        )

    return st.recursive(leaves(fields), groups, max_leaves=6)


@pytest.fixture(params=[1, 2])
def population(request: pytest.FixtureRequest, db: None) -> Population:
    return Population(request.param)


@pytest.mark.slow
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_evaluator_and_the_query_agree(population: Population, data: st.DataObject) -> None:
    fields = catalogue("customer")
    raw = data.draw(trees(fields))
    condition = read(raw, fields)
    assert read(to_json(condition), fields) == condition

    expected = set()
    for person in population.people:
        record = {one.operand: value_of(person, one) for one in comparisons(condition)}
        if evaluating.holds(condition, record, fields, AS_OF):
            expected.add(person.row.id)

    found = Customer.objects.filter(id__in=compiling.members(condition, fields, AS_OF).ids())
    assert set(found.values_list("id", flat=True)) == expected


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_loaded_records_hold_what_the_facts_say(population: Population, data: st.DataObject) -> None:
    fields = catalogue("customer")
    wanted = list(comparisons(read({"all": data.draw(st.lists(leaves(fields), min_size=1, max_size=5))}, fields)))
    loaded = compiling.load(wanted, fields, AS_OF)
    assert loaded == {
        person.row.id: {one.operand: value_of(person, one) for one in wanted} for person in population.people
    }


@pytest.mark.slow
def test_everybody_is_every_canonical_record(population: Population) -> None:
    found = Customer.objects.filter(id__in=compiling.members(AllOf(()), catalogue("customer"), AS_OF).ids())
    assert set(found.values_list("id", flat=True)) == {person.row.id for person in population.people}


def test_conditions_on_the_same_rows_read_them_once(db: None) -> None:
    fields = catalogue("customer")
    parts = [
        {"field": "orders.count", "operator": "at_least", "value": 2},
        {"field": "orders.count", "operator": "at_least", "value": 1, "with": {"days": 30}},
        {"field": "orders.average", "operator": "more_than", "value": "10"},
        {"field": "orders.spend", "operator": "more_than", "value": "10"},
        {"not": {"field": "orders.channels", "operator": "has_all_of", "value": ["web", "store"]}},
    ]
    sql = compiling.members(read({"any": parts}, fields), fields, AS_OF).sql
    assert sql.count('FROM "activity_order"') == 1
    assert sql.count('FROM "activity_return"') == 1
    assert sql.count("activity_orderline") == 0


def test_lines_are_filtered_by_other_tables_before_they_are_counted(db: None) -> None:
    """Not while: the rows of the other table would be kept in memory for each condition."""
    fields = catalogue("customer")
    parts = [
        {"field": "goods.categories", "operator": "has_any_of", "value": ["tea"]},
        {"field": "goods.brands", "operator": "has_any_of", "value": ["acme"]},
        {"field": "goods.brands", "operator": "has_any_of", "value": ["acme"], "with": {"days": 30}},
    ]
    sql = compiling.members(read({"any": parts}, fields), fields, AS_OF).sql
    assert sql.count('FROM "activity_orderline"') == 2
    assert 'FILTER (WHERE ("activity_orderline"."order_id" IN' not in sql
