"""A company, people, a point currency, a published programme, and orders to vary."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from troth.access.actors import system_actor
from troth.activity.orders import NewLine, NewOrder, NewReturn, NewReturnLine
from troth.customers.models import Customer
from troth.ledger import services as ledger
from troth.ledger.services import CurrencyRules
from troth.programs import services as programs
from troth.programs.models import ProgrammeVersion
from troth.sales import services as sales
from troth.staff import services as staff

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
START = datetime(2026, 1, 1, tzinfo=UTC)
FRIDAY = datetime(2026, 3, 6, 4, tzinfo=UTC)  # noon in Shanghai
ACTOR = system_actor("test")

BASE = """
programme: club
name: Club
currency: CNY
rules:
  - {code: base, name: Base, effect: {type: points_per_amount, points: 1}}
"""

Person = Callable[..., UUID]
Publish = Callable[..., ProgrammeVersion]
MakeOrder = Callable[..., NewOrder]


@pytest.fixture
def company(db: None) -> Any:
    return staff.set_up_company(actor=ACTOR, now=NOW, name="Test", currency="CNY", time_zone="Asia/Shanghai")


@pytest.fixture
def person(company: Any) -> Person:
    """Return a function that makes a customer."""
    return lambda **fields: Customer.objects.create(created_at=START, updated_at=START, **fields).id


@pytest.fixture
def currency(company: Any) -> Callable[..., Any]:
    """Return a function that makes a point currency; by default what was spent is owed, without limit."""

    def make(code: str = "points", **rules: Any) -> Any:
        wanted = {"name": code, "shortfall": "arrears", "time_zone": "Asia/Shanghai"} | rules
        return ledger.create_currency(actor=ACTOR, now=NOW, code=code, rules=CurrencyRules(**wanted))

    return make


@pytest.fixture
def publish(company: Any) -> Publish:
    """Return a function that makes a programme with a version in force since the start of the year."""

    def make(text: str = BASE, effective_at: datetime = START) -> ProgrammeVersion:
        return programs.establish(
            actor=ACTOR, now=NOW, text=text, effective_at=effective_at, reviewed_by="user:reviewer"
        )

    return make


@pytest.fixture
def numbers() -> Iterator[int]:
    return iter(range(1, 10_000))


@pytest.fixture
def an_order(person: Person, numbers: Iterator[int]) -> MakeOrder:
    """Return a function that makes an order of one line for each amount, the next number each time."""
    buyer: list[UUID] = []

    def make(*amounts: str, customer: UUID | None = None, lines: Any = None, **changes: Any) -> NewOrder:
        if customer is None:
            if not buyer:
                buyer.append(person())
            customer = buyer[0]
        made = lines or [line(number, amount) for number, amount in enumerate(amounts or ("100",), start=1)]
        order = NewOrder("web", str(next(numbers)), customer, FRIDAY, "CNY", tuple(made), channel="online")
        return replace(order, **changes)

    return make


def line(number: int, amount: str, quantity: str = "1", **fields: Any) -> NewLine:
    """Return a line of goods."""
    price = Decimal(amount)
    return NewLine(number, Decimal(quantity), price / Decimal(quantity), price, **fields)


def a_return(order: NewOrder, order_id: UUID, *back: tuple[int, str, str], **changes: Any) -> NewReturn:
    """Return a return of (line number, quantity, amount) of an order, a day later."""
    lines = tuple(
        NewReturnLine(number, Decimal(quantity), Decimal(amount), order_line_no=line_no)
        for number, (line_no, quantity, amount) in enumerate(back, start=1)
    )
    new = NewReturn(
        "web", f"R{order.external_id}", order.customer_id, order.occurred_at + timedelta(days=1), "CNY", lines, order_id
    )
    return replace(new, **changes)


def buy(*orders: NewOrder, now: datetime = NOW) -> list[Any]:
    """Record orders."""
    return sales.record_orders(orders, actor=ACTOR, now=now)


def bring_back(*returns: NewReturn, now: datetime = NOW) -> list[Any]:
    """Record returns."""
    return sales.record_returns(returns, actor=ACTOR, now=now)


def publish_next(version: ProgrammeVersion, text: str, effective_at: datetime, now: datetime = NOW) -> None:
    """Publish the next version of a programme the usual way: written by one, reviewed by another."""
    reviewer = replace(ACTOR, kind="user", id="reviewer")
    programme_id = version.programme_id
    programs.save_draft(actor=ACTOR, now=now, programme_id=programme_id, text=text)
    programs.submit_draft(actor=ACTOR, now=now, programme_id=programme_id)
    programs.review_draft(actor=reviewer, now=now, programme_id=programme_id, is_approved=True)
    programs.publish(actor=reviewer, now=now, programme_id=programme_id, effective_at=effective_at)
