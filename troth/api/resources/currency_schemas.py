"""What the API says of point currencies, and of new ends for points that members hold."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from troth.ledger.models import ApprovalState, ExpiryKind, Shortfall, TransferRule, UnitKind

from ..fields import NO_NUL, Flag, MomentText, Request, Response, Text64, Text80, Whole, example

CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
MoneyCode = Annotated[str, StringConstraints(pattern=r"^([A-Z]{3})?$")]
Limit = Annotated[Whole, Field(ge=0, le=10**15)]
Count = Annotated[Whole, Field(ge=0, le=36_500)]


class CurrencyRulesIn(Request):
    """Rules of a point currency; amounts in its smallest unit. Of a change: what is left out stays as it is."""

    model_config = example({"expiry_kind": "year_end", "expiry_count": 2})

    name: Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=NO_NUL)] = Field(
        "", description="Its name, in English where both are kept."
    )
    name_zh: Text80 = Field("", description="Its name in Chinese, or empty.")
    expiry_kind: ExpiryKind = Field(
        ExpiryKind.NEVER, description="When points end: never, days, month_end, year_end or inactivity."
    )
    expiry_count: Count = Field(0, description="Days, months or years; 0 for never.")
    shortfall: Shortfall = Field(
        Shortfall.REFUSE, description="If more is taken back than is there: refuse, arrears or write_off."
    )
    arrears_limit: Limit | None = Field(None, description="Most that may be owed; null: without limit.")
    takes_other_lots: Flag = Field(True, description="Whether it is taken from other points of the member first.")
    grace_days: Annotated[Whole, Field(ge=0, le=3_650)] = Field(
        0, description="Days that points live on which come back after their end."
    )
    adjust_approval_limit: Limit | None = Field(
        None, description="Above it a second person approves an adjustment; null: never."
    )
    transfer_rule: TransferRule = Field(TransferRule.NONE, description="Who may give points: none, pools or anyone.")
    transfer_minimum: Limit = Field(1, description="Least that is given at once.")
    transfer_day_limit: Limit | None = Field(None, description="Most that a member gives in a day; null: no limit.")
    time_zone: Text64 = Field("", description="In which its days and months end; left out: the company's.")
    is_active: Flag = Field(True, description="Whether it is given out; what members have can always be spent.")


class CurrencyIn(CurrencyRulesIn):
    """A new point currency."""

    model_config = example(
        {"code": "points", "name": "Points", "name_zh": "积分", "expiry_kind": "year_end", "expiry_count": 2}
    )

    code: CurrencyCode = Field(description="Its code: letters, digits, hyphens; it never changes.")
    name: Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=NO_NUL)] = Field(
        description="Its name, in English where both are kept."
    )
    unit_kind: UnitKind = Field(UnitKind.POINTS, description="points, status, stamps or cashback; it never changes.")
    decimals: Annotated[Whole, Field(ge=0, le=4)] = Field(0, description="Decimal places of a unit; they never change.")
    money_currency: MoneyCode = Field("", description="ISO 4217 code of cashback, empty otherwise; it never changes.")


class PointCurrencyOut(Response):
    """A point currency with its rules; amounts in its smallest unit."""

    code: str = Field(description="Its code.")
    name: str = Field(description="Its name, in English where both are kept.")
    name_zh: str = Field(description="Its name in Chinese, or empty.")
    unit_kind: UnitKind = Field(description="points, status, stamps or cashback.")
    decimals: int = Field(description="Decimal places of a unit.")
    money_currency: str = Field(description="ISO 4217 code of cashback, or empty.")
    expiry_kind: ExpiryKind = Field(description="When points end that are earned from now on.")
    expiry_count: int = Field(description="Days, months or years; 0 for never.")
    shortfall: Shortfall = Field(description="If more is taken back than is there: refuse, arrears or write_off.")
    arrears_limit: int | None = Field(description="Most that may be owed; null: without limit.")
    takes_other_lots: bool = Field(description="Whether it is taken from other points of the member first.")
    grace_days: int = Field(description="Days that points live on which come back after their end.")
    adjust_approval_limit: int | None = Field(
        description="Above it a second person approves an adjustment; null: never."
    )
    transfer_rule: TransferRule = Field(description="Who may give points: none, pools or anyone.")
    transfer_minimum: int = Field(description="Least that is given at once.")
    transfer_day_limit: int | None = Field(description="Most that a member gives in a day; null: no limit.")
    time_zone: str = Field(description="In which its days and months end.")
    is_active: bool = Field(description="Whether it is given out.")
    revision: int = Field(description="Grows with every change.")


class PointCurrencyList(Response):
    """Every point currency."""

    items: list[PointCurrencyOut] = Field(description="Those in use first, by code.")


class ExpiryRuleIn(Request):
    """When points that members hold are to end, counted from when they became usable."""

    model_config = example({"expiry_kind": "days", "expiry_count": 730})

    expiry_kind: ExpiryKind = Field(description="never, days, month_end, year_end or inactivity.")
    expiry_count: Count = Field(0, description="Days, months or years; 0 for never.")


class ExpiryEffectOut(Response):
    """What a new end does to the points that members hold now."""

    at_once_lots: int = Field(description="Lots that end at once, with the next nightly run.")
    at_once_points: int = Field(description="Points in them.")
    sooner_lots: int = Field(description="Lots that end sooner.")
    sooner_points: int = Field(description="Points in them.")
    later_lots: int = Field(description="Lots that end later, or never.")
    later_points: int = Field(description="Points in them.")
    same_lots: int = Field(description="Lots that end as before.")
    same_points: int = Field(description="Points in them.")


class ExpiryChangeOut(Response):
    """A new end for points that members hold, asked for by one and decided by another."""

    id: UUID = Field(description="Its id.")
    currency: str = Field(description="Code of the point currency.")
    expiry_kind: ExpiryKind = Field(description="The new rule.")
    expiry_count: int = Field(description="Days, months or years.")
    state: ApprovalState = Field(description="waiting, approved or rejected.")
    effect: ExpiryEffectOut = Field(description="What it did to whom when it was asked for.")
    requested_at: MomentText = Field(description="When it was asked for; points earned later are not touched.")
    requested_by: str = Field(description="Who asked, as `kind:id`.")
    decided_at: MomentText | None = Field(description="When it was decided, or null.")
    decided_by: str = Field(description="Who decided, as `kind:id`, or empty.")
    done_at: MomentText | None = Field(description="When the last points had their new end, or null.")


class ExpiryChangePage(Response):
    """A page of new ends."""

    items: list[ExpiryChangeOut] = Field(description="The newest first.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")
