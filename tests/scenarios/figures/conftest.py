"""The company, entered and analysed once for all tests of this folder."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.test import Client, override_settings

from troth.access.actors import system_actor
from troth.access.models import User
from troth.access.permissions import Role
from troth.activity.models import Order, OrderLine, Return, ServiceCost
from troth.customers.models import AttributeDefinition, Customer, CustomerAttribute
from troth.insights import services
from troth.kit.ids import new_id
from troth.staff.models import Company

from . import book as books
from . import counting
from .book import TODAY, Book
from .counting import Person

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
ACTOR = system_actor("test")
STAMPS = {"recorded_at": NOW, "updated_at": NOW, "fingerprint": "x", "source": "book", "currency": "CNY"}


@pytest.fixture(scope="package")
def book() -> Book:
    return books.make()


@pytest.fixture(scope="package")
def ledger(book: Book) -> Any:
    return counting.ledger(book)


@pytest.fixture(scope="package")
def everybody(ledger: Any) -> list[Person]:
    """All who bought, as counted here."""
    return counting.people(ledger)


@pytest.fixture(scope="package")
def analysed(book: Book, django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[None]:
    """Enter the book and analyse it, in a transaction that is taken back when the tests of this folder are over."""
    folder = tmp_path_factory.mktemp("figures")
    with django_db_blocker.unblock(), override_settings(LAKE_DIR=folder / "lake"), transaction.atomic():
        Company.objects.create(name="Test", currency="CNY", time_zone="Asia/Shanghai", as_of_date=TODAY)
        enter(book)
        services.analyse(actor=ACTOR, now=NOW)
        services.suggest(actor=ACTOR, now=NOW)
        services.foretell_churn(actor=ACTOR, now=NOW)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def read(analysed: None, db: None) -> Callable[..., str]:
    """Return a function that gives a page as an administrator reads it."""
    assert django_settings.LAKE_DIR.name == "lake"
    user = User.objects.create_user("ann@example.org", name="Ann", role=Role.ADMIN, language="en")
    browser = Client()
    browser.force_login(user)

    def opened(path: str, **query: Any) -> str:
        response = browser.get(path, query)
        assert response.status_code == 200, path
        return response.content.decode()

    return opened


def enter(book: Book) -> None:
    """Put a book into the tables."""
    Customer.objects.bulk_create(
        Customer(id=one, name=f"Person {place}", created_at=NOW, updated_at=NOW)
        for place, one in enumerate(book.customers)
    )
    orders = [_order(one) for one in book.orders]
    Order.objects.bulk_create(orders)
    OrderLine.objects.bulk_create(
        line for one, order in zip(book.orders, orders, strict=True) for line in _lines(one, order)
    )
    Return.objects.bulk_create(
        Return(
            **STAMPS, owner_id=one.customer, order_id=orders[one.order].id, external_id=str(new_id()),
            occurred_at=_noon(one.day), return_date=one.day, net_amount=one.net, costed_amount=one.costed,
            cost_amount=one.cost,
        )
        for one in book.returns
    )  # fmt: skip
    ServiceCost.objects.bulk_create(
        ServiceCost(owner_id=one.customer, cost_kind="delivery", amount=one.amount, currency="CNY", cost_date=one.day,
                    recorded_at=NOW)
        for one in book.served
    )  # fmt: skip
    _tell("category_spend", "number", {one: {"number_value": spend} for one, spend in book.yearly_spend.items()})
    _tell("referred_by", "text", {one: {"text_value": str(by)} for one, by in book.brought_by.items()})


def _order(one: books.Ordered) -> Order:
    return Order(
        **STAMPS, id=new_id(), owner_id=one.customer, external_id=str(one.number), occurred_at=_noon(one.day),
        order_date=one.day, net_amount=one.net, full_price_amount=one.full, costed_amount=one.costed,
        cost_amount=one.cost, line_count=len(one.categories),
    )  # fmt: skip


def _lines(one: books.Ordered, order: Order) -> list[OrderLine]:
    """A line a category, the money on the first."""
    return [
        OrderLine(owner_id=one.customer, order_id=order.id, line_no=place, sku=name, category=name, quantity=1,
                  unit_price=one.net if place == 1 else 0, net_amount=one.net if place == 1 else 0)
        for place, name in enumerate(one.categories, 1)
    ]  # fmt: skip


def _tell(code: str, kind: str, values: dict[Any, dict[str, Any]]) -> None:
    definition = AttributeDefinition.objects.create(code=code, label=code, attribute_type=kind)
    CustomerAttribute.objects.bulk_create(
        CustomerAttribute(owner_id=owner, definition=definition, updated_at=NOW, **value)
        for owner, value in values.items()
    )


def _noon(day: Any) -> datetime:
    """Noon in Shanghai."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
