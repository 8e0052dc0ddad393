"""A made company as its own books have it: plain rows of orders, returns and costs to serve."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

TODAY = date(2026, 3, 1)
FIRST_DAY = TODAY - timedelta(days=780)
PEOPLE = 320
CATEGORIES = ("tea", "cups", "cakes", "gifts", "books")
SEED = 20260301


@dataclass(frozen=True)
class Ordered:
    """One order; money in yuan. costed: the part of `net` whose cost is known."""

    number: int
    customer: UUID
    day: date
    net: Decimal
    full: Decimal
    costed: Decimal
    cost: Decimal
    categories: tuple[str, ...]


@dataclass(frozen=True)
class GivenBack:
    """A return of (a part of) an order."""

    customer: UUID
    day: date
    net: Decimal
    order: int
    costed: Decimal
    cost: Decimal


@dataclass(frozen=True)
class Served:
    """What serving a customer cost on a day."""

    customer: UUID
    day: date
    amount: Decimal


@dataclass
class Book:
    """Everything that happened, and what customers said: by whom they were brought, what they spend in a year."""

    customers: list[UUID] = field(default_factory=list)
    orders: list[Ordered] = field(default_factory=list)
    returns: list[GivenBack] = field(default_factory=list)
    served: list[Served] = field(default_factory=list)
    brought_by: dict[UUID, UUID] = field(default_factory=dict)
    yearly_spend: dict[UUID, Decimal] = field(default_factory=dict)


def make() -> Book:
    """Return the same company each time: most come and go, some are silent, some bought for the first time just now.

    Everybody buys at a pace of their own and leaves some day. Some orders come back, one in a hundred whole; half of
    the costs are known.
    """
    chance = random.Random(SEED)
    book = Book(customers=[UUID(int=chance.getrandbits(128), version=4) for _one in range(PEOPLE)])
    for customer in book.customers:
        _live(book, customer, chance)
    buyers = sorted({one.customer for one in book.orders})
    asked = chance.sample(buyers, 60)
    for place, customer in enumerate(asked):
        book.yearly_spend[customer] = Decimal(chance.randrange(100, 900 if place < 20 else 6000))
    for customer in chance.sample([one for one in buyers if one not in asked[:20]], 45):
        book.brought_by[customer] = chance.choice(asked[:20])
    book.brought_by |= {asked[5]: asked[0], asked[7]: asked[5], asked[8]: asked[5]}  # chains of three links
    return book


def _live(book: Book, customer: UUID, chance: random.Random) -> None:
    pace = chance.gammavariate(1.4, 1 / 45)  # purchases a day
    leaving = chance.gammavariate(0.8, 1 / 260)
    day = FIRST_DAY + timedelta(days=chance.randrange(0, 775))
    gone = day + timedelta(days=chance.expovariate(leaving)) if leaving > 1e-6 else TODAY
    usual = 500 / chance.gammavariate(6, 1)  # the mean of an order, in yuan
    has_costs = chance.random() < 0.5
    while day <= min(gone, TODAY):
        _order(book, customer, day, chance, usual, has_costs=has_costs)
        if chance.random() < 0.06:  # twice on one day is one purchase
            _order(book, customer, day, chance, usual, has_costs=has_costs)
        day += timedelta(days=1 + int(chance.expovariate(pace)))
    if chance.random() < 0.1:
        book.served.append(Served(customer, TODAY - timedelta(days=chance.randrange(700)), _money(chance, 5)))


def _order(book: Book, customer: UUID, day: date, chance: random.Random, usual: float, *, has_costs: bool) -> None:
    net = Decimal(round(chance.gammavariate(5, usual / 5) * 100) + 1) / 100
    full = net if chance.random() < 0.6 else (net * Decimal("1.25")).quantize(Decimal("0.01"))
    costed = net if has_costs else Decimal(0)
    cost = (costed * Decimal(chance.randrange(55, 90)) / 100).quantize(Decimal("0.01"))
    categories = tuple(chance.sample(CATEGORIES, chance.choice((1, 1, 2, 3))))
    order = Ordered(len(book.orders), customer, day, net, full, costed, cost, categories)
    book.orders.append(order)
    draw = chance.random()
    later = day + timedelta(days=chance.randrange(1, 20))
    if draw < 0.05 and later <= TODAY:
        share = Decimal(1) if draw < 0.012 else Decimal("0.25")
        parts = [(part * share).quantize(Decimal("0.01")) for part in (net, costed, cost)]
        book.returns.append(GivenBack(customer, later, parts[0], order.number, parts[1], parts[2]))


def _money(chance: random.Random, least: int) -> Decimal:
    return Decimal(chance.randrange(least * 100, least * 1000)) / 100
