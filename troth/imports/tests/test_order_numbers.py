"""Tills that begin with 1 every morning: order numbers are unique per store and day only."""

from io import BytesIO

import pytest

from troth.activity.models import Order
from troth.imports import services
from troth.imports.errors import MappingError
from troth.imports.options import OnMissing, OrderNumbers
from troth.imports.targets import Shape

from .conftest import ACTOR, NOW, refused_of

HEAD = "order no,customer no,store,date,amount\n"
PER_DAY = {"order_numbers": OrderNumbers.STORE_DAY, "on_missing": OnMissing.ADD}
ROWS = (
    "1,C1,S1,2024-01-02 09:00,5\n"
    "1,C2,S2,2024-01-02 09:00,6\n"
    "1,C1,S1,2024-01-03 00:30,7\n"  # in Shanghai; in UTC it is still the day before
    "1,C1,S1,2024-01-02 23:59,5\n"
)


def names():
    return sorted(Order.objects.values_list("external_id", flat=True))


@pytest.mark.slow
def test_the_same_number_at_another_store_or_on_another_day_is_another_order(bring):
    run = bring(HEAD + ROWS.rsplit("1,C1", 1)[0], Shape.ORDERS, **PER_DAY)
    assert run.report["refused_rows"] == 0
    assert names() == ["S1/2024-01-02/1", "S1/2024-01-03/1", "S2/2024-01-02/1"]
    again = bring(HEAD + ROWS.rsplit("1,C1", 1)[0], Shape.ORDERS, name="again.csv", **PER_DAY)
    assert again.report["done"]["orders_unchanged"] == 3
    assert Order.objects.count() == 3


@pytest.mark.slow
def test_within_a_store_and_day_a_number_is_one_order(bring):
    run = bring(HEAD + ROWS, Shape.ORDERS, **PER_DAY)
    assert refused_of(run) == {2: ["order_id_twice"], 5: ["order_id_twice"]}
    assert names() == ["S1/2024-01-03/1", "S2/2024-01-02/1"]


@pytest.mark.slow
def test_a_row_without_a_store_or_with_too_long_a_number_is_refused(bring):
    long = "9" * 115
    run = bring(
        HEAD + f"1,C1,,2024-01-02,5\n{long},C1,S1,2024-01-02,5\n3,C1,S1,2024-01-02,5\n", Shape.ORDERS, **PER_DAY
    )
    assert refused_of(run) == {2: ["missing_value"], 3: ["too_long"]}
    assert names() == ["S1/2024-01-02/3"]


def test_a_file_without_a_column_for_the_store_cannot_start(company):
    content = BytesIO(b"order no,customer no,date,amount\n1,C1,2024-01-02,5\n")
    run = services.receive(actor=ACTOR, now=NOW, file_name="a.csv", content=content, shape=Shape.ORDERS, **PER_DAY)
    with pytest.raises(MappingError) as refused:
        services.start(run.id, actor=ACTOR, now=NOW)
    assert refused.value.fields["missing"] == [["store"]]


@pytest.mark.slow
def test_another_file_of_the_same_source_is_read_the_same_way(bring):
    bring(HEAD + ROWS, Shape.ORDERS, source="till", **PER_DAY)
    other = BytesIO(b"bill no,card no,shop,time,paid\n1,C1,S1,2024-01-02,5\n")
    run = services.receive(actor=ACTOR, now=NOW, file_name="b.csv", content=other, shape=Shape.ORDERS, source="till")
    assert run.options["order_numbers"] == "store_day"
    stranger = BytesIO(b"bill no,card no,shop,time,paid\n1,C1,S1,2024-01-02,5\n")
    run = services.receive(actor=ACTOR, now=NOW, file_name="c.csv", content=stranger, shape=Shape.ORDERS, source="web")
    assert run.options["order_numbers"] == "source"
