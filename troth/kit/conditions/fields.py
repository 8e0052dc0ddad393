"""What a field is, and where its value comes from: the two things a module states when it registers one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .tree import Params

Text = str | Promise
Rowset = QuerySet[Any, Any]


@dataclass(frozen=True, slots=True)
class AsOf:
    """When and where a condition is judged.

    now: aware moment; today: business day in `zone`; currency: ISO code of the amounts compared.
    scope: records to look at, None for all; a customer's holds the ids of the records merged into it, too.
    """

    now: datetime
    today: date
    zone: str
    currency: str
    scope: frozenset[UUID] | None = None


class ValueType(StrEnum):
    """What a field holds; decides the operators. Sets hold any number of values, the others one or none."""

    TEXT = "text"
    NUMBER = "number"
    COUNT = "count"  # whole number
    MONEY = "money"  # Decimal in the company's currency
    DATE = "date"
    MOMENT = "moment"  # aware moment, compared by days in the company's zone
    BOOLEAN = "boolean"
    CHOICE = "choice"
    CHOICE_SET = "choice_set"
    TEXT_SET = "text_set"

    @property
    def is_set(self) -> bool:
        """Tell whether a record holds any number of values."""
        return self in (ValueType.CHOICE_SET, ValueType.TEXT_SET)


@dataclass(frozen=True, slots=True)
class Choice:
    """One allowed value, as stored and as shown."""

    code: str
    label: Text


@dataclass(frozen=True, slots=True)
class Group:
    """A heading in the editor's list of fields."""

    code: str
    label: Text
    order: int = 50


Choices = Callable[[], Sequence[Choice]] | Sequence[Choice]
Suggest = Callable[[str], Sequence[str]]
"""Given the first letters typed, return at most 20 values that occur; must be quick on any size of data."""


class ParamKind(StrEnum):
    """What a param takes."""

    DAYS = "days"
    CHOICES = "choices"
    TEXTS = "texts"


@dataclass(frozen=True, slots=True)
class Param:
    """An optional narrowing of what a field counts.

    phrase: says it in a sentence, with %(value)s: "in the last %(value)s days".
    """

    code: str
    kind: ParamKind
    label: Text
    phrase: Text
    choices: Choices = ()
    suggest: Suggest | None = None


LAST_DAYS = Param(
    code="days", kind=ParamKind.DAYS, label=_("In the last … days"), phrase=_("in the last %(value)s days")
)
"""The commonest param: only what happened in the last n days, today included (today alone is 1)."""


# --- where values come from ---


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the subject's own table: its name, or a function that returns an expression over it.

    lunar: of a day, the column that says whether its anniversary is kept by the lunar calendar; "" where none is.
    """

    expression: str | Callable[[AsOf], Any]
    lunar: str = ""


@dataclass(frozen=True, slots=True)
class SideTable:
    """A column of a table with at most one row per record. Fields that share `rows` share one join."""

    rows: Callable[[AsOf], Rowset]
    column: str
    owner: str = "owner_id"


class Aggregate(StrEnum):
    """How many facts become one value. Counts and sums of nothing are 0, the others unknown."""

    COUNT = "count"
    COUNT_DISTINCT = "count_distinct"
    SUM = "sum"
    MEAN = "mean"  # of whole stored units, rounded towards zero: the same on every database
    EARLIEST = "min"
    LATEST = "max"

    @property
    def has_default(self) -> bool:
        """Tell whether no facts mean 0 rather than unknown."""
        return self in (Aggregate.COUNT, Aggregate.COUNT_DISTINCT, Aggregate.SUM)


@dataclass(frozen=True, slots=True)
class Rows:
    """Facts: which rows, whose they are, and the column or Django expression that counts."""

    queryset: Rowset
    value: Any = "pk"
    owner: str = "owner_id"


@dataclass(frozen=True, slots=True)
class Facts:
    """Many rows per record, gathered into one value. Facts of merged records count for their canonical one.

    `rows` may return several `Rows` (orders, and returns with negative amounts); never filter by owner there.
    """

    rows: Callable[[AsOf, Params], Rows | Sequence[Rows]]
    aggregate: Aggregate


@dataclass(frozen=True, slots=True)
class Members:
    """The values of a set: one row per value, repeats count once, those of merged records too."""

    rows: Callable[[AsOf, Params], Rows | Sequence[Rows]]


Source = Column | SideTable | Facts | Members


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the catalogue.

    code: "group.name", never changed once published; unit: shown behind numbers; source: None where records
    come from Python only (an order being rung up); names: of a text that is a code, what the usual codes are called
    (zh-hans: Simplified Chinese), while others may be compared with as well; is_personal: who may not see personal
    data may not ask by it either, since counting by it tells what is masked (`Catalogue.withholding_personal`).
    """

    code: str
    type: ValueType
    label: Text
    group: Group
    source: Source | None = None
    unit: Text = ""
    description: Text = ""
    choices: Choices = ()
    suggest: Suggest | None = None
    names: Choices = ()
    params: tuple[Param, ...] = ()
    order: int = field(default=50)
    is_personal: bool = False

    @property
    def is_nullable(self) -> bool:
        """Tell whether the value may be unknown; sets may be empty."""
        return not (isinstance(self.source, Facts) and self.source.aggregate.has_default)


def choices_of(source: Choices) -> list[Choice]:
    """Return the choices as they are now."""
    return list(source() if callable(source) else source)
