"""What an evaluation says: awards, why each rule did or did not fire, and what all of it draws on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple


class AwardKind(StrEnum):
    """What a member gets."""

    POINTS = "points"  # an earn in a point currency: points, cashback, stamps of the ledger
    STAMPS = "stamps"
    COUPON = "coupon"
    TIER_POINTS = "tier_points"  # count for the tier only
    BADGE = "badge"


class Draw(NamedTuple):
    """What an award takes from a shared budget: so much for every unit of the award, and so much once."""

    key: str
    per_unit: int
    once: int

    def needs(self, amount: int) -> int:
        """Return what an award of this amount takes."""
        return self.per_unit * amount + self.once if amount else 0

    def allows(self, left: int) -> int | None:
        """Return the largest award that so much pays for, None if any."""
        if left < self.once:
            return 0
        return (left - self.once) // self.per_unit if self.per_unit else None


class Award(NamedTuple):
    """What one rule, challenge or streak gives.

    currency: point currency's code, for points and stamps; reference: the coupon campaign's or badge's code;
    lines: (line number, points) where the award comes from lines, adding up to the amount; pending_days,
    awaits_event, expires_days: what the member is promised (with an event, pending_days is how long it may take, 0 for
    ever); unit_cost: ten-thousandths of money per unit, None where the programme states none; is_whole: given entirely
    or not at all when a budget runs short; draws: what it takes from shared budgets.
    """

    rule: str
    kind: AwardKind
    amount: int
    currency: str = ""
    reference: str = ""
    lines: tuple[tuple[int, int], ...] = ()
    pending_days: int = 0
    awaits_event: str = ""
    expires_days: int = 0
    unit_cost: int | None = None
    counts_for_tier: bool = False
    is_whole: bool = False
    draws: tuple[Draw, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values; what is empty is left out."""
        found: dict[str, Any] = {"rule": self.rule, "kind": str(self.kind), "amount": self.amount}
        for key in _OPTIONAL:
            value = getattr(self, key)
            if value not in ("", (), 0, None, False):
                found[key] = [list(one) for one in value] if key in ("lines", "draws") else value
        return found

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Award":
        """Return the award that `to_json` wrote."""
        found = dict(raw)
        found["kind"] = AwardKind(found["kind"])
        found["lines"] = tuple((line_no, amount) for line_no, amount in found.get("lines", ()))
        found["draws"] = tuple(Draw(*one) for one in found.get("draws", ()))
        return cls(**found)


_OPTIONAL = (
    "currency", "reference", "lines", "pending_days", "awaits_event", "expires_days", "unit_cost",
    "counts_for_tier", "is_whole", "draws",
)  # fmt: skip


class Reason(StrEnum):
    """Why a rule fired, or did not."""

    FIRED = "fired"
    CAPPED = "capped"  # fired, with less than it would give
    OTHER_HAPPENING = "other_happening"  # the rule is about something else; not listed
    CURRENCY = "currency"
    NOT_VALID = "not_valid"  # outside its days
    CONDITION = "condition"
    NO_LINES = "no_lines"
    NOTHING_DUE = "nothing_due"  # too little for one point, or nothing to multiply
    NOT_NTH = "not_nth"
    CAP_REACHED = "cap_reached"
    BUDGET_EXHAUSTED = "budget_exhausted"
    BETTER_RULE = "better_rule"
    EARLIER_RULE = "earlier_rule"
    EXCLUSIVE_RULE = "exclusive_rule"
    NOT_YET = "not_yet"  # a challenge or streak that has further to go
    DONE = "done"  # a challenge or streak reached before; a badge held already


_NO_VALUES: Mapping[str, Any] = MappingProxyType({})


class RuleOutcome(NamedTuple):
    """Whether a rule fired and why, with the values that decided: a comparison, a cap, the rule that won."""

    rule: str
    reason: Reason
    amount: int = 0
    values: Mapping[str, Any] = _NO_VALUES

    @property
    def has_fired(self) -> bool:
        """Tell whether the rule gave something."""
        return self.reason in (Reason.FIRED, Reason.CAPPED)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        found: dict[str, Any] = {"rule": self.rule, "reason": str(self.reason)}
        if self.amount:
            found["amount"] = self.amount
        if self.values:
            found["values"] = dict(self.values)
        return found

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "RuleOutcome":
        """Return the outcome that `to_json` wrote."""
        return cls(raw["rule"], Reason(raw["reason"]), raw.get("amount", 0), raw.get("values", {}))


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything one order or event brings. eligible_amount, tier_spend: ten-thousandths of money.

    counters: what it adds to the member's counters; budgets: what it draws on shared budgets, and their sizes.
    """

    awards: tuple[Award, ...]
    outcomes: tuple[RuleOutcome, ...]
    eligible_amount: int = 0
    tier_points: int = 0
    tier_spend: int = 0
    tier_visits: int = 0
    orders: int = 0
    counters: Mapping[str, int] = field(default_factory=dict)
    budgets: Mapping[str, int] = field(default_factory=dict)
    budget_sizes: Mapping[str, int] = field(default_factory=dict)

    @property
    def points(self) -> Mapping[str, int]:
        """Return the points by currency, stamps among them."""
        found: dict[str, int] = {}
        for award in self.awards:
            if award.kind in (AwardKind.POINTS, AwardKind.STAMPS):
                found[award.currency] = found.get(award.currency, 0) + award.amount
        return found


NOTHING = Evaluation((), ())


@dataclass(frozen=True, slots=True)
class Difference:
    """What a second evaluation brings more than a first; negative is less. Given: awards that are new, gone or changed.

    awards: (award, by how much): the award of the second evaluation, or of the first where it is gone.
    """

    awards: tuple[tuple[Award, int], ...]
    tier_points: int
    tier_spend: int
    tier_visits: int
    orders: int
    counters: Mapping[str, int]
    budgets: Mapping[str, int]
    badges_added: tuple[str, ...]
    badges_removed: tuple[str, ...]


def difference(before: Evaluation, after: Evaluation) -> Difference:
    """Return what `after` brings more than `before`, in everything that an evaluation touches."""
    awards = _award_differences(before.awards, after.awards)
    badges = [(award.reference, by) for award, by in awards if award.kind is AwardKind.BADGE]
    return Difference(
        awards=tuple(awards),
        tier_points=after.tier_points - before.tier_points,
        tier_spend=after.tier_spend - before.tier_spend,
        tier_visits=after.tier_visits - before.tier_visits,
        orders=after.orders - before.orders,
        counters=_subtracted(after.counters, before.counters),
        budgets=_subtracted(after.budgets, before.budgets),
        badges_added=tuple(badge for badge, by in badges if by > 0),
        badges_removed=tuple(badge for badge, by in badges if by < 0),
    )


def _award_differences(before: tuple[Award, ...], after: tuple[Award, ...]) -> list[tuple[Award, int]]:
    old = {(award.rule, award.kind, award.currency, award.reference): award for award in before}
    new = {(award.rule, award.kind, award.currency, award.reference): award for award in after}
    found = []
    for key in dict.fromkeys([*old, *new]):
        by = (new[key].amount if key in new else 0) - (old[key].amount if key in old else 0)
        if by:
            found.append((new.get(key) or old[key], by))
    return found


def _subtracted(some: Mapping[str, int], others: Mapping[str, int]) -> dict[str, int]:
    found = {key: some.get(key, 0) - others.get(key, 0) for key in dict.fromkeys([*some, *others])}
    return {key: value for key, value in found.items() if value}
