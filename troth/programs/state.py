"""Where a member stands at the moment of an order: all that rules know besides the order. Stored with the order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class MemberState:
    """A member just before an order or event; JSON-ready, without personal data.

    answers: whether each comparison over the customer holds, by `conditions.answer_key`; segments: ids of those
    that rules ask for; counters: by key, missing is 0; left: what shared budgets have left by key, missing is
    everything; order_count: orders before this one; days: since joining and since the last order, None before it.
    """

    tier: str = ""
    answers: Mapping[str, bool] = field(default_factory=dict)
    segments: tuple[str, ...] = ()
    birthday: tuple[str, ...] = ()  # of "day", "week", "month": in which the person's birthday falls
    counters: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)
    badges: tuple[str, ...] = ()
    order_count: int = 0
    joined_days: int = 0
    last_order_days: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values; what is empty is left out."""
        found: dict[str, Any] = {name: value for name in _FIELDS if (value := getattr(self, name))}
        if self.last_order_days is not None:  # 0 is today, which is not never
            found["last_order_days"] = self.last_order_days
        return found

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "MemberState":
        """Return the state that `to_json` wrote."""
        found = dict(raw)
        for key in ("segments", "birthday", "badges"):
            found[key] = tuple(found.get(key, ()))
        return cls(**found)


_FIELDS = (
    "tier", "answers", "segments", "birthday", "counters", "left", "badges", "order_count", "joined_days",
)  # fmt: skip
