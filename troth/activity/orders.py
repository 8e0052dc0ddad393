"""Orders and returns as they come in: one form and one fingerprint for the API, the till and files."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from hashlib import blake2b
from typing import Any
from uuid import UUID

from troth.kit.errors import TrothError
from troth.kit.money import QUANTUM, to_stored

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

FIELD_MARK = "\x1f"
RECORD_MARK = "\x1e"


@dataclass(frozen=True, slots=True)
class NewLine:
    """One line of an order. Amounts are Decimals of at most four places in the order's currency.

    net_amount: for the whole quantity, after discounts; discount_amount: what was taken off it, positive;
    unit_price, unit_cost: per unit, cost None where unknown; attributes: scalars by name.
    """

    line_no: int
    quantity: Decimal
    unit_price: Decimal
    net_amount: Decimal
    discount_amount: Decimal = Decimal(0)
    unit_cost: Decimal | None = None
    sku: str = ""
    name: str = ""
    category: str = ""
    brand: str = ""
    attributes: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order of a known customer record; `source` and `external_id` name it for ever.

    customer_id: the record that was recognised, also when it is merged into another (a merge only links);
    is_history: recorded after the fact, so it will never earn anything.
    """

    source: str
    external_id: str
    customer_id: UUID
    occurred_at: datetime
    currency: str
    lines: tuple[NewLine, ...]
    store_id: int | None = None
    staff_member_id: UUID | None = None
    channel: str = ""
    tags: Mapping[str, Any] = field(default_factory=dict)
    is_history: bool = False
    import_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewReturnLine:
    """One line of goods brought back, all positive; `order_line_no` names the line it undoes."""

    line_no: int
    quantity: Decimal
    net_amount: Decimal
    order_line_no: int | None = None
    unit_cost: Decimal | None = None
    sku: str = ""
    name: str = ""
    category: str = ""
    brand: str = ""


@dataclass(frozen=True, slots=True)
class NewReturn:
    """A return of a known customer record; `order_id` is None where the order is not known."""

    source: str
    external_id: str
    customer_id: UUID
    occurred_at: datetime
    currency: str
    lines: tuple[NewReturnLine, ...]
    order_id: UUID | None = None
    store_id: int | None = None
    reason: str = ""
    is_history: bool = False
    import_id: UUID | None = None


class Outcome(StrEnum):
    """What became of one document of a batch."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Recorded:
    """The result of one document: its id and revision, or the error that says why it was not stored.

    tags_before: of a changed order, as it stood before.
    """

    outcome: Outcome
    document_id: UUID | None = None
    revision: int = 0
    error: TrothError | None = None
    tags_before: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over a return's lines. costed_amount: the part of net_amount whose cost is known; cost_amount: that cost."""

    net_amount: Decimal
    costed_amount: Decimal
    cost_amount: Decimal
    line_count: int


def return_totals(lines: Iterable[NewReturnLine]) -> Totals:
    """Return a return's sums."""
    rows = list(lines)
    return Totals(
        net_amount=sum((line.net_amount for line in rows), Decimal(0)),
        costed_amount=sum((line.net_amount for line in rows if line.unit_cost is not None), Decimal(0)),
        cost_amount=sum((line_cost(line.quantity, line.unit_cost) for line in rows), Decimal(0)),
        line_count=len(rows),
    )


def line_cost(quantity: Decimal, unit_cost: Decimal | None) -> Decimal:
    """Return what the quantity cost, half-up to four places; nothing where the unit cost is unknown."""
    return Decimal(0) if unit_cost is None else (quantity * unit_cost).quantize(QUANTUM, ROUND_HALF_UP)


def return_fingerprint(new: NewReturn) -> str:
    """Return the hash of the return's content, its own names left out: it tells a repeat from a change."""
    head = (
        new.customer_id,
        microseconds(new.occurred_at),
        new.currency,
        new.order_id,
        new.store_id,
        new.reason,
    )
    lines = [
        (
            line.line_no,
            line.order_line_no,
            line.sku,
            line.name,
            line.category,
            line.brand,
            to_stored(line.quantity),
            to_stored(line.net_amount),
            None if line.unit_cost is None else to_stored(line.unit_cost),
        )
        for line in sorted(new.lines, key=lambda line: line.line_no)
    ]
    return fingerprint(joined(head), map(joined, lines))


def joined(fields: Sequence[Any]) -> str:
    """Return fields as one text; None is empty, amounts are ten-thousandths, moments microseconds of 1970.

    A frame library can build the same text for a million lines at once (`concat_str` with FIELD_MARK between,
    in the order of `content.order_content`), so that a bulk import and this function agree.
    """
    return FIELD_MARK.join("" if value is None else str(value) for value in fields)


def fingerprint(head: str, lines: Iterable[str]) -> str:
    """Return the hash of a head and its lines, sorted by their numbers: 32 hexadecimal digits."""
    return blake2b(RECORD_MARK.join([head, *lines]).encode(), digest_size=16).hexdigest()


def microseconds(moment: datetime) -> int:
    """Return microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def json_text(value: Mapping[str, Any] | None) -> str:
    """Return marks as JSON in one form, "" for none."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False) if value else ""
