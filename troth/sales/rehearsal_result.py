"""What a rehearsal found, typed; stored as JSON. Amounts of money are decimal texts in the programme's currency."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What one rule, challenge or streak gave. times: for how many orders; cost: of points with a stated unit cost."""

    rule: str
    kind: str
    code: str  # point currency, coupon campaign or badge
    times: int
    amount: int
    cost: str


@dataclass(frozen=True, slots=True)
class BudgetResult:
    """How much of a shared budget was used: points, ten-thousandths of money, or times."""

    key: str
    size: int
    used: int


@dataclass(frozen=True, slots=True)
class SideResult:
    """One programme over the whole time.

    points: by currency; cost: of all points at their unit cost, which is also what is owed to members while nothing
    is spent; tiers: members by tier at the end; moves: [from, to, how often].
    """

    name: str
    points: Mapping[str, int] = field(default_factory=dict)
    cost: str = "0"
    coupons: Mapping[str, int] = field(default_factory=dict)
    orders_awarded: int = 0
    members_awarded: int = 0
    discounted_cost: str = "0"  # the part of the cost given for orders that were reduced already
    rules: tuple[RuleResult, ...] = ()
    budgets: tuple[BudgetResult, ...] = ()
    tiers: Mapping[str, int] = field(default_factory=dict)
    moves: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class BandResult:
    """One value band ("" is customers without one): members with orders, and what each side costs for them."""

    band: str
    members: int
    spend: str
    draft_points: int
    draft_cost: str
    compared_points: int
    compared_cost: str


@dataclass(frozen=True, slots=True)
class SegmentResult:
    """One segment as it stands today: its members with orders, and what each side costs for them.

    The cost of points is what is owed to them while nothing is spent.
    """

    segment_id: str
    members: int
    spend: str
    draft_cost: str
    compared_cost: str


@dataclass(frozen=True, slots=True)
class MoverResult:
    """Members who would hold another tier: from the one under the compared to that under the draft; some of them."""

    before: str
    after: str
    customer_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MemberResult:
    """What one customer gets under each side, in points of all currencies together."""

    customer_id: str
    draft_points: int
    compared_points: int

    @property
    def difference(self) -> int:
        """Return how many points more the draft gives."""
        return self.draft_points - self.compared_points


@dataclass(frozen=True, slots=True)
class RehearsalResult:
    """A draft beside the version in force (None: nothing was in force), over the same orders.

    extra_cost: what the draft costs more on orders that it gives more for; all of them were made without it, so it is
    the discount given away to what is bought anyway. break_even_sales: the further sales that would earn it back at
    `margin` (profit ÷ sales, of lines with a known cost), None where no cost is known. changed_tiers: [tier under the
    compared, tier under the draft, members]; gaining, losing: members who get more or fewer points.
    """

    currency: str
    orders: int
    lines: int
    members: int
    sales: str
    draft: SideResult
    compared: SideResult | None
    bands: tuple[BandResult, ...] = ()
    gainers: tuple[MemberResult, ...] = ()
    losers: tuple[MemberResult, ...] = ()
    changed_tiers: tuple[tuple[str, str, int], ...] = ()
    movers: tuple[MoverResult, ...] = ()
    gaining: int = 0
    losing: int = 0
    segments: tuple[SegmentResult, ...] = ()
    extra_cost: str = "0"
    break_even_sales: str | None = None
    margin: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "RehearsalResult":
        """Return the result that `to_json` wrote."""
        found = dict(raw)
        found["draft"] = _side(found["draft"])
        found["compared"] = _side(found["compared"]) if found["compared"] else None
        found["bands"] = tuple(BandResult(**one) for one in found["bands"])
        for name in ("gainers", "losers"):
            found[name] = tuple(MemberResult(**one) for one in found[name])
        found["segments"] = tuple(SegmentResult(**one) for one in found.get("segments", ()))
        found["movers"] = tuple(
            MoverResult(one["before"], one["after"], tuple(one["customer_ids"])) for one in found.get("movers", ())
        )
        found["changed_tiers"] = tuple((before, after, count) for before, after, count in found["changed_tiers"])
        return cls(**found)


def _side(raw: Mapping[str, Any]) -> SideResult:
    found = dict(raw)
    found["rules"] = tuple(RuleResult(**one) for one in found["rules"])
    found["budgets"] = tuple(BudgetResult(**one) for one in found["budgets"])
    found["moves"] = tuple((before, after, count) for before, after, count in found["moves"])
    return SideResult(**found)
