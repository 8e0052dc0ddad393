"""A real process, really killed, again and again, until the import is done all the same."""

import json
import random
import time

import pytest

from troth.kit.tests.killing import starter

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ORDERS = 3_000
LINES = 5


def write_file(path):
    """Lines of an order stand far apart; every 100th order has a bad row, every 50th is a return."""
    rows = []
    for number in range(ORDERS * LINES):
        order = number % ORDERS
        line = number // ORDERS
        amount = "oops" if order % 100 == 7 and line == 2 else "-2.50" if order % 50 == 3 else "2.50"
        rows.append(f"A{order},C{order % 200},2024-03-01 10:00,S{line},1,{amount},N{order % 9}\n")
    path.write_text("order id,customer id,date,sku,qty,amount,store\n" + "".join(rows))


def test_an_import_that_is_killed_again_and_again_loses_and_doubles_nothing(tmp_path):
    write_file(tmp_path / "orders.csv")
    chance = random.Random(4711)
    kills = 0
    with starter("troth.imports.tests.killable", tmp_path, str(tmp_path / "orders.csv")) as start:
        start("begin").finish()
        for _attempt in range(7):
            process = start("work")
            time.sleep(chance.uniform(0.05, 1.2))
            if not process.kill():
                break
            kills += 1
        start("work").finish()
        found = json.loads(start("look").finish())

    refused = [order for order in range(ORDERS) if order % 100 == 7]
    returned = [order for order in range(ORDERS) if order % 50 == 3]
    orders = ORDERS - len(refused) - len(returned)
    # Customers 7 and 107 have refused orders only, and those add nobody.
    assert kills >= 2
    assert found["orders"] == found["order_events"] == orders
    assert (found["lines"], found["repeated_lines"]) == (orders * LINES, 0)
    assert found["net"] == f"{orders * LINES * 5 // 2}.0000"
    assert (found["returns"], found["keys"]) == (len(returned), orders + len(returned))
    assert (found["customers"], found["stores"]) == (198, 9)
    assert found["finished_events"] == 1
    report = found["report"]
    assert (report["rows"], report["refused_rows"]) == (ORDERS * LINES, len(refused) * LINES)
    assert report["done"] == {
        "orders_created": orders,
        "lines_created": orders * LINES,
        "returns_created": len(returned),
        "customers_created": 198,
        "stores_created": 9,
    }
    assert report["refused"] == {"not_a_number": len(refused), "order_has_refused_row": len(refused) * (LINES - 1)}
    listed = [int(row.split(",")[0]) for row in found["refused"][1:]]
    assert listed == sorted(2 + order + line * ORDERS for order in refused for line in range(LINES))
