"""Every figure counted again: SQL over the plain rows for what adds up, NumPy for what is ranked.

Nothing here comes from Troth: the rules stand as README and screens state them.
"""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import floor
from typing import Any
from uuid import UUID

import numpy as np

from .book import TODAY, Book

MARGIN = Decimal("0.3")  # earned on what has no cost, unless the company says otherwise
YEAR, MONTH, NEW = 365, 30, 90
TABLES = """
create table orders (number integer, customer text, day text, net integer, full integer, costed integer, cost integer);
create table lines (number integer, customer text, day text, category text);
create table returns (customer text, day text, net integer, number integer, costed integer, cost integer);
create table served (customer text, day text, amount integer);
"""
KEPT = """
select o.*, o.net - coalesce(sum(r.net), 0) kept from orders o
left join returns r on r.number = o.number and r.day <= :day
where o.day <= :day group by o.number having count(r.number) = 0 or kept > 0
"""
SUMS = """
with facts(customer, day, revenue, costed, cost, served, ordered, full) as (
  select customer, day, net, costed, cost, 0, net, full from orders
  union all select customer, day, -net, -costed, -cost, 0, 0, 0 from returns
  union all select customer, day, 0, 0, 0, amount, 0, 0 from served)
select customer, sum(revenue), sum(costed - cost) * 10 + sum(revenue - costed) * 3 - sum(served) * 10,
  sum(ordered), sum(full)
from facts where day > :after and day <= :day group by customer
"""


@dataclass(frozen=True)
class Person:
    """One who bought, up to a day. Money in yuan; silence, gap and limits in days; x, tx, age as models call them."""

    id: UUID
    days: tuple[date, ...]
    silence: int
    revenue: Decimal
    profit: Decimal
    window_revenue: Decimal
    window_profit: Decimal
    repeat_mean: float
    discount_share: float
    categories: int
    gap: float
    status: str

    @property
    def x(self) -> int:
        return len(self.days) - 1

    @property
    def tx(self) -> int:
        return (self.days[-1] - self.days[0]).days

    @property
    def age(self) -> int:
        return self.tx + self.silence


def ledger(book: Book) -> sqlite3.Connection:
    """Return the book as tables, money in fen."""
    data = sqlite3.connect(":memory:")
    data.executescript(TABLES)
    data.executemany("insert into orders values (?,?,?,?,?,?,?)", [
        (o.number, str(o.customer), o.day.isoformat(), *map(_fen, (o.net, o.full, o.costed, o.cost)))
        for o in book.orders
    ])  # fmt: skip
    data.executemany("insert into lines values (?,?,?,?)", [
        (o.number, str(o.customer), o.day.isoformat(), name) for o in book.orders for name in o.categories
    ])  # fmt: skip
    data.executemany("insert into returns values (?,?,?,?,?,?)", [
        (str(r.customer), r.day.isoformat(), _fen(r.net), r.order, _fen(r.costed), _fen(r.cost)) for r in book.returns
    ])  # fmt: skip
    data.executemany("insert into served values (?,?,?)", [
        (str(s.customer), s.day.isoformat(), _fen(s.amount)) for s in book.served
    ])  # fmt: skip
    return data


def people(data: sqlite3.Connection, day: date = TODAY) -> list[Person]:
    """Return everybody who had bought by an evening, in order of ids; who gave all back has not bought."""
    kept = data.execute(f"select customer, day, sum(kept) from ({KEPT}) group by customer, day order by 1, 2",
                        {"day": day.isoformat()}).fetchall()  # fmt: skip
    bought: dict[str, list[tuple[date, int]]] = {}
    for customer, on, amount in kept:
        bought.setdefault(customer, []).append((date.fromisoformat(on), amount))
    ever, year = sums(data, date.min, day), sums(data, day - timedelta(days=YEAR), day)
    kinds = dict(data.execute("select customer, count(distinct category) from lines where day <= ? group by 1",
                              [day.isoformat()]))  # fmt: skip
    company = company_gap([[on for on, _amount in rows] for rows in bought.values()])
    return [_person(one, rows, ever[one], year.get(one), kinds[one], company, day) for one, rows in bought.items()]


def _person(
    one: str, rows: list[tuple[date, int]], ever: Any, year: Any, kinds: int, company: float, day: date
) -> Person:
    days = [on for on, _amount in rows]
    silence, repeats = (day - days[-1]).days, len(days) - 1
    # The company's rhythm counts as two further gaps of one's own.
    gap = round((company * 2 + (days[-1] - days[0]).days) / (repeats + 2), 2)
    revenue, profit, ordered, full = ever
    return Person(
        id=UUID(one), days=tuple(days), silence=silence, revenue=revenue, profit=profit,
        window_revenue=year[0] if year else Decimal(0), window_profit=year[1] if year else Decimal(0),
        repeat_mean=sum(amount for _on, amount in rows[1:]) / 100 / repeats if repeats else 0.0,
        discount_share=max(float(full - ordered), 0) / float(full), categories=kinds, gap=gap,
        status=status(repeats + 1, silence, gap),
    )  # fmt: skip


