"""Targets of the demonstration: where its made-up managers want two figures of the real data to be."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import ROUND_UP, Decimal

from troth.access.actors import Actor
from troth.insights import targets
from troth.insights.models import Indicator
from troth.staff import queries as staff

AHEAD = timedelta(days=181)
WANTED: Mapping[Indicator, tuple[Decimal, Decimal]] = {  # times what it is, rounded up to
    Indicator.ACTIVE: (Decimal("1.03"), Decimal(10)),
    Indicator.INDEX: (Decimal("1.05"), Decimal(1)),
}
REASONS = {
    "en": ("Made up: fewer leave since the journeys run", "Made up: more of them answer the yearly survey"),
    "zh": ("虚构：旅程上线后流失减少", "虚构：更多会员填写年度问卷"),
}


def fill(actor: Actor, now: datetime, language: str) -> None:
    """Set the targets that are not there yet and that an analysis has told; done again, it adds nothing."""
    today = staff.company().today(now)
    there = {one.target.indicator for one in targets.progress(today=today)}
    reasons = REASONS["zh" if language.startswith("zh") else "en"]
    for (indicator, (times, step)), reason in zip(WANTED.items(), reasons, strict=True):
        told = targets.series(indicator)
        if indicator in there or not told:
            continue
        goal = (told[-1][1] * times / step).to_integral_value(ROUND_UP) * step
        targets.set_target(actor=actor, now=now, indicator=indicator, goal=goal, due_date=today + AHEAD, reason=reason)
