"""What texts of messages may say of a member's tier, registered with messaging.

Of the programme with a ladder that was made first: most companies have one. A text about another gets its figures as
facts of the message.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from troth.customers import queries as customers
from troth.kit.money import SCALE
from troth.messaging import templates
from troth.messaging.templates import Fact, FactProvider, Reader

from . import queries
from .models import Membership
from .naming import shown
from .standing import Standing
from .tiers import Figures
from .versions import Version

FACTS = (
    Fact("tier", _("Tier"), example="Gold", example_zh="金卡"),
    Fact("next_tier", _("Next tier"), example="Diamond", example_zh="钻石卡"),
    Fact("tier_spend_missing", _("Amount still to spend to the next tier"), "number", Decimal("320"), Decimal("320")),
    Fact("tier_points_missing", _("Points still to earn to the next tier"), "number", 320, 320),
    Fact("tier_visits_missing", _("Visits still to go to the next tier"), "number", 2, 2),
    Fact("tier_until", _("Day on which the tier is reviewed"), "day", date(2026, 12, 31), date(2026, 12, 31)),
)


def register() -> None:
    """Tell messaging what is known of tiers."""
    templates.register_facts(FactProvider("programs", FACTS, known))


def known(readers: Sequence[Reader], wanted: Collection[str], now: datetime) -> list[dict[str, Any]]:
    """Return the facts of those readers who are members; a handful of queries for all of them together."""
    version = _version(now)
    if version is None:
        return [{} for _reader in readers]
    owners = sorted({reader.customer_id for reader in readers}, key=str)
    seekers = [queries.question(version, owner, now) for owner in owners]
    members = _members(version, owners)
    asked = [seeker for seeker in seekers if seeker.owner_id in members]
    standings = queries.standings(asked) if asked else []
    found = {seeker.owner_id: one for seeker, one in zip(asked, standings, strict=True)}
    return [
        _facts(version, found[reader.customer_id], reader.language) if reader.customer_id in found else {}
        for reader in readers
    ]


def _version(now: datetime) -> Version | None:
    """Return the version in force of the first programme that has a ladder."""
    for programme in queries.programmes().order_by("created_at", "id"):
        version = queries.version_at(programme.id, now)
        if version is not None and version.ladder is not None:
            return version
    return None


def _members(version: Version, owners: Sequence[UUID]) -> set[UUID]:
    """Return which of the customers joined, by whichever of their records."""
    groups = customers.record_groups(owners)
    records = {record: owner for owner, group in groups.items() for record in group}
    joined = Membership.objects.filter(programme_id=version.programme_id, owner_id__among=set(records))
    return {records[record] for record in joined.values_list("owner_id", flat=True)}


def _facts(version: Version, standing: Standing, language: str) -> dict[str, Any]:
    tiers = version.compiled.document.tiers
    assert tiers is not None, "only programmes with a ladder are asked"
    with translation.override(language or None):
        names = {tier.code: shown(tier.name) for tier in tiers.ladder}
    values: dict[str, Any] = {
        "tier": names.get(standing.tier, ""),
        "next_tier": names.get(standing.next_tier, ""),
        "tier_until": standing.review_date,
        **_missing(standing.missing_to_reach),
    }
    return {code: value for code, value in values.items() if value not in (None, "")}


def _missing(ways: Sequence[Figures]) -> dict[str, Any]:
    """Return what is missing on each way that asks for one figure alone: a sentence can say only such a one."""
    found: dict[str, Any] = {}
    for way in ways:
        left = [(code, figure) for code, figure in zip(("points", "spend", "visits"), way, strict=True) if figure]
        if len(left) == 1:
            ((code, figure),) = left
            amount = Decimal(figure) / SCALE if code == "spend" else figure
            name = f"tier_{code}_missing"
            found[name] = min(amount, found.get(name, amount))
    return found
