"""How a file is to be read and what is to happen with what is in it."""

from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from functools import cached_property
from typing import Any

from . import own_columns
from .targets import Shape, Target


class OnConflict(StrEnum):
    """What happens to an order that is known already with other content."""

    REFUSE = "refuse"
    UPDATE = "update"


class OnMissing(StrEnum):
    """What happens to an order of a customer who is not known."""

    REFUSE = "refuse"
    ADD = "add"


class DateOrderChoice(StrEnum):
    """How 03/04/2024 is read: as the column tells, or as somebody said."""

    AUTO = "auto"
    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


class OrderNumbers(StrEnum):
    """What an order number of the system is unique within."""

    SOURCE = "source"
    STORE_DAY = "store_day"


DEFAULT_SOURCE = "main"


@dataclass(frozen=True, kw_only=True)
class Options:
    """All choices of one import.

    Args:
        mapping: target code -> column number.
        source: the system whose numbers these are; customers and their orders must name the same one.
        encoding, delimiter, sheet, header_row: None where they are to be found out.
        decimal_mark: None where the amounts are to tell.
        order_numbers: where tills begin anew each day, the number is kept as "store/day/number".
        currency, time_zone, country: of the company; they hold where the file says nothing.
        is_earning: orders earn by the programmes in force at their moment, oldest first; else they are history.
        is_dry_run: read, check and report, write nothing.
    """

    shape: Shape
    mapping: dict[str, int] = field(default_factory=dict)
    source: str = DEFAULT_SOURCE
    encoding: str | None = None
    delimiter: str | None = None
    quote: str = '"'
    sheet: str | None = None
    header_row: int | None = None
    decimal_mark: str | None = None
    date_order: DateOrderChoice = DateOrderChoice.AUTO
    on_conflict: OnConflict = OnConflict.REFUSE
    on_missing: OnMissing = OnMissing.REFUSE
    order_numbers: OrderNumbers = OrderNumbers.SOURCE
    currency: str = "CNY"
    time_zone: str = "Asia/Shanghai"
    country: str = "CN"
    is_made_up: bool = False
    is_earning: bool = False
    is_dry_run: bool = False

    @cached_property
    def targets(self) -> dict[str, Target]:
        """What the columns mean, by code; asked once of the database where own attributes are among it."""
        return own_columns.named(self.mapping)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Options":
        known = {item.name for item in fields(cls)}
        return cls(
            **{key: value for key, value in data.items() if key in known}
            | {
                "shape": Shape(data["shape"]),
                "date_order": DateOrderChoice(data.get("date_order", DateOrderChoice.AUTO)),
                "on_conflict": OnConflict(data.get("on_conflict", OnConflict.REFUSE)),
                "on_missing": OnMissing(data.get("on_missing", OnMissing.REFUSE)),
                "order_numbers": OrderNumbers(data.get("order_numbers", OrderNumbers.SOURCE)),
            }
        )