def sums(data: sqlite3.Connection, after: date, day: date) -> dict[str, tuple[Decimal, ...]]:
    """Return by customer: revenue, profit, what was ordered, and that at full price; of the days after one, to one."""
    rows = data.execute(SUMS, {"after": after.isoformat(), "day": day.isoformat()})
    return {row[0]: (_yuan(row[1]), Decimal(row[2]) / 1000, _yuan(row[3]), _yuan(row[4])) for row in rows}


def company_gap(histories: list[list[date]]) -> float:
    """Return the median of everybody's mean gap, of those who came back."""
    gaps = [(days[-1] - days[0]).days / (len(days) - 1) for days in histories if len(days) > 1]
    return round(float(np.median(gaps)), 2)


def status(purchases: int, silence: int, gap: float) -> str:
    """Return where one stands: asleep beyond three usual gaps, lost beyond six, neither before two weeks."""
    usual = max(gap, 14 / 3)
    if silence > floor(usual * 6):
        return "lost"
    if silence > floor(usual * 3):
        return "sleeping"
    return {1: "new", 2: "repeat"}.get(purchases, "active")


def bands(everybody: list[Person]) -> dict[UUID, str]:
    """Return the value band of each: the best 3, then 10, then 20 of a hundred by the year's revenue."""
    inside = [one for one in everybody if one.silence < YEAR]
    ranked = [one for one in inside if (TODAY - one.days[0]).days >= NEW]
    amounts = np.array([float(one.window_revenue) for one in ranked])
    found = {one.id: "inactive" for one in everybody} | {one.id: "new" for one in inside}
    for one, amount in zip(ranked, amounts, strict=True):
        place = ((amounts > amount).sum() + (amounts == amount).sum() / 2) / len(inside)
        found[one.id] = next((name for name, edge in (("diamond", 0.03), ("gold", 0.13), ("silver", 0.33))
                              if place < edge), "ordinary")  # fmt: skip
    return found


def fifths(values: Sequence[float | Decimal]) -> list[int]:
    """Return 1 to 5 by place from the worst, a tie in the middle of its places."""
    given = np.array([float(one) for one in values])
    return [int((2 * (given < one).sum() + (given == one).sum()) * 5 // (2 * len(given)) + 1) for one in given]


def cohorts(data: sqlite3.Connection) -> dict[date, dict[int, tuple[int, Decimal]]]:
    """Return by month of the first purchase and months after it: who bought, and the revenue of the cohort till then.

    Only months that are over by TODAY.
    """
    days = data.execute(f"select customer, day from ({KEPT})", {"day": TODAY.isoformat()}).fetchall()
    first: dict[str, str] = {}
    for customer, day in sorted(days, key=lambda row: row[1]):
        first.setdefault(customer, day)
    bought = {(customer, _month(day)) for customer, day in days}
    money = Counter[tuple[str, int]]()
    for query in ("select customer, day, net from orders", "select customer, day, -net from returns"):
        for customer, day, net in data.execute(query):
            if customer in first:
                money[customer, _month(day)] += net
    last = TODAY.year * 12 + TODAY.month - 2  # the month that ended last, for TODAY is the first of one
    found: dict[date, dict[int, tuple[int, Decimal]]] = {}
    for start in sorted({_month(day) for day in first.values()}):
        members = [customer for customer, day in first.items() if _month(day) == start]
        cells = {}
        for month in range(start, last + 1):
            count = sum((customer, month) in bought for customer in members)
            so_far = sum(money[customer, until] for customer in members for until in range(start, month + 1))
            cells[month - start] = (count, _yuan(so_far))
        if cells:
            found[date(start // 12, start % 12 + 1, 1)] = cells
    return found


def come_back(everybody: list[Person], until: int) -> float:
    """Return the share who came back within so many days of the first purchase (Kaplan-Meier, product by product)."""
    spells = [((one.days[1] - one.days[0]).days, True) if one.x else (one.age, False) for one in everybody]
    spells = [spell for spell in spells if spell[0] > 0]
    staying = 1.0
    for day in sorted({length for length, came in spells if came and length <= until}):
        at_risk = sum(length >= day for length, _came in spells)
        staying *= 1 - sum(length == day and came for length, came in spells) / at_risk
    return 1 - staying


def concentration(amounts: list[float], share: float) -> float:
    """Return what share of the whole the best so many bring, straight between two people."""
    best = np.sort(np.clip(amounts, 0, None))[::-1]
    return float(
        np.interp(share * len(best), np.arange(len(best) + 1), np.concatenate([[0], best.cumsum()])) / best.sum()
    )


def _month(day: str) -> int:
    return int(day[:4]) * 12 + int(day[5:7]) - 1


def _fen(amount: Decimal) -> int:
    assert amount == amount.quantize(Decimal("0.01"))
    return int(amount * 100)


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100
