"""The kinds of values the API takes and gives: money as text, moments in RFC 3339, storable texts."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    StrictInt,
    StringConstraints,
    WithJsonSchema,
)

from troth.kit.money import minor_unit_places

MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
_TOO_FINE = re.compile(r"(\.\d{6})\d+")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
AMOUNT = r"^-?\d{1,11}(\.\d{1,4})?$"
_AMOUNT = re.compile(AMOUNT)
NO_NUL = r"^[^\x00]*$"
NO_SLASH = r"^[^\x00/]*$"  # of sources: in addresses they stand before a number, which may hold slashes itself


class Request(BaseModel):
    """A body that callers send: what it does not know, it refuses."""

    model_config = ConfigDict(extra="forbid")


def example(body: dict[str, Any]) -> ConfigDict:
    """Return the configuration that shows the body as an example in the schema and on the documentation page."""
    return ConfigDict(json_schema_extra={"examples": [body]})


class Response(BaseModel):
    """A body that the API gives."""

    model_config = ConfigDict(frozen=True)


def _moment(value: Any) -> datetime:
    if not isinstance(value, str) or not MOMENT.fullmatch(value):
        raise ValueError(_("write a moment with its offset, for example 2026-11-21T09:30:00+08:00"))
    try:
        # datetime keeps microseconds; RFC 3339 allows more digits, which are cut off
        return datetime.fromisoformat(_TOO_FINE.sub(r"\1", value.upper())).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(_("the moment lies outside of the years 1 to 9999")) from error


def _day(value: Any) -> date:
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise ValueError(_("write a day, for example 2026-11-21"))
    return date.fromisoformat(value)


def _amount(value: Any) -> Decimal:
    amount = _read_amount(value) if isinstance(value, str) else None
    if amount is None:
        raise ValueError(
            _('write a number as text, at most eleven digits before the point and four after it, for example "12.50"')
        )
    return amount


@lru_cache(maxsize=2**14)  # prices repeat
def _read_amount(text: str) -> Decimal | None:
    return Decimal(text) if _AMOUNT.fullmatch(text) else None


def moment_text(moment: datetime) -> str:
    """Return a moment as text in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


Moment = Annotated[datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Amount = Annotated[Decimal, BeforeValidator(_amount), WithJsonSchema({"type": "string", "pattern": AMOUNT})]
Flag = StrictBool
Whole = Annotated[StrictInt, Field(ge=-(2**53) + 1, le=2**53 - 1)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Country = Annotated[str, StringConstraints(pattern=r"^([A-Z]{2})?$")]

AmountText = Annotated[str, Field(pattern=AMOUNT.replace("{1,11}", "+"))]
MomentText = Annotated[
    datetime,
    AfterValidator(lambda moment: moment.astimezone(UTC)),
    PlainSerializer(moment_text, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]

Text20 = Annotated[str, StringConstraints(max_length=20, pattern=NO_NUL)]
Text40 = Annotated[str, StringConstraints(max_length=40, pattern=NO_NUL)]
Text64 = Annotated[str, StringConstraints(max_length=64, pattern=NO_NUL)]
Text80 = Annotated[str, StringConstraints(max_length=80, pattern=NO_NUL)]
Text100 = Annotated[str, StringConstraints(max_length=100, pattern=NO_NUL)]
Text120 = Annotated[str, StringConstraints(max_length=120, pattern=NO_NUL)]
Text200 = Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL)]
Text300 = Annotated[str, StringConstraints(max_length=300, pattern=NO_NUL)]
Text500 = Annotated[str, StringConstraints(max_length=500, pattern=NO_NUL)]
Mark = StrictBool | Whole | Text200 | None
Code = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=NO_NUL)]
Marks = Annotated[dict[Code, Mark], Field(max_length=50)]


@lru_cache(maxsize=2**14)  # the same prices, and nought, in most lines
def amount_text(amount: Decimal, currency: str) -> str:
    """Return an amount as text with the places in which its currency is paid, more only where it has more."""
    places = max(minor_unit_places(currency), -_exponent(amount))
    return f"{amount:.{places}f}"


@lru_cache(maxsize=2**14)
def number_text(number: Decimal) -> str:
    """Return a number as text, without trailing zeros."""
    return f"{number.normalize():f}"


def _exponent(amount: Decimal) -> int:
    exponent = amount.normalize().as_tuple().exponent
    assert isinstance(exponent, int), "stored amounts are finite"
    return exponent
