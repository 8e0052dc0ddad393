"""Real files come in, the analysis runs, somebody opens one household's page: every figure is the files' own.

The expected figures come from plain SQL over the data package's Parquet files: no code of ours is in them.
"""

import html
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest
from django.urls import reverse

from troth.access.actors import system_actor
from troth.access.permissions import Role
from troth.activity.models import Order, OrderLine
from troth.customers import queries as customers
from troth.demo import company, files, loading, source
from troth.imports import services as imports
from troth.imports.targets import Shape
from troth.insights import queries as insights
from troth.insights import services as insight_services
from troth.staff import accounts

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec(source.PACKAGE) is None, reason=f"needs pip install {source.REQUIREMENT}"),
]

ACTOR = system_actor("scenario")
NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
HOUSEHOLD = 718  # one that buys often: 353 baskets in the year
HOUSEHOLDS = 60  # it and its neighbours by number: enough to rank among
TODAY = date(2018, 1, 1)

FIGURES = """
    with baskets as (
        select
            basket_id,
            min(transaction_timestamp at time zone 'UTC') at time zone 'America/New_York' as bought_at,
            cast(bought_at as date) as day,
            sum(cast(sales_value as decimal(12, 2))) as net,
            sum(cast(sales_value + retail_disc + coupon_match_disc as decimal(12, 2))) as full_price,
            count(*) as lines
        from transactions where household_id = ? group by basket_id
    )
    select
        count(*), sum(lines), count(distinct day), min(day), max(day), sum(net), sum(full_price),
        sum(net) filter (day > date '2017-01-01')
    from baskets
"""


@dataclass(frozen=True)
class Expected:
    """What the files say of the household."""

    orders: int
    lines: int
    purchases: int
    first_purchase_date: date
    last_purchase_date: date
    revenue: Decimal
    full_price: Decimal
    window_revenue: Decimal


@pytest.fixture(scope="module")
def expected() -> Expected:
    with duckdb.connect() as data:
        data.read_parquet(str(source.folder() / "transactions.parquet")).create_view("transactions")
        row = data.execute(FIGURES, [HOUSEHOLD]).fetchone()
    assert row is not None
    return Expected(*row)


@pytest.fixture(scope="module")
def order_lines(tmp_path_factory) -> Path:
    """The file of order lines as the demo writes it, cut down."""
    folder: Path = tmp_path_factory.mktemp("lines")
    files.write_orders(folder / "all.parquet")
    some = duckdb.read_parquet(str(folder / "all.parquet")).filter(
        f"cast(customer_id as integer) between {HOUSEHOLD} and {HOUSEHOLD + HOUSEHOLDS - 1}"
    )
    some.write_parquet(str(folder / "orders.parquet"))
    return folder / "orders.parquet"


def take_in(path: Path, shape: Shape):
    """Import a file as the demo does, here and now."""
    run = imports.import_file(
        path,
        shape=shape,
        actor=ACTOR,
        now=NOW,
        source=source.NAME,
        mapping={code: number for number, code in enumerate(loading.COLUMNS[shape])},
        is_made_up=shape == Shape.CUSTOMERS,
    )
    imports.work_off(run)
    assert run.report["refused_rows"] == 0, run.report
    return run


def text_of(page: bytes) -> str:
    """Return what a reader sees of a page."""
    plain = re.sub(r"<(script|style|template)\b.*?</\1>|<[^>]+>", " ", page.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(plain))


@pytest.mark.usefixtures("racing_database", "folders")
def test_a_households_page_shows_the_figures_of_the_files(folders, order_lines, expected, client):
    company.set_up(actor=ACTOR, now=NOW, language="en", as_of=TODAY)
    files.write_customers(folders / "customers.csv", "en")
    people = take_in(folders / "customers.csv", Shape.CUSTOMERS)
    orders = take_in(order_lines, Shape.LINES)
    assert people.report["done"]["customers_created"] == 2469
    assert orders.report["rows"] == OrderLine.objects.count()

    insight_services.analyse(actor=ACTOR, now=NOW)

    customer = customers.customer_by_identity("external", str(HOUSEHOLD), source=source.NAME)
    assert customer is not None
    assert customer.is_made_up
    assert Order.objects.filter(owner_id=customer.id).count() == expected.orders
    assert OrderLine.objects.filter(owner_id=customer.id).count() == expected.lines

    score = insights.score(customer.id)
    silence = (TODAY - expected.last_purchase_date).days
    assert score.orders == expected.orders
    assert score.purchases == expected.purchases
    assert score.frequency == expected.purchases - 1
    assert (score.first_purchase_date, score.last_purchase_date) == (
        expected.first_purchase_date,
        expected.last_purchase_date,
    )
    assert score.days_since_last_purchase == silence
    assert score.revenue == expected.revenue
    assert score.window_revenue == expected.window_revenue
    assert score.discount_share == round((expected.full_price - expected.revenue) / expected.full_price, 4)

    user = accounts.add_user(email="boss@example.com", role=Role.ADMIN, actor=ACTOR, now=NOW)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = text_of(client.get(reverse("customers:customer", args=[customer.id])).content)
    assert customer.name in page
    assert f"${expected.revenue:,.2f}" in page
    assert f"${expected.window_revenue:,.2f} in the last twelve months" in page
    assert f"Orders {expected.orders:,} ${expected.revenue / expected.orders:,.2f} each on average" in page
