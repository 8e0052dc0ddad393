"""Writes the data as files such as a company would have: customers as CSV, order lines as Parquet."""

from __future__ import annotations

import csv
from dataclasses import asdict, fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from troth.demo import source
from troth.demo.people import MadeUpPerson, make_up
from troth.value.later import duckdb

DEMOGRAPHICS = (
    "age", "income", "home_ownership", "marital_status", "household_size", "household_comp", "kids_count",
)  # fmt: skip

TABLES = (
    "transactions", "products", "demographics", "campaigns", "campaign_descriptions", "coupon_redemptions",
)  # fmt: skip
LAST_ORDER = "select max(transaction_timestamp at time zone 'UTC') at time zone ? from transactions"

DEMOGRAPHICS_OF_BUYERS = """
    select
        household_id, age, income, home_ownership, marital_status, household_size, household_comp, kids_count
    from (select distinct household_id from transactions) left join demographics using (household_id)
    order by household_id
"""

CAMPAIGNS = """
    select
        household_id, cast(campaign_id as varchar), campaign_type,
        cast(start_date as date), cast(end_date as date)
    from campaigns join campaign_descriptions using (campaign_id)
    order by start_date, campaign_id, household_id
"""

REDEMPTIONS = """
    with baskets as (
        select
            household_id,
            min(transaction_timestamp) as moment,
            sum(coupon_disc) > 0 as has_coupon,
            cast(min(transaction_timestamp at time zone 'UTC') at time zone ? as date) as day
        from transactions group by household_id, basket_id
    ),
    numbered as (select *, row_number() over () as number from coupon_redemptions)
    select
        numbered.household_id,
        cast(any_value(coupon_upc) as varchar),
        cast(any_value(campaign_id) as varchar),
        coalesce(min(moment) filter (has_coupon), min(moment)) as redeemed_at
    from numbered
    join baskets on baskets.household_id = numbered.household_id and day = cast(redemption_date as date)
    group by number, numbered.household_id
    order by redeemed_at, number
"""

TILL_COUPONS = """
    with baskets as (
        select
            household_id,
            basket_id,
            min(transaction_timestamp) as moment,
            cast(sum(coupon_disc) as decimal(12, 2)) as taken_off,
            cast(min(transaction_timestamp at time zone 'UTC') at time zone ? as date) as day
        from transactions group by household_id, basket_id having sum(coupon_disc) > 0
    )
    select household_id, cast(basket_id as varchar), taken_off, moment
    from baskets
    anti join (select household_id, cast(redemption_date as date) as day from coupon_redemptions) as told
        using (household_id, day)
    order by moment, basket_id
"""

LINES = """
    select
        cast(basket_id as varchar) as order_id,
        cast(household_id as varchar) as customer_id,
        cast(store_id as varchar) as store,
        transaction_timestamp at time zone 'UTC' as ordered_at,
        'store' as channel,
        cast(product_id as varchar) as sku,
        trim(concat(capitalised(product_type), ' ', coalesce(package_size, ''))) as product_name,
        concat_ws(' › ', capitalised(department), capitalised(product_category)) as category,
        brand,
        cast(case
            when quantity = 0 and cents(sales_value) > 0 then 1
            when product_type like 'GASOLINE%' and quantity > 1 then quantity / 1000
            else quantity
        end as decimal(14, 3)) as quantity,
        cents(sales_value) as net_amount,
        cents(retail_disc + coupon_match_disc) as discount_amount
    from transactions left join products using (product_id)
    order by transaction_timestamp, basket_id, product_id
"""


def write_orders(path: Path) -> None:
    """Write every line of every basket as Parquet, oldest basket first.

    Raises:
        DemoDataMissingError: the package with the data is not installed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    with _data() as data:
        data.execute("create macro cents(amount) as cast(amount as decimal(12, 2))")
        data.execute("create macro capitalised(words) as upper(words[1]) || lower(words[2:])")
        data.sql(LINES).write_parquet(str(draft))
    draft.rename(path)  # a file that is there is whole


def write_customers(path: Path, language: str) -> None:
    """Write one made-up person per household with the data's demographics, as CSV in UTF-8.

    Raises:
        DemoDataMissingError: the package with the data is not installed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    facts = demographics()
    people = make_up({household: row["age"] for household, row in facts.items()}, language)
    draft = path.with_suffix(".draft")
    with draft.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=[field.name for field in fields(MadeUpPerson)] + list(DEMOGRAPHICS))
        writer.writeheader()
        for person in people:
            writer.writerow(asdict(person) | facts[int(person.customer_id)])
    draft.rename(path)


def day_after_last_order() -> date:
    """Return the day that counts as today in the demo, by the shops' calendar.

    Raises:
        DemoDataMissingError: the package with the data is not installed.
    """
    with _data() as data:
        moments = data.execute(LAST_ORDER, [source.ZONE])
        last: datetime = moments.fetchall()[0][0]
    return last.date() + timedelta(days=1)


def stores() -> list[str]:
    """Return the numbers of the chain's stores, smallest first.

    Raises:
        DemoDataMissingError: the package with the data is not installed.
    """
    with _data() as data:
        return [
            str(number) for (number,) in data.sql("select distinct store_id from transactions order by 1").fetchall()
        ]


def demographics() -> dict[int, dict[str, str | None]]:
    """Return every household that buys with what is known of it: 801 of 2,469 answered.

    Raises:
        DemoDataMissingError: the package with the data is not installed.
    """
    with _data() as data:
        rows = data.sql(DEMOGRAPHICS_OF_BUYERS).fetchall()
    return {household: dict(zip(DEMOGRAPHICS, answers, strict=True)) for household, *answers in rows}


def campaigns() -> list[tuple[int, str, str, date, date]]:
    """Return household, campaign, its type, first and last day, for every campaign that a household was sent.

    Raises:
        DemoDataMissingError: the package with the data is not installed.
    """
    with _data() as data:
        return data.sql(CAMPAIGNS).fetchall()


def redemptions() -> list[tuple[int, str, str, datetime]]:
    """Return household, coupon, campaign and the moment in UTC of every coupon redeemed.

    The data give the day; the moment is that of the first basket of that day with a coupon, else the first.

    Raises:
        DemoDataMissingError: the package with the data is not installed.
    """
    with _data() as data:
        rows = data.execute(REDEMPTIONS, [source.ZONE]).fetchall()
    return [(household, coupon, campaign, moment.replace(tzinfo=UTC)) for household, coupon, campaign, moment in rows]


def till_coupons() -> list[tuple[int, str, Decimal, datetime]]:
    """Return household, basket, money taken off and moment in UTC of every basket with coupons of no campaign.

    Those are the manufacturers' own, from papers and packages; on days with a coupon of a campaign the data do not tell
    the two apart, and nothing more is counted.

    Raises:
        DemoDataMissingError: the package with the data is not installed.
    """
    with _data() as data:
        rows = data.execute(TILL_COUPONS, [source.ZONE]).fetchall()
    return [(household, basket, amount, moment.replace(tzinfo=UTC)) for household, basket, amount, moment in rows]


def _data() -> duckdb.DuckDBPyConnection:
    """Open the data's tables as views of a database in memory."""
    folder = source.folder()
    data = duckdb.connect(config={"threads": 2, "memory_limit": "1GB"})
    for name in TABLES:
        data.read_parquet(str(folder / f"{name}.parquet")).create_view(name)
    return data
