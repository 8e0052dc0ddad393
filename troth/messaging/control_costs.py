"""What customers cost in the days that a comparison looks at: their points, gifts and messages, one by one.

Points and gifts cost what their lots and redemptions say; where nobody said it, nothing is taken off. A message costs
what whoever asks says: no provider's price is known here. A coupon's discount is in the profit already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from uuid import UUID

from troth.customers import queries as customers
from troth.kit.clock import business_date, day_start
from troth.ledger import queries as ledger
from troth.staff import queries as staff
from troth.value.later import pl

from .models import Contact

Cost = tuple[UUID, datetime, Decimal]
"""Of whose record, when, how much."""
CostSource = Callable[[datetime, datetime, str], Iterable[Cost]]
"""Reads the known costs from one moment up to another, in one currency."""

POINTS, MESSAGES = "points", "messages"
CHUNK = 20_000
_SCHEMA = {"customer_id": str, "source": str, "day": date, "cost": float}
_sources: dict[str, CostSource] = {}


def register(name: str, read: CostSource) -> None:
    """Count a further cost in every comparison; registering the same one again changes nothing.

    Raises:
        ValueError: another source has the name.
    """
    if _sources.get(name, read) != read:
        raise ValueError(f"a source of costs {name!r} is registered already")
    _sources[name] = read


def kinds() -> list[str]:
    """Return the kinds of cost, each a column of `with_costs`."""
    return [POINTS, *sorted(_sources), MESSAGES]


def with_costs(people: pl.DataFrame, *, days: int, currency: str, message_price: Decimal) -> pl.DataFrame:
    """Return the same people with what each cost in their days, by kind, and `net`: the profit less all of it.

    people: `customer_id` (canonical), `drawn_date`, `profit`; the days after `drawn_date` count, as many as `days`.
    """
    if people.is_empty():
        return people.with_columns(pl.lit(0.0).alias(name) for name in [*kinds(), "net"])
    zone = staff.company().time_zone
    since, until = _span(people, days, zone)
    known = pl.DataFrame(list(_rows(since, until, currency, message_price, zone)), schema=_SCHEMA, orient="row")
    counted = known.join(people.select("customer_id", "drawn_date"), on="customer_id").filter(
        pl.col("day") > pl.col("drawn_date"), pl.col("day") <= pl.col("drawn_date") + timedelta(days=days)
    )
    found = people
    for kind in kinds():
        own = counted.filter(pl.col("source") == kind).group_by("customer_id").agg(pl.col("cost").sum().alias(kind))
        found = found.join(own, on="customer_id", how="left").with_columns(pl.col(kind).fill_null(0.0))
    return found.with_columns(net=pl.col("profit") - pl.sum_horizontal(kinds()))


def _span(people: pl.DataFrame, days: int, zone: str) -> tuple[datetime, datetime]:
    drawn = people["drawn_date"]
    first, last = drawn.min(), drawn.max()
    assert isinstance(first, date), "there are people"
    assert isinstance(last, date), "there are people"
    return day_start(first + timedelta(days=1), zone), day_start(last + timedelta(days=days + 1), zone)


def _rows(
    since: datetime, until: datetime, currency: str, message_price: Decimal, zone: str
) -> Iterator[tuple[str, str, date, float]]:
    sources: dict[str, Iterable[Cost]] = {POINTS: ledger.lot_costs(since, until, cost_currency=currency)}
    sources |= {name: read(since, until, currency) for name, read in sorted(_sources.items())}
    if message_price:
        sources[MESSAGES] = _messages(since, until, message_price)
    for name, costs in sources.items():
        for some in _batches(costs):
            canonical = customers.canonical_ids({owner for owner, _at, _cost in some})
            for owner, at, cost in some:
                yield str(canonical.get(owner, owner)), name, business_date(at, zone), float(cost)


def _messages(since: datetime, until: datetime, price: Decimal) -> Iterator[Cost]:
    """Every message that was handed over, whatever it was for: offers drive out others, and others cost as much."""
    sent = Contact.objects.filter(sent_at__gte=since, sent_at__lt=until).order_by("id")
    for owner, at in sent.values_list("owner_id", "sent_at").iterator(chunk_size=CHUNK):
        assert at is not None, "filtered"
        yield owner, at, price


def _batches(costs: Iterable[Cost]) -> Iterator[list[Cost]]:
    rest = iter(costs)
    while some := list(islice(rest, CHUNK)):
        yield some
