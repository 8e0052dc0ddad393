"""Where a member stands: the tier, what counts in the window, what is missing to reach and to keep one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from .standings import Member
from .tiers import Figures


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a member stands afterwards. figures: of the current window; missing: one way of several each.

    next_tier: above the earned and the granted one, "" at the top; missing_to_keep: until `review_date`, empty where it
    is safe; where a higher tier is granted, to have that one when the grant ends; counts_visits: whether any tier asks.
    """

    tier: str
    tier_before: str
    figures: Figures
    next_tier: str
    missing_to_reach: tuple[Figures, ...]
    missing_to_keep: tuple[Figures, ...]
    review_date: date | None
    granted_until: datetime | None
    counts_visits: bool

    def to_json(self) -> list[Any]:
        """Return plain JSON values, briefly: one is stored with every order."""
        return [
            self.tier,
            self.tier_before,
            self.figures,
            self.next_tier,
            self.missing_to_reach,
            self.missing_to_keep,
            None if self.review_date is None else self.review_date.isoformat(),
            None if self.granted_until is None else self.granted_until.isoformat(),
            self.counts_visits,
        ]

    @classmethod
    def from_json(cls, raw: Sequence[Any]) -> "Standing":
        """Return the standing that `to_json` wrote."""
        tier, before, figures, above, to_reach, to_keep, review_date, granted_until, counts_visits = raw
        return cls(
            tier=tier,
            tier_before=before,
            figures=Figures(*figures),
            next_tier=above,
            missing_to_reach=tuple(Figures(*one) for one in to_reach),
            missing_to_keep=tuple(Figures(*one) for one in to_keep),
            review_date=None if review_date is None else date.fromisoformat(review_date),
            granted_until=None if granted_until is None else datetime.fromisoformat(granted_until),
            counts_visits=counts_visits,
        )


def standing_of(member: Member, tier_before: str, figures: Figures, kept: Figures, at: datetime) -> Standing:
    """Return where a member stands with these figures of the current window, and what the next review counts."""
    ladder = member.version.ladder
    if ladder is None:
        return Standing("", "", figures, "", (), (), None, None, member.version.compiled.counts_visits)
    held = ladder.higher(member.holding.tier, member.grant_at(at))
    above, index = ladder.next_above(held), ladder.rank(held)
    is_granted = held != member.holding.tier
    keep: tuple[Figures, ...] = ()
    if index >= 0 and (is_granted or member.holding.until):
        step = ladder.steps[index]
        keep = step.reach.missing(figures) if is_granted else step.keep.missing(kept)
    granted = [row.granted_until for row in member.rows if row.granted_until and row.granted_until > at]
    return Standing(
        tier=member.main.tier,
        tier_before=tier_before,
        figures=figures,
        next_tier=above.code if above else "",
        missing_to_reach=above.reach.missing(figures) if above else (),
        missing_to_keep=keep,
        review_date=None if is_granted else member.holding.until,
        granted_until=max(granted, default=None),
        counts_visits=member.version.compiled.counts_visits,
    )
